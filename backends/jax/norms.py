"""The class `BatchNorm` of a file: Flax's layer with PyTorch's running statistics.

Attributes on which all layers of the file agree stand in the class, others are its parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.expressions import ExpressionPrinter
from resdsl.codegen.python.layout import INDENT, Doc, Group, Keyword, flat, layout
from resdsl.codegen.python.module import docstring
from resdsl.codegen.python.operations import initial, shared
from resdsl.codegen.python.target import FileUses, Scribe
from resdsl.expressions.nodes import Expr, Literal
from resdsl.expressions.simplify import is_literal, value_of
from resdsl.ops import Constant, Initializer
from resdsl.ops.norm import BatchNorm
from resdsl.records import dataclass

from .functions import RNGS
from .initial_values import vector_init

#: What an attribute is in one use of the operation.
Value: TypeAlias = Expr | Initializer


@dataclass(frozen=True, slots=True)
class _Option:
    """An attribute of the language and the keyword for it; `native` is what Flax calls it."""

    attribute: str
    keyword: str
    annotation: str
    #: The language's default.
    start: Value
    #: What Flax takes unless told otherwise; `None` where it must be told.
    default: str | None
    native: tuple[str, ...]


_START = "nnx.initializers.Initializer"
_OPTIONS = (
    _Option("momentum", "momentum", "float", Literal(0.1), None, ("momentum",)),
    _Option("eps", "epsilon", "float", Literal(1e-5), "1e-05", ("epsilon",)),
    _Option("affine", "affine", "bool", Literal(True), "True", ("use_scale", "use_bias")),
    _Option("variance", "unbiased", "bool", Literal("unbiased"), "True", ()),
    _Option("init", "scale_init", _START, Constant(1.0), "nnx.initializers.ones", ("scale_init",)),
    _Option(
        "bias_init", "bias_init", _START, Constant(0.0), "nnx.initializers.zeros", ("bias_init",)
    ),
)


class BatchNorms:
    """The batch norms of one file."""

    def __init__(self, layers: Sequence[OpLayer]) -> None:
        self.ops = [x.op for x in layers if x.op.kind is BatchNorm]
        values = {o: {_value(op, o) for op in self.ops} for o in _OPTIONS}
        self.varying = [o for o, seen in values.items() if not _agreed(seen)]

    def call(self, layer: OpLayer, scribe: Scribe) -> Doc:
        """`BatchNorm(width, rngs=rngs)`"""
        channels = scribe.text(layer.channels)
        items: list[Doc] = [channels]
        for option in self.varying:
            value = _value(layer.op, option)
            if value != option.start:
                items.append(Keyword(option.keyword, _text(value, option, channels, scribe)))
        return Group("BatchNorm(", (*items, RNGS))

    def source(self, uses: FileUses) -> list[str]:
        """The definition of the class."""
        uses.imports |= {"import jax.numpy as jnp", "from jax import Array"}
        return [
            "class BatchNorm(nnx.BatchNorm):",
            *self._docstring(),
            "",
            *self._constructor(uses),
            "",
            *self._forward(),
        ]

    def _is(self, keyword: str, value: bool | str) -> bool:
        """Whether all layers have this value of an attribute."""
        option = next(o for o in _OPTIONS if o.keyword == keyword)
        return option not in self.varying and _value(self.ops[0], option) == Literal(value)

    def _docstring(self) -> list[str]:
        text = "Flax's batch norm with the statistics of PyTorch's: in two passes"
        if not self._is("unbiased", "population"):
            text += ", and with n - 1 under the running variance"
        return docstring(f"{text}.", 1)

    def _constructor(self, uses: FileUses) -> list[str]:
        scribe = Scribe(uses, ExpressionPrinter(uses.note), str)
        items: list[Doc] = ["self", "channels: int"]
        arguments: list[Doc] = ["channels"]
        for option in _OPTIONS:
            if option in self.varying:
                start = flat(_text(option.start, option, "channels", scribe))
                items.append(f"{option.keyword}: {option.annotation} = {start}")
                arguments += [Keyword(name, option.keyword) for name in option.native]
                continue
            text = _text(_value(self.ops[0], option), option, "channels", scribe)
            if text != option.default:
                arguments += [Keyword(name, text) for name in option.native]
        signature = Group("__init__(", (*items, "*", "rngs: nnx.Rngs"), ") -> None:")
        lines = layout(signature, 1, "def ")
        lines += layout(Group("super().__init__(", (*arguments, RNGS)), 2)
        if any(o.keyword == "unbiased" for o in self.varying):
            lines.append(f"{INDENT * 2}self.unbiased = unbiased")
        return lines

    def _forward(self) -> list[str]:
        population = self._is("unbiased", "population")
        factor = " * n / (n - 1)"
        if any(o.keyword == "unbiased" for o in self.varying):
            factor = " * (n / (n - 1) if self.unbiased else 1)"
        count = [] if population else ["n = x.size // x.shape[-1]"]
        training = [
            "axes = tuple(range(x.ndim - 1))",
            "mean, var = x.mean(axes, mean.dtype), x.var(axes, var.dtype)",
            *count,
            "old, new = self.momentum, 1 - self.momentum",
            "self.mean[...] = old * self.mean[...] + new * mean",
            f"self.var[...] = old * self.var[...] + new * var{'' if population else factor}",
        ]
        lines = [
            "mean, var = self.mean[...], self.var[...]",
            "if not self.use_running_average:",
            *(INDENT + line for line in training),
            *self._result(),
        ]
        return [
            f"{INDENT}def __call__(self, x: Array) -> Array:",
            *(INDENT * 2 + line for line in lines),
        ]

    def _result(self) -> list[str]:
        # In bfloat16 as it came; what it is computed with is float32.
        lines = ["y = (x - mean) / jnp.sqrt(var + self.epsilon)"]
        affine = "y * self.scale[...] + self.bias[...]"
        if self._is("affine", True):
            return [*lines, f"return ({affine}).astype(x.dtype)"]
        if not self._is("affine", False):
            lines.append(f"y = {affine} if self.use_scale else y")
        return [*lines, "return y.astype(x.dtype)"]


def _value(op: SymbolicOp, option: _Option) -> Value:
    """An attribute; where it must be one value in all uses, that value."""
    if option.annotation == _START:
        return initial(op, option.attribute)
    if option.attribute == "variance":
        return Literal(shared(op, "variance"))
    return op.attributes[option.attribute]


def _agreed(values: set[Value]) -> bool:
    value = next(iter(values), None)
    constant = isinstance(value, Initializer) or (value is not None and is_literal(value))
    return len(values) == 1 and constant


def _text(value: Value, option: _Option, channels: str, scribe: Scribe) -> Doc:
    """A value as Flax is given it."""
    if isinstance(value, Initializer):
        return vector_init(value, channels, scribe.uses)
    if option.keyword == "momentum":
        return _kept(value, scribe)
    if option.keyword == "unbiased":
        return repr(value == Literal("unbiased"))
    return scribe.text(value)


def _kept(momentum: Expr, scribe: Scribe) -> str:
    """The share of the old statistics, which is Flax's momentum; the language's is the rest."""
    if is_literal(momentum):
        return repr(float(1 - Decimal(repr(value_of(momentum)))))
    return f"1 - {scribe.atom(momentum)}"
