"""`conv` and `linear` of a file: functions that hold what its layers have in common.

As `defaults` in a `.res` file, they say once that there is no bias, or how weights start, so that
the model's own lines say only what is different from layer to layer.
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword, layout
from resdsl.codegen.python.module import docstring
from resdsl.codegen.python.operations import (
    Padding,
    are_alike,
    as_given,
    channel_counts,
    each,
    family,
    is_one,
    is_one_number,
    is_standardized,
    nested,
    one_or_each,
    padding,
    rank,
    shared,
    tuple_of,
)
from resdsl.codegen.python.target import FileUses, Scribe
from resdsl.expressions.nodes import Expr, Literal
from resdsl.expressions.simplify import fold_binary

from .initial_values import Fans
from .prelude import HELPERS
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
    """The convolutions of one file, or its transposed ones."""

    #: The function, and the class of Flax whose layers it makes.
    name, made, words = "conv", "nnx.Conv", "A convolution as this network has them"

    def __init__(self, layers: Sequence[OpLayer]) -> None:
        self.layers = [layer for layer in layers if family(layer.op) == self.name]
        self.starts = Starts(self.name, self.layers)
        ops = [layer.op for layer in self.layers]
        self.ranks = {rank(op) for op in ops}
        #: Whether one number says what a kernel is: its rank too.
        self.square = len(self.ranks) == 1 and all(are_alike(each(op, "kernel")) for op in ops)
        self.strides = any(not is_one(op, "stride") for op in ops)
        self.dilates = any(not is_one(op, "dilation") for op in ops)
        self.pads = any(not self.padding(op).is_none for op in ops)
        self.groups = any(channel_counts(layer)[1] != ONE for layer in self.layers)
        #: By what kernels are standardized; `None` where they are not.
        self.eps = {_standardized(op) for op in ops}

    def call(self, layer: OpLayer, scribe: Scribe) -> Doc:
        """`conv(64, 64, 3, padding=1, rngs=rngs)`"""
        op = layer.op
        kernel = (one_or_each if self.square else tuple_of)(each(op, "kernel"), scribe.text)
        out, groups = channel_counts(layer)
        items: list[Doc] = [scribe.text(layer.channels), scribe.text(out), kernel]
        if not is_one(op, "stride"):
            items.append(Keyword("stride", as_given(op, "stride", scribe.text)))
        pads = self.padding(op)
        if not pads.is_none:
            items.append(Keyword("padding", _padding(pads, scribe)))
        if not is_one(op, "dilation"):
            items.append(Keyword("dilation", as_given(op, "dilation", scribe.text)))
        if groups != ONE:
            items.append(Keyword("groups", scribe.text(groups)))
        if len(self.eps) > 1 and _standardized(op) is not None:
            items.append(Keyword("standardize", repr(_standardized(op))))
        starts = self.starts.given(op, self._own_fans(layer, scribe), scribe)
        return Group(f"{self.name}(", (*items, *starts, RNGS))

    def source(self, uses: FileUses) -> list[str]:
        """The definition of the function."""
        area = "math.prod(kernel)"
        if self.square:
            area = "kernel" if self.ranks == {1} else f"kernel**{max(self.ranks)}"
        fans = self._fans("in_channels", "out", "groups" if self.groups else None, area)
        before, starts = self.starts.before(fans, uses), self.starts.arguments(uses)
        if "math.prod" in f"{before}{starts}":
            uses.imports.add("import math")
        windows = [*self._window_arguments(), *self._standardizing(uses)]
        arguments = ["in_channels", "out", self._kernel(), *windows, *starts]
        return _definition(
            (self.name, self.made, self.words),
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

    def padding(self, op: SymbolicOp) -> Padding:
        """What a layer pads."""
        return padding(op)

    def _own_fans(self, layer: OpLayer, scribe: Scribe) -> Fans:
        """The fans of one layer, in its own terms."""
        area = " * ".join(map(scribe.atom, each(layer.op, "kernel")))
        out, groups = channel_counts(layer)
        divided = None if groups == ONE else scribe.atom(groups)
        return self._fans(scribe.atom(layer.channels), scribe.atom(out), divided, area)

    def _fans(self, channels: str, out: str, groups: str | None, area: str) -> Fans:
        inputs = channels if groups is None else f"{channels} // {groups}"
        return Fans(area if channels == groups else f"{inputs} * {area}", f"{out} * {area}")

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
        if len(self.eps) > 1:
            found.append("standardize: float | None = None")
        return found

    def _window_arguments(self) -> list[Doc]:
        found = [Keyword("strides", "stride")] if self.strides else []
        # Flax would pad to keep the size.
        found.append(Keyword("padding", "padding" if self.pads else "0"))
        found += [Keyword("kernel_dilation", "dilation")] if self.dilates else []
        return [*found, *self._more_arguments()]

    def _more_arguments(self) -> list[Doc]:
        """What only this kind of convolution has."""
        return [Keyword("feature_group_count", "groups")] if self.groups else []

    def _standardizing(self, uses: FileUses) -> list[Doc]:
        """How kernels are standardized: by a convolution function of the file's own."""
        if self.eps == {None}:
            return []
        uses.helpers.add("standardized_conv")
        function = "standardized_conv"
        if self.eps != {1e-8}:
            uses.imports.add("from functools import partial")
            (eps,) = self.eps if len(self.eps) == 1 else ("standardize",)
            function = f"partial(standardized_conv, eps={eps})"
        if len(self.eps) > 1:
            uses.imports.add("from jax import lax")
            function = f"{function} if standardize is not None else lax.conv_general_dilated"
        return [Keyword("conv_general_dilated", function)]

    def _numbers(self, name: str) -> str:
        ops = [layer.op for layer in self.layers]
        single = all(is_one_number(op, name) for op in ops)
        return "int" if single else f"int | {self._tuple('int')}"

    def _tuple(self, inner: str) -> str:
        """The type of a tuple with an entry for each dimension."""
        count = max(self.ranks) if len(self.ranks) == 1 else 0
        return f"tuple[{', '.join([inner] * count or [inner, '...'])}]"

    def _paddings(self) -> str:
        forms = [self.padding(layer.op).sides for layer in self.layers]
        uneven = any(sides is not None and len(set(sides)) > 1 for sides in forms)
        text = f"int | {self._tuple('tuple[int, int]')}" if uneven else "int"
        return f"{text} | str" if None in forms else text


class ConvTransposes(Convs):
    """The transposed convolutions of one file."""

    name, made = "conv_transpose", "nnx.ConvTranspose"
    words = "A transposed convolution as this network has them"

    def padding(self, op: SymbolicOp) -> Padding:
        """What Flax pads: zeros around the input with its stride in it, which PyTorch's padding
        takes away from all that a kernel reaches."""
        sides: list[Expr] = []
        numbers = (each(op, n) for n in ("kernel", "dilation", "pad", "output_pad"))
        for kernel, dilation, pad, more in zip(*numbers, strict=True):
            reach = fold_binary("*", dilation, fold_binary("-", kernel, ONE))
            before = fold_binary("-", reach, pad)
            sides += [before, fold_binary("+", before, more)]
        return Padding(tuple(sides))

    def _fans(self, channels: str, out: str, groups: str | None, area: str) -> Fans:
        outputs = out if groups is None else f"{out} // {groups}"
        return Fans(f"{outputs} * {area}", f"{channels} * {area}")

    def source(self, uses: FileUses) -> list[str]:
        if not self.groups:
            return super().source(uses)
        self.made = "GroupedConvTranspose"
        own = HELPERS[self.made]
        uses.imports |= set(own.needs)
        return [*own.lines, "", "", *super().source(uses)]

    def _more_arguments(self) -> list[Doc]:
        if self.groups:
            return [Keyword("groups", "groups")]
        return [Keyword("transpose_kernel", "True")]


def _standardized(op: SymbolicOp) -> float | None:
    return float(shared(op, "standardize_eps")) if is_standardized(op) else None


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
