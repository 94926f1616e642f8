"""How networks look in PyTorch: classes, containers, initial values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resdsl.codegen.lower import Dialect
from resdsl.codegen.plan import ClassPlan, Layer, ModulePlan, OpLayer, SequenceOf, SymbolicOp
from resdsl.codegen.python.layers import asks_for_sequences, layers_of, renamed_attributes
from resdsl.codegen.python.layout import Doc, Group, Keyword, call
from resdsl.codegen.python.operations import family
from resdsl.codegen.python.scalars import is_learned, no_module
from resdsl.codegen.python.target import FileUses, Scribe
from resdsl.expressions.simplify import names_in
from resdsl.ir.graph import Graph

from .initial_values import InitialValues, may_lack_bias, where_given
from .members import MEMBERS
from .prelude import HELPERS, LOAD_WEIGHTS
from .rules import FUNCTIONS, ITEMS, LAYERS

_NAMES = frozenset({"nn", "F", "torch", "Tensor", "math", "Sequence", "partial", "load_weights"})


class TorchTarget:
    """PyTorch source."""

    title = "PyTorch"
    dialect = Dialect(MEMBERS, _NAMES | frozenset(HELPERS))
    module_base = "nn.Module"
    model_base = "nn.Module"
    sequence_base = "nn.Sequential"
    forward_name = "forward"
    model_parameter: tuple[str, str] | None = None
    tensor = "Tensor"
    packs_inputs = False
    extra_parameter: str | None = None
    extra_argument: str | None = None
    channels_first = True

    def prepare(self, plan: ModulePlan, uses: FileUses) -> None:
        self.uses = uses
        self.initial_values = InitialValues(layers_of(plan))
        self.renamed = renamed_attributes(plan)
        uses.imports |= {"from torch import nn"}
        if any(not c.sequence for c in plan.classes):
            uses.imports.add("from torch import Tensor")
        if asks_for_sequences(plan):
            uses.imports.add("from collections.abc import Sequence")

    # ---- layers -----------------------------------------------------------------------------

    def layer(self, layer: OpLayer, scribe: Scribe) -> Doc:
        return LAYERS.find(layer.op.kind)(layer, scribe)

    def item(self, layer: OpLayer, scribe: Scribe) -> Doc:
        own = layer.op.kind.bare_weight
        if own and is_learned(layer.op):
            raise no_module(layer, "PyTorch")
        if layer.op.kind in LAYERS and not own:
            return self._initialized(self.layer(layer, scribe), layer, scribe)
        made = ITEMS.find(layer.op.kind)(layer, scribe) if layer.op.kind in ITEMS else None
        if made is not None:
            return made
        # No module of PyTorch does this: wrap the function. Loop variables are bound at once.
        scribe.uses.helpers.add("Lambda")
        text = self.function(layer.op, ["x"], scribe)
        names = sorted(names_in(tuple(layer.op.attributes.values())))
        given = ", ".join(["x", *(f"{name}={name}" for name in names)])
        return call("Lambda", f"lambda {given}: {text}")

    def _initialized(self, made: Doc, layer: OpLayer, scribe: Scribe) -> Doc:
        """A layer in a sequence with initial values of its own."""
        own = self.initial_values.own(layer.op)
        if not own:
            return made
        scribe.uses.helpers.add("initialized")
        scribe.uses.imports.add("from functools import partial")
        fills = tuple(Keyword(name, fill.as_partial()) for name, fill in own)
        return Group("initialized(", (made, *fills))

    def function(self, op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
        return FUNCTIONS.find(op.kind)(op, arguments, scribe)

    # ---- containers -------------------------------------------------------------------------

    def sequence(self, items: Sequence[Doc]) -> Doc:
        return Group("nn.Sequential(", tuple(items))

    def gathered(self, layer: SequenceOf) -> str:
        return layer.local

    def starred_sequence(self, local: str) -> Doc:
        return f"nn.Sequential(*{local})"

    def super_init(self, items: Sequence[Doc] | str | None) -> Doc | None:
        if isinstance(items, str):
            return f"super().__init__(*{items})"
        return Group("super().__init__(", tuple(items or ()))

    def empty(self) -> str:
        return "nn.Identity()"

    def empty_annotation(self) -> str:
        return ": nn.Module"

    def new_list(self, bare: bool) -> str:
        return "nn.ParameterList()" if bare else "nn.ModuleList()"

    def append_list(self, home: str, bare: bool) -> str:
        return f"{home}.append({self.new_list(bare)})"

    def new_dict(self, bare: bool) -> str:
        return "nn.ParameterDict()" if bare else "nn.ModuleDict()"

    def local_list(self) -> str:
        return "list[nn.Module]"

    def computed_home(self, name: str, made: Doc, layer: Layer) -> Doc:
        bare = isinstance(layer, OpLayer) and layer.bare
        return Group(f"self.{'register_parameter' if bare else 'add_module'}(", (name, made))

    # ---- initial values -----------------------------------------------------------------------

    def after_layer(self, home: str, layer: OpLayer, scribe: Scribe) -> list[str]:
        lines = []
        for name, fill in self.initial_values.own(layer.op):
            statement = fill.call(f"{home}.{name}" if name else home)
            guarded = name == "bias" and may_lack_bias(family(layer.op))
            lines += where_given(f"{home}.bias", statement) if guarded else [statement]
            scribe.uses.helpers |= fill.helpers
        return lines

    def model_epilogue(self, plan: ClassPlan) -> list[str]:
        return self.initial_values.loop(self.uses)

    # ---- the file -----------------------------------------------------------------------------

    def header(self, uses: FileUses) -> list[str]:
        text = [h for name in uses.helpers for h in HELPERS[name].needs]
        imports = uses.imports | set(text)
        standard = _merged(i for i in imports if "torch" not in i and "safetensors" not in i)
        third = [i for i in imports if i.startswith("import torch")]
        names = sorted(
            {i.rpartition(" ")[2] for i in imports if i.startswith("from torch import")},
            key=lambda n: (not n[0].isupper(), n),
        )
        lines = [*standard, *([""] if standard else [])]
        lines += sorted(third, key=lambda i: i.split())
        if any("safetensors" in i for i in imports):
            lines.append("from safetensors.torch import load_file")
        return [*lines, f"from torch import {', '.join(names)}"]

    def prelude(self, uses: FileUses) -> list[str]:
        wanted = [HELPERS[name].source.strip("\n") for name in HELPERS if name in uses.helpers]
        return "\n\n\n".join(wanted).split("\n") if wanted else []

    def epilogue(self, plan: ModulePlan, graph: Graph) -> list[str]:
        if not self.renamed:
            return []
        self.uses.imports.add("from safetensors.torch import load_file")
        return LOAD_WEIGHTS.strip("\n").split("\n")


def _merged(imports: Iterable[str]) -> list[str]:
    """Import lines in order, one for each module."""
    plain: list[str] = []
    members: dict[str, list[str]] = {}
    for line in sorted(imports):
        if line.startswith("from"):
            module, name = line.removeprefix("from ").split(" import ")
            members.setdefault(module, []).append(name)
        else:
            plain.append(line)
    return [
        *plain,
        *(f"from {module} import {', '.join(names)}" for module, names in members.items()),
    ]
