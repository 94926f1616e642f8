"""Where the layers of one kind start: what they share, and what single ones are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import INDENT, Doc, Keyword, flat, layout
from resdsl.codegen.python.operations import initial
from resdsl.codegen.python.target import FileUses, Scribe
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
        #: Whether only some layers have a bias; what is rarer is said at the layer.
        self.chooses_bias = self.has_bias and any(op.attributes["bias"] != TRUE for op in ops)
        self.usual_bias = Literal(2 * sum(op.attributes["bias"] == FALSE for op in ops) <= len(ops))

    @property
    def is_torch(self) -> bool:
        """Whether weight and bias start within the same bounds, as PyTorch has it."""
        return self.weight == self.bias == TORCH_DEFAULT

    # ---- in the call of a function --------------------------------------------------------------

    def given(self, op: SymbolicOp, fans: Fans, scribe: Scribe) -> list[Keyword]:
        """What this layer does not share with the others."""
        found: list[Keyword] = []
        chosen = op.attributes["bias"]
        if self.chooses_bias and chosen != self.usual_bias:
            found.append(Keyword("bias", scribe.text(chosen)))
        weight, bias = initial(op, "init"), initial(op, "bias_init")
        if weight != self.weight:
            found.append(Keyword("kernel_init", self._constant(weight, scribe.uses)))
        if chosen != FALSE and bias != self.bias:
            found.append(Keyword("bias_init", self._bias_start(bias, fans.of(bias), scribe.uses)))
        return found

    # ---- in the function ------------------------------------------------------------------------

    def parameters(self, uses: FileUses) -> list[Doc]:
        """Parameters of the function for what layers do not share."""
        found: list[Doc] = []
        if self.chooses_bias:
            found.append(f"bias: bool = {self.usual_bias.value}")
        if self.weight_varies and self.is_torch:
            found.append(f"kernel_init: {_TYPE} | None = None")
        elif self.weight_varies:
            found.append(f"kernel_init: {_TYPE} = {self._constant(self.weight, uses)}")
        if self.bias_varies and isinstance(self.bias, VarianceScaling):
            found.append(f"bias_init: {_TYPE} | None = None")
        elif self.bias_varies:
            start = flat(self._bias_start(self.bias, "fan", uses))
            found.append(f"bias_init: {_TYPE} = {start}")
        return found

    def before(self, fans: Fans, uses: FileUses) -> list[str]:
        """Statements of the function before it makes the layer."""
        if not isinstance(self.bias, VarianceScaling):
            return []
        lines = [f"fan = {fans.of(self.bias)}"]
        if self.bias == TORCH_DEFAULT:
            simple = fans.fan_in.isidentifier()
            lines = [
                f"bound = {fans.fan_in}**-0.5" if simple else f"bound = ({fans.fan_in}) ** -0.5"
            ]
        lines = [INDENT + line for line in lines]
        if self.is_torch:
            return lines + layout(self._scaled_start(uses), 1, "start = ")
        if self.bias_varies:
            lines += [f"{INDENT}if bias_init is None:"]
            lines += layout(self._scaled_start(uses), 2, "bias_init = ")
        return lines

    def _scaled_start(self, uses: FileUses) -> Doc:
        """The usual bias, by what stands before it in the function."""
        if self.bias == TORCH_DEFAULT:
            return uniform("-bound", "bound", uses)
        return vector_init(self.bias or Constant(0.0), "fan", uses)

    def arguments(self, uses: FileUses) -> list[Doc]:
        """What Flax's layer is told of its bias and its start."""
        found: list[Doc] = []
        if not self.has_bias:
            found.append(Keyword("use_bias", "False"))
        elif self.chooses_bias:
            found.append(Keyword("use_bias", "bias"))
        weight = "kernel_init"
        if self.is_torch:
            weight = "kernel_init or start" if self.weight_varies else "start"
        elif not self.weight_varies:
            weight = self._constant(self.weight, uses)
        found.append(Keyword("kernel_init", weight))
        # Flax's own bias starts at zero.
        if self.has_bias and (self.bias != Constant(0.0) or self.bias_varies):
            found.append(Keyword("bias_init", self._bias_argument(uses)))
        return found

    def _bias_argument(self, uses: FileUses) -> Doc:
        if self.is_torch:
            return "bias_init or start" if self.bias_varies else "start"
        if self.bias_varies:
            return "bias_init"
        return self._scaled_start(uses)

    def _constant(self, weight: Initializer | None, uses: FileUses) -> str:
        assert weight is not None
        return uses.constant(f"{self.kind}_init", flat(weight_init(weight, uses)))

    def _bias_start(self, bias: Initializer | None, fan: str, uses: FileUses) -> Doc:
        """An initializer of biases; one that is the same for all layers is a constant."""
        assert bias is not None
        start = vector_init(bias, fan, uses)
        if isinstance(bias, VarianceScaling) or flat(start).endswith(("zeros", "ones")):
            return start
        return uses.constant(f"{self.kind}_bias_init", flat(start))


def _commonest(values: Iterable[Initializer]) -> tuple[Initializer | None, bool]:
    """The most frequent of the values (the first of several), and whether there are others."""
    counts = Counter(values)
    return max(counts, key=counts.__getitem__, default=None), len(counts) > 1
