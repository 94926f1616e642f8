"""How networks look in Keras 3: classes, containers, and what follows them."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.lower import Dialect
from resdsl.codegen.plan import ClassPlan, Layer, ModulePlan, OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Generator, Group, call, parsed
from resdsl.codegen.python.scalars import is_learned
from resdsl.codegen.python.target import FileUses, Scribe
from resdsl.expressions.simplify import names_in
from resdsl.ir.graph import Graph

from .layer_classes import layer_classes, style_of
from .members import MEMBERS
from .prelude import HELPERS, SIDES
from .rules import FUNCTIONS, ITEMS, LAYERS
from .weights import weights_section

_NAMES = frozenset(
    """
    Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose Dense
    Iterator Sequence keras layers load_file load_weights math
    named_layers named_weights np ops partial save_file save_weights
    """.split()  # noqa: SIM905
)


class KerasTarget:
    """Keras source, channels last."""

    title = "TensorFlow (Keras 3)"
    dialect = Dialect(MEMBERS, _NAMES | frozenset(HELPERS), lazy_channels=True)
    module_base = "layers.Layer"
    model_base = "keras.Model"
    sequence_base = "keras.Sequential"
    forward_name = "call"
    # Without it `fit` runs the model in evaluation mode.
    model_parameter: tuple[str, str] | None = (
        "training=None",
        "  # `fit` asks for it, layers inherit it",
    )
    tensor = ""
    # `fit` hands them over so.
    packs_inputs = True
    extra_parameter: str | None = None
    extra_argument: str | None = None
    channels_first = False

    def prepare(self, plan: ModulePlan, uses: FileUses) -> None:
        self.style = style_of(plan)
        uses.imports |= {
            "from collections.abc import Iterator",
            "import keras",
            "import numpy as np",
            "from keras import layers",
            "from safetensors.numpy import load_file, save_file",
        }
        if any("Sequence[" in q.annotation for c in plan.classes for q in c.parameters):
            uses.imports.add("from collections.abc import Sequence")

    # ---- layers -----------------------------------------------------------------------------

    def layer(self, layer: OpLayer, scribe: Scribe) -> Doc:
        return LAYERS.find(layer.op.kind)(layer, scribe, self.style)

    def item(self, layer: OpLayer, scribe: Scribe) -> Doc:
        constant = layer.op.kind.bare_weight and not is_learned(layer.op)
        if layer.op.kind in LAYERS and not constant:
            return self.layer(layer, scribe)
        made = ITEMS.find(layer.op.kind)(layer, scribe) if layer.op.kind in ITEMS else None
        if made is not None:
            return made
        # No layer of Keras does this: wrap the function. Loop variables are bound at once.
        text = self.function(layer.op, ["x"], scribe)
        names = sorted(names_in(tuple(layer.op.attributes.values())))
        given = ", ".join(["x", *(f"{name}={name}" for name in names)])
        return call("layers.Lambda", parsed(f"lambda {given}: {text}"))

    def function(self, op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
        return FUNCTIONS.find(op.kind)(op, arguments, scribe)

    # ---- containers -------------------------------------------------------------------------

    def sequence(self, items: Sequence[Doc]) -> Doc:
        # Keras builds no `Sequential` that has no layers.
        return Group("keras.Sequential(", (_list(items),)) if items else self.empty()

    def starred_sequence(self, local: str) -> Doc:
        return f"keras.Sequential({local})"

    def super_init(self, items: Sequence[Doc] | str | None) -> Doc | None:
        if items is None:
            return "super().__init__()"
        if isinstance(items, str):
            return Group("super().__init__(", (items,))
        return Group("super().__init__(", (_list(items or [self.empty()]),))

    def empty(self) -> str:
        return "layers.Identity()"

    def empty_annotation(self) -> str:
        return ""

    def new_list(self, bare: bool) -> str:
        return "[]"

    def append_list(self, home: str, bare: bool) -> str:
        return f"{home}.extend([[]])  # a list that is appended is not tracked"

    def new_dict(self, bare: bool) -> str:
        return "{}"

    def local_list(self) -> str:
        return "list[layers.Layer]"

    def computed_home(self, name: str, made: Doc, layer: Layer) -> Doc:
        return Group("setattr(", ("self", name, made))

    def after_layer(self, home: str, layer: OpLayer, scribe: Scribe) -> list[str]:
        return []

    def model_epilogue(self, plan: ClassPlan) -> list[str]:
        return []

    # ---- the file -----------------------------------------------------------------------------

    def header(self, uses: FileUses) -> list[str]:
        imports = uses.imports | {i for name in _wanted(uses) for i in HELPERS[name].imports}
        ours = {i for i in imports if i.startswith(("from collections", "from functools"))}
        names: dict[str, list[str]] = {}
        for line in ours | {i for i in imports if i.startswith("from keras")}:
            _, module, _, name = line.split(" ", 3)
            names.setdefault(module, []).append(name)
        merged = {f"from {m} import {', '.join(sorted(n))}" for m, n in names.items()}
        rest = {i for i in imports if i.startswith(("import ", "from safetensors"))} | merged
        standard = {i for i in rest if i == "import math" or i.startswith(("from c", "from f"))}
        return [*_ordered(standard), "", *_ordered(rest - standard)]

    def prelude(self, uses: FileUses) -> list[str]:
        own = layer_classes(self.style, uses)
        wanted = _wanted(uses)
        if SIDES in wanted:
            wanted.discard("padded")
        sections = {n: h.source.strip("\n") for n, h in HELPERS.items() if n in wanted}
        # The file's own classes may derive from these.
        bases = [sections.pop(name) for name in list(sections) if name.startswith("Exact")]
        text = "\n\n\n".join([*bases, *own, *sections.values()])
        for rank in (1, 2, 3):
            text = text.replace(f"(BASE{rank})", f"({self.style.conv(rank)})")
        return text.split("\n") if text else []

    def epilogue(self, plan: ModulePlan, graph: Graph) -> list[str]:
        shapes = [
            (*(s if isinstance(s, int) else None for s in type_.spatial), type_.channels)
            for type_ in graph.input_types
        ]
        return weights_section(plan, shapes, self.style.weighty)


def _list(items: Sequence[Doc]) -> Doc:
    if len(items) == 1 and isinstance(items[0], Generator):
        return Generator("[", items[0].element, items[0].clauses, "]")
    return Group("[", tuple(items), "]")


def _wanted(uses: FileUses) -> set[str]:
    """The helpers that a file uses, and those that they call."""
    found, pending = set(), set(uses.helpers)
    while pending:
        name = pending.pop()
        found.add(name)
        pending |= set(HELPERS[name].helpers) - found
    return found


def _ordered(imports: set[str]) -> list[str]:
    return sorted(imports, key=lambda i: (i.startswith("from"), i))
