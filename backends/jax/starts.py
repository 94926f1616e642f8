"""Where the layers of one kind start: what they share, and what single ones are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Keyword
from resdsl.codegen.python.operations import initial
from resdsl.codegen.python.target import FileUses
from resdsl.expressions.nodes import Literal
from resdsl.ops import Constant, Initializer, VarianceScaling
from resdsl.ops.initializers import TORCH_DEFAULT

from .initial_values import Fans, uniform, vector_init, weight_init

TRUE, FALSE = Literal(True), Literal(False)
_TYPE = "nnx.initializers.Initializer"


class Starts:
    """The initial values of all convolutions, or of all linear layers, of a file.

    The commonest stand in the function that makes the layers; others are given where they are.
    """

    def __init__(self, kind: str, layers: Sequence[OpLayer]) -> None:
        self.kind = kind
        ops = [layer.op for layer in layers]
        biased = [op for op in ops if op.attributes["bias"] != FALSE]
        self.weight, self.weight_varies = _commonest(initial(op, "init") for op in ops)
        self.bias, self.bias_varies = _commonest(initial(op, "bias_init") for op in biased)
        self.has_bias = bool(biased)
        #: Whether only some layers have a bias, so that each must say.
        self.chooses_bias = any(op.attributes["bias"] != TRUE for op in ops) and self.has_bias

    @property
    def is_torch(self) -> bool:
        """Whether weight and bias start within the same bounds, as PyTorch has it."""
        return self.weight == self.bias == TORCH_DEFAULT

    # ---- in the call of a function --------------------------------------------------------------

    def given(self, op: SymbolicOp, fans: Fans, uses: FileUses) -> list[Keyword]:
        """What this layer does not share with the others."""
        found = []
        weight, bias = initial(op, "init"), initial(op, "bias_init")
        if weight != self.weight:
            found.append(Keyword("kernel_init", self._constant(weight, uses)))
        if op.attributes["bias"] != FALSE and bias != self.bias:
            found.append(Keyword("bias_init", vector_init(bias, fans, uses)))
        return found

    # ---- in the function ------------------------------------------------------------------------

    def parameters(self, uses: FileUses) -> list[Doc]:
        """Parameters of the function for what layers do not share."""
        found: list[Doc] = ["bias: bool = True"] if self.chooses_bias else []
        if self.weight_varies and self.is_torch:
            found.append(f"kernel_init: {_TYPE} | None = None")
        elif self.weight_varies:
            found.append(f"kernel_init: {_TYPE} = {self._constant(self.weight, uses)}")
        if self.bias_varies and isinstance(self.bias, VarianceScaling):
            found.append(f"bias_init: {_TYPE} | None = None")
        elif self.bias_varies and self.bias is not None:
            start = vector_init(self.bias, _NO_FANS, uses)
            found.append(f"bias_init: {_TYPE} = {start}")
        return found

    def bounds(self, fans: Fans, uses: FileUses) -> list[str]:
        """Statements of the function before it makes the layer."""
        if not self.is_torch:
            return []
        simple = fans.fan_in.isidentifier()
        bound = f"{fans.fan_in}**-0.5" if simple else f"({fans.fan_in}) ** -0.5"
        return [f"bound = {bound}", f"start = {uniform('-bound', 'bound', uses)}"]

    def arguments(self, fans: Fans, uses: FileUses) -> list[Doc]:
        """What Flax's layer is told of its bias and its start."""
        found: list[Doc] = []
        if not self.has_bias:
            found.append(Keyword("use_bias", "False"))
        elif self.chooses_bias:
            found.append(Keyword("use_bias", "bias"))
        found.append(Keyword("kernel_init", self._weight_argument(uses)))
        bias = self._bias_argument(fans, uses)
        # Flax's own bias starts at zero.
        return found if bias is None else [*found, Keyword("bias_init", bias)]

    def _weight_argument(self, uses: FileUses) -> str:
        if self.is_torch:
            return "kernel_init or start" if self.weight_varies else "start"
        return "kernel_init" if self.weight_varies else self._constant(self.weight, uses)

    def _bias_argument(self, fans: Fans, uses: FileUses) -> str | None:
        if self.bias is None or (self.bias == Constant(0.0) and not self.bias_varies):
            return None
        scaled = isinstance(self.bias, VarianceScaling)
        if self.bias_varies and not scaled:
            return "bias_init"
        start = "start" if self.is_torch else vector_init(self.bias, fans, uses)
        return f"bias_init or {start}" if self.bias_varies else start

    def _constant(self, weight: Initializer | None, uses: FileUses) -> str:
        assert weight is not None
        return uses.constant(f"{self.kind}_init", weight_init(weight, uses))


#: For initializers that have no use for them.
_NO_FANS = Fans("", "")


def _commonest(values: Iterable[Initializer]) -> tuple[Initializer | None, bool]:
    """The most frequent of the values (the first of several), and whether there are others."""
    counts = Counter(values)
    return max(counts, key=counts.__getitem__, default=None), len(counts) > 1
