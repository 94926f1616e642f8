"""`conv` and `linear` of a file: functions that hold what its layers have in common.

As `defaults` in a `.res` file, they say once that there is no bias, or how weights start, so that
the model's own lines say only what is different from layer to layer.
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer
from resdsl.codegen.python.layout import Doc, Group, Keyword, layout
from resdsl.codegen.python.module import docstring
from resdsl.codegen.python.operations import (
    Padding,
    are_alike,
    as_given,
    each,
    is_one,
    is_one_number,
    nested,
    one_or_each,
    padding,
    rank,
    tuple_of,
)
from resdsl.codegen.python.target import FileUses, Scribe
from resdsl.expressions.nodes import Literal

from .initial_values import Fans
from .starts import Starts

RNGS = "rngs=rngs"
ONE = Literal(1)


class Linears:
    """The linear layers of one file."""

    def __init__(self, layers: Sequence[OpLayer]) -> None:
        self.layers = [layer for layer in layers if layer.op.kind.name == "linear"]
        self.starts = Starts("linear", self.layers)

    def call(self, layer: OpLayer, scribe: Scribe) -> Doc:
        """`linear(512, classes, rngs=rngs)`"""
        items = [scribe.text(layer.channels), scribe.text(layer.op.attributes["out"])]
        more = self.starts.given(layer.op, Fans(*items), scribe)
        return Group("linear(", (*items, *more, RNGS))

    def source(self, uses: FileUses) -> list[str]:
        """The definition of `linear`."""
        fans = Fans("in_channels", "out")
        return _definition(
            ("linear", "nnx.Linear", "A linear layer as this network has them"),
            ["in_channels: int", "out: int", *self.starts.parameters(uses)],
            self.starts.before(fans, uses),
            ["in_channels", "out", *self.starts.arguments(uses)],
            _traits(self.starts),
        )


class Convs:
    """The convolutions of one file."""

    def __init__(self, layers: Sequence[OpLayer]) -> None:
        self.layers = [layer for layer in layers if layer.op.kind.name == "conv"]
        self.starts = Starts("conv", self.layers)
        ops = [layer.op for layer in self.layers]
        self.ranks = {rank(op) for op in ops}
        #: Whether one number says what a kernel is: its rank too.
        self.square = len(self.ranks) == 1 and all(are_alike(each(op, "kernel")) for op in ops)
        self.strides = any(not is_one(op, "stride") for op in ops)
        self.dilates = any(not is_one(op, "dilation") for op in ops)
        self.pads = any(not padding(op).is_none for op in ops)
        self.groups = any(op.attributes["groups"] != ONE for op in ops)

    def call(self, layer: OpLayer, scribe: Scribe) -> Doc:
        """`conv(64, 64, 3, padding=1, rngs=rngs)`"""
        op = layer.op
        kernel = (one_or_each if self.square else tuple_of)(each(op, "kernel"), scribe.text)
        items: list[Doc] = [scribe.text(layer.channels), scribe.text(op.attributes["out"]), kernel]
        if not is_one(op, "stride"):
            items.append(Keyword("stride", as_given(op, "stride", scribe.text)))
        if not padding(op).is_none:
            items.append(Keyword("padding", _padding(padding(op), scribe)))
        if not is_one(op, "dilation"):
            items.append(Keyword("dilation", as_given(op, "dilation", scribe.text)))
        if op.attributes["groups"] != ONE:
            items.append(Keyword("groups", scribe.text(op.attributes["groups"])))
        return Group("conv(", (*items, *self.starts.given(op, _fans(layer, scribe), scribe), RNGS))

    def source(self, uses: FileUses) -> list[str]:
        """The definition of `conv`."""
        area = "math.prod(kernel)"
        if self.square:
            area = "kernel" if self.ranks == {1} else f"kernel**{max(self.ranks)}"
        inputs = "in_channels // groups" if self.groups else "in_channels"
        fans = Fans(f"{inputs} * {area}", f"out * {area}")
        before, starts = self.starts.before(fans, uses), self.starts.arguments(uses)
        if "math.prod" in f"{before}{starts}":
            uses.imports.add("import math")
        arguments = ["in_channels", "out", self._kernel(), *self._window_arguments(), *starts]
        return _definition(
            ("conv", "nnx.Conv", "A convolution as this network has them"),
            [*self._parameters(), *self.starts.parameters(uses)],
            before,
            arguments,
            (["square"] if self.square and self.ranks == {2} else []) + _traits(self.starts),
        )

    def _kernel(self) -> str:
        """The kernel as Flax wants it: a number for each dimension."""
        if not self.square:
            return "kernel"
        return {1: "(kernel,)", 2: "(kernel, kernel)"}.get(max(self.ranks), "(kernel,) * 3")

    def _parameters(self) -> list[Doc]:
        found: list[Doc] = ["in_channels: int", "out: int"]
        found.append("kernel: int" if self.square else f"kernel: {self._tuple('int')}")
        if self.strides:
            found.append(f"stride: {self._numbers('stride')} = 1")
        if self.pads:
            found.append(f"padding: {self._paddings()} = 0")
        if self.dilates:
            found.append(f"dilation: {self._numbers('dilation')} = 1")
        if self.groups:
            found.append("groups: int = 1")
        return found

    def _window_arguments(self) -> list[Doc]:
        found = [Keyword("strides", "stride")] if self.strides else []
        # Flax would pad to keep the size.
        found.append(Keyword("padding", "padding" if self.pads else "0"))
        found += [Keyword("kernel_dilation", "dilation")] if self.dilates else []
        found += [Keyword("feature_group_count", "groups")] if self.groups else []
        return list(found)

    def _numbers(self, name: str) -> str:
        ops = [layer.op for layer in self.layers]
        single = all(is_one_number(op, name) for op in ops)
        return "int" if single else f"int | {self._tuple('int')}"

    def _tuple(self, inner: str) -> str:
        """The type of a tuple with an entry for each dimension."""
        count = max(self.ranks) if len(self.ranks) == 1 else 0
        return f"tuple[{', '.join([inner] * count or [inner, '...'])}]"

    def _paddings(self) -> str:
        forms = [padding(layer.op).sides for layer in self.layers]
        uneven = any(sides is not None and len(set(sides)) > 1 for sides in forms)
        text = f"int | {self._tuple('tuple[int, int]')}" if uneven else "int"
        return f"{text} | str" if None in forms else text


def _fans(layer: OpLayer, scribe: Scribe) -> Fans:
    """The fans of one convolution, in its own terms."""
    a = layer.op.attributes
    area = " * ".join(map(scribe.atom, each(layer.op, "kernel")))
    inputs, out = scribe.atom(layer.channels), scribe.atom(a["out"])
    if a["groups"] != ONE:
        inputs += f" // {scribe.atom(a['groups'])}"
    return Fans(f"{inputs} * {area}", f"{out} * {area}")


def _traits(starts: Starts) -> list[str]:
    """What the layers have in common, in words."""
    found = [] if starts.has_bias else ["without bias"]
    if starts.is_torch:
        found.append("starting as PyTorch's do")
    return found


def _definition(
    name: tuple[str, str, str],
    items: Sequence[Doc],
    before: Sequence[str],
    arguments: Sequence[Doc],
    traits: Sequence[str],
) -> list[str]:
    """A function that makes a layer; `name` is its name, the layer's class, and what it is."""
    function, made, words = name
    text = f"{words}: {', '.join(traits)}." if traits else f"{words}."
    signature = Group(f"{function}(", (*items, "*", "rngs: nnx.Rngs"), f") -> {made}:")
    return [
        *layout(signature, 0, "def "),
        *docstring(text, 1),
        *before,
        *layout(Group(f"{made}(", (*arguments, RNGS)), 1, "return "),
    ]


def _padding(pads: Padding, scribe: Scribe) -> str:
    """One number, or (top, bottom) and (left, right), or XLA's name for TensorFlow's rule."""
    if pads.sides is None:
        return '"SAME"'
    texts = list(map(scribe.text, pads.sides))
    return texts[0] if len(set(texts)) == 1 else nested(pads.sides, scribe.text)
