"""How networks look in Flax NNX: classes, containers, and the functions that make their layers."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.lower import Dialect
from resdsl.codegen.plan import ClassPlan, Layer, ModulePlan, OpLayer, SequenceOf, SymbolicOp
from resdsl.codegen.python.layers import asks_for_sequences, layers_of
from resdsl.codegen.python.layout import Doc, Group
from resdsl.codegen.python.scalars import is_learned, no_module
from resdsl.codegen.python.target import FileUses, Scribe
from resdsl.expressions.simplify import names_in
from resdsl.ir.graph import Graph

from .functions import RNGS, Convs, ConvTransposes, Linears
from .imports import import_lines
from .initial_values import SHIFTED
from .members import MEMBERS
from .norms import BatchNorms
from .prelude import HELPERS, closure
from .rules import APPLICATIONS, FUNCTIONS, LAYERS, Common
from .weights import IMPORTS, epilogue

_NAMES = frozenset(
    {"nnx", "jax", "jnp", "lax", "np", "math", "partial", "rngs", "Array", "Any", "Callable"}
    | {
        "Iterator",
        "Sequence",
        "conv",
        "conv_transpose",
        "linear",
        "BatchNorm",
        "OneKey",
        "named_layers",
    }
    | {"named_weights", "load_weights", "save_weights", "load", "load_file", "save_file"}
)
#: The constants that weights start from.
_CONSTANTS = frozenset(
    f"{kind}{bias}_init{number}"
    for kind in ("conv", "conv_transpose", "linear")
    for bias in ("", "_bias")
    for number in ("", *(f"_{n}" for n in range(2, 10)))
)


class JaxTarget:
    """Flax NNX source."""

    title = "JAX (Flax NNX)"
    dialect = Dialect(MEMBERS, _NAMES | _CONSTANTS | frozenset(HELPERS))
    module_base = "nnx.Module"
    model_base = "nnx.Module"
    sequence_base = "nnx.Sequential"
    forward_name = "__call__"
    model_parameter: tuple[str, str] | None = None
    tensor = "Array"
    packs_inputs = False
    extra_parameter: str | None = "rngs: nnx.Rngs"
    extra_argument: str | None = RNGS
    channels_first = False

    def prepare(self, plan: ModulePlan, uses: FileUses) -> None:
        self.uses = uses
        layers = layers_of(plan)
        self.common = Common(
            Convs(layers), ConvTransposes(layers), Linears(layers), BatchNorms(layers)
        )
        self.has_bare_weights = any(layer.bare for layer in layers)
        self.kinds = {layer.op.kind.name for layer in layers}
        self.has_dropout = any(layer.op.kind.stochastic for layer in layers)
        uses.imports |= {"from flax import nnx", "from jax import Array"}
        if asks_for_sequences(plan):
            uses.imports.add("from collections.abc import Sequence")

    # ---- layers -----------------------------------------------------------------------------

    def layer(self, layer: OpLayer, scribe: Scribe) -> Doc:
        return LAYERS.find(layer.op.kind)(layer, scribe, self.common)

    def item(self, layer: OpLayer, scribe: Scribe) -> Doc:
        own = layer.op.kind.bare_weight
        if own and is_learned(layer.op):
            raise no_module(layer, "Flax")
        if layer.op.kind in LAYERS and not own:
            return self.layer(layer, scribe)
        if layer.op.kind in APPLICATIONS:
            return APPLICATIONS.find(layer.op.kind)(layer.op, scribe).item(scribe)
        # Loop variables are bound at once.
        text = self.function(layer.op, ["x"], scribe)
        names = sorted(names_in(tuple(layer.op.attributes.values())))
        return f"lambda {', '.join(['x', *(f'{name}={name}' for name in names)])}: {text}"

    def function(self, op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
        if op.kind in FUNCTIONS:
            return FUNCTIONS.find(op.kind)(op, arguments, scribe)
        return APPLICATIONS.find(op.kind)(op, scribe).to(arguments[0])

    # ---- containers -------------------------------------------------------------------------

    def sequence(self, items: Sequence[Doc]) -> Doc:
        return Group("nnx.Sequential(", tuple(items))

    def gathered(self, layer: SequenceOf) -> str:
        return layer.local

    def starred_sequence(self, local: str) -> Doc:
        return f"nnx.Sequential(*{local})"

    def super_init(self, items: Sequence[Doc] | str | None) -> Doc | None:
        if items is None:
            return None
        if isinstance(items, str):
            return f"super().__init__(*{items})"
        return Group("super().__init__(", tuple(items))

    def empty(self) -> str:
        # A module from the start: Flax takes none in place of a function or `None`.
        return "nnx.Sequential()"

    def empty_annotation(self) -> str:
        return ""

    def new_list(self, bare: bool) -> str:
        return "nnx.List([])"

    def append_list(self, home: str, bare: bool) -> str:
        return f"{home}.append(nnx.List([]))"

    def new_dict(self, bare: bool) -> str:
        # Split and merged, it forgets the order of its keys; generated code asks for single ones.
        return "nnx.Dict({})"

    def local_list(self) -> str:
        self.uses.imports.add("from collections.abc import Callable")
        return "list[Callable[..., Array]]"

    def computed_home(self, name: str, made: Doc, layer: Layer) -> Doc:
        return Group("setattr(", ("self", name, made))

    # ---- initial values -----------------------------------------------------------------------

    def after_layer(self, home: str, layer: OpLayer, scribe: Scribe) -> list[str]:
        return []

    def model_epilogue(self, plan: ClassPlan) -> list[str]:
        return []

    # ---- the file -----------------------------------------------------------------------------

    def header(self, uses: FileUses) -> list[str]:
        needed = {line for name in closure(uses.helpers) for line in HELPERS[name].needs}
        return import_lines(uses.imports | needed | IMPORTS)

    def prelude(self, uses: FileUses) -> list[str]:
        common = self.common
        made = (
            (common.convs, common.convs.layers),
            (common.transposes, common.transposes.layers),
            (common.norms, common.norms.ops),
            (common.linears, common.linears.layers),
        )
        sources = [maker.source(uses) for maker, used in made if used]
        helpers = {name: HELPERS[name].lines for name in closure(uses.helpers)}
        first = []
        if SHIFTED in helpers:
            # Constants that call it stand below it, not at the head of the file.
            calls = [n for n, value in uses.constants.items() if value.startswith(SHIFTED)]
            constants = [f"{name} = {uses.constants.pop(name)}" for name in calls]
            first = [helpers.pop(SHIFTED), constants]
        sections = ["\n".join(lines) for lines in (*first, *sources, *helpers.values()) if lines]
        return "\n\n\n".join(sections).split("\n") if sections else []

    def epilogue(self, plan: ModulePlan, graph: Graph) -> list[str]:
        return epilogue(
            plan.model.name,
            self.kinds,
            has_dropout=self.has_dropout,
            has_bare_weights=self.has_bare_weights,
        )
