"""What a source backend says beside its emit rules, and the state of one file being written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from resdsl.codegen.lower import Dialect
from resdsl.codegen.plan import ClassPlan, Layer, ModulePlan, OpLayer, SequenceOf, SymbolicOp
from resdsl.codegen.python.expressions import ExpressionPrinter, Naming
from resdsl.codegen.python.layout import Doc
from resdsl.expressions.nodes import Expr
from resdsl.ir.graph import Graph
from resdsl.records import dataclass, field


@dataclass(slots=True)
class FileUses:
    """What a file has come to need: imports, helpers of the prelude, module-level constants."""

    imports: set[str] = field(default_factory=set)
    helpers: set[str] = field(default_factory=set)
    constants: dict[str, str] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    #: How the author's functions are called here.
    function_names: dict[str, str] = field(default_factory=dict)
    #: How long lists are called that the author gave a name to, by their text.
    list_names: dict[str, str] = field(default_factory=dict)

    def note(self, what: str) -> str:
        """A module or helper that an expression needs; the result is its name."""
        if what.startswith("def "):
            self.functions.add(what[4:])
            return self.function_names[what[4:]]
        if what.startswith("list "):
            return self._list(what[5:])
        if what == "math":
            self.imports.add("import math")
        else:
            self.helpers.add(what)
        return what

    def _list(self, text: str) -> str:
        name = self.list_names.get(text)
        if name is None:
            return text
        self.constants[name] = text
        return name

    def constant(self, wanted: str, value: str) -> str:
        """The name of a module-level constant of that value, made where it is new."""
        name, number = wanted, 1
        while name in self.constants and self.constants[name] != value:
            number += 1
            name = f"{wanted}_{number}"
        self.constants[name] = value
        return name


@dataclass(slots=True)
class Scribe:
    """Hands rules what they need to print one operation: its attributes, in their context."""

    uses: FileUses
    printer: ExpressionPrinter
    naming: Naming

    def text(self, expression: Expr) -> str:
        """An expression in this context."""
        return self.printer.print(expression, self.naming)

    def atom(self, expression: Expr) -> str:
        """The same, in brackets if it is more than one term."""
        return self.printer.print(expression, self.naming, 9)


class Target(Protocol):
    """A framework whose source is written."""

    title: str
    dialect: Dialect
    #: Bases of generated classes.
    module_base: str
    model_base: str
    sequence_base: str
    #: Name and annotation of the tensor in `forward`, and of its result.
    forward_name: str
    #: What the model's own `forward` takes beside tensors, and a comment that says why.
    model_parameter: tuple[str, str] | None
    tensor: str
    #: Whether the inputs of a model come as one argument where there are several.
    packs_inputs: bool
    #: Extra parameter of every constructor, and how it is passed on.
    extra_parameter: str | None
    extra_argument: str | None
    #: Whether shapes are written channels first.
    channels_first: bool

    def prepare(self, plan: ModulePlan, uses: FileUses) -> None:
        """Look at a whole file before any of it is written."""

    def layer(self, layer: OpLayer, scribe: Scribe) -> Doc:
        """An operation with state as a layer object."""

    def item(self, layer: OpLayer, scribe: Scribe) -> Doc:
        """An operation as an item of a sequence, with or without state."""

    def function(self, op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
        """An operation without state applied to tensors."""

    def sequence(self, items: Sequence[Doc]) -> Doc:
        """Layers applied in order."""

    def gathered(self, layer: SequenceOf) -> str:
        """A local list of layers, as a sequence may be made of it."""

    def starred_sequence(self, local: str) -> Doc:
        """The layers of a local list applied in order."""

    def super_init(self, items: Sequence[Doc] | str | None) -> Doc | None:
        """The call of the base's constructor: of a module (`None`), or of a sequence with its
        items or the name of the list that holds them. `None` where there is nothing to call."""

    def empty(self) -> str:
        """A layer that passes its input on."""

    def empty_annotation(self) -> str:
        """The annotation of an attribute that is empty first and a layer later."""

    def new_list(self, bare: bool) -> str:
        """An empty list of layers, or of bare weights, as an attribute."""

    def append_list(self, home: str, bare: bool) -> str:
        """A statement that puts one more such list at the end of a list of lists."""

    def new_dict(self, bare: bool) -> str:
        """An empty dictionary of layers, or of bare weights, by text, as an attribute."""

    def local_list(self) -> str:
        """The annotation of a local list of layers."""

    def computed_home(self, name: str, made: Doc, layer: Layer) -> Doc:
        """Keep a layer, which `made` makes, under a computed name."""

    def after_layer(self, home: str, layer: OpLayer, scribe: Scribe) -> list[str]:
        """Statements right after a layer was kept (initial values)."""

    def model_epilogue(self, plan: ClassPlan) -> list[str]:
        """Statements at the end of the model's constructor."""

    def header(self, uses: FileUses) -> list[str]:
        """Import lines, standard library first, in `ruff`'s order."""

    def prelude(self, uses: FileUses) -> list[str]:
        """Helpers that the file uses, each with a comment that says why."""

    def epilogue(self, plan: ModulePlan, graph: Graph) -> list[str]:
        """What follows the classes: loading canonical weights."""
