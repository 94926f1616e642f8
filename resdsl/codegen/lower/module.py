"""A whole file: one class for each definition and choice of block values, callees first."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from resdsl import ir
from resdsl.codegen.lower.dialect import (
    BUILTINS,
    FORWARD_LOCALS,
    LOCALS,
    PROBE,
    Dialect,
    pascal,
)
from resdsl.codegen.lower.environment import Environment, beyond
from resdsl.codegen.lower.frame import ONE, ClassFrame
from resdsl.codegen.lower.lists import keyed_lists, labels_of
from resdsl.codegen.lower.prune import prune
from resdsl.codegen.lower.scopes import close, finish, handed_tensors, keeps_input
from resdsl.codegen.lower.values import (
    Names,
    SymbolicMap,
    SymbolicTensor,
    Value,
    Variable,
    local_name,
)
from resdsl.codegen.plan import ClassPlan, ConstructorParameter, ModulePlan
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.nodes import Constant, Expr, Input, Literal, Name
from resdsl.expressions.simplify import literal
from resdsl.ir.graph import Graph, Specialization
from resdsl.passes.elaborate.scope import FileScope
from resdsl.passes.elaborate.values import Tensor
from resdsl.records import dataclass, field, replace
from resdsl.types import TensorType


def lower(graph: Graph, dialect: Dialect, *, probed: bool = False) -> ModulePlan:
    """The classes for a network. Raises `CompileError` for what has no form in source code.

    With `probed`, operations that are no layers bear the names of their results.
    """
    assert graph.program is not None
    if probed:
        dialect = replace(dialect, names=dialect.names | {PROBE})
    lowering = ModuleLowering(graph, dialect, FileScope(graph.program), probed=probed)
    lowering.model()
    lowering.name_definitions()
    prune(lowering.plan, lazy_channels=dialect.lazy_channels)
    return lowering.plan


@dataclass(slots=True)
class ModuleLowering:
    """State of one file."""

    graph: Graph
    dialect: Dialect
    file: FileScope
    plan: ModulePlan = field(default_factory=ModulePlan)
    probed: bool = False
    classes: dict[Specialization, ClassPlan] = field(default_factory=dict)
    under_way: dict[Specialization, ClassPlan] = field(default_factory=dict)
    #: For every class: names to try, best first.
    wanted: dict[int, tuple[str, str]] = field(default_factory=dict)
    renamed: dict[Specialization, dict[str, str]] = field(default_factory=dict)
    #: How `forward` calls the tensors that a definition is handed.
    handed: dict[Specialization, dict[str, SymbolicTensor | SymbolicMap]] = field(
        default_factory=dict
    )
    frames: list[ClassFrame] = field(default_factory=list)
    #: Classes of blocks and of the groups inside them, which no trial takes back.
    settled: list[ClassPlan] = field(default_factory=list)

    # ---- definitions --------------------------------------------------------------------------

    def model(self) -> None:
        """The model's own class, and with it all others."""
        graph = self.graph
        block = graph.entry.target
        assert isinstance(block, ir.Block)
        kinds = tuple(
            (p.name, graph.arguments[p.name])
            for p in block.parameters
            if p.type == "block" or isinstance(graph.arguments[p.name], ir.BlockValue)
        )
        plan = ClassPlan("", graph.doc, is_model=True, span=block.span)
        settled = Specialization(block, kinds)
        frame = self._frame(plan, settled)
        defaults = {n: literal(v) for n, v in graph.arguments.items()}
        environment = self._parameters(frame, defaults, [graph.arguments], ())
        names = ["x"]
        if len(graph.inputs) > 1:
            names = [frame.locals.fresh(i.name) for i in graph.inputs]
        frame.inputs = {
            i.name: SymbolicTensor(Variable(name), Literal(type_.channels), ONE, (type_,))
            for i, name, type_ in zip(graph.inputs, names, graph.input_types, strict=True)
        }
        plan.first, *others = names
        plan.tensors = tuple(others)
        start = frame.inputs[graph.inputs[0].name]
        environment.input = start
        self._write(frame, block, environment, start)
        self.plan.classes.append(plan)
        self.wanted[id(plan)] = (pascal(graph.name), pascal(graph.name) + "Model")

    def class_for(self, settled: Specialization, types: tuple[TensorType, ...]) -> ClassPlan:
        """The class for a definition with its block values, made where it is first asked for."""
        if settled in self.classes:
            return self.classes[settled]
        block = settled.block
        if settled in self.under_way:
            self.under_way[settled].calls_itself = True
            return self.under_way[settled]
        uses = self.graph.uses.get(settled, [])
        plan = ClassPlan("", block.doc or f"The block `{block.name}`.", span=block.span)
        self.under_way[settled] = plan
        frame = self._frame(plan, settled)
        defaults = {
            p.name: literal(evaluate(p.default, self.file))
            for p in block.parameters
            if p.default is not None
        }
        environment = self._parameters(frame, defaults, [u.arguments for u in uses], types)
        seen = tuple(dict.fromkeys(u.input for u in uses)) or types
        start = SymbolicTensor(Variable("x"), Name("in_channels"), ONE, seen)
        environment.input = start
        before = len(self.plan.classes)
        self._write(frame, block, environment, start)
        del self.under_way[settled]
        self.classes[settled] = plan
        self.plan.classes.append(plan)
        self.settled += self.plan.classes[before:]
        return plan

    def _write(
        self, frame: ClassFrame, block: ir.Block, environment: Environment, start: SymbolicTensor
    ) -> None:
        if not block.is_sequence:
            tapped = any(
                isinstance(s, ir.InputStep) and getattr(s.name, "text", "") in block.tapped
                for s in block.body
            )
            own = len(frame.inputs) < 2 and (tapped or keeps_input(block.body))
            variable = "y" if own else "x"
            finish(frame, block.body, environment, start, variable)
            return
        from resdsl.codegen.lower.body import BodyLowering
        from resdsl.codegen.lower.containers import sequence

        frame.plan.sequence, frame.plan.tensors = True, ()
        lowering = BodyLowering(frame)
        start = self._beginning(frame, block, environment, start)
        local = "items" if "layers" in self.dialect.names else "layers"
        layer, result = sequence(lowering, block.body, environment, start, local)
        frame.plan.items = layer
        close(frame, result)

    def _beginning(
        self, frame: ClassFrame, block: ir.Block, environment: Environment, start: SymbolicTensor
    ) -> SymbolicTensor:
        """What a chain runs on: where it begins with `from`, its callers apply it to that."""
        first = block.body[0] if block.body else None
        if not isinstance(first, ir.FromStep) or isinstance(first.source, Input):
            return start
        tensor = environment.tensor(first.source)
        for name, value in self.handed[frame.specialization].items():
            if value == tensor and isinstance(tensor, SymbolicTensor):
                frame.plan.source = name
                return replace(start, types=tensor.types)
        raise beyond(
            "a chain that begins at one tensor of a list",
            first.span,
            "hand over the tensor itself: `skip: tensor`",
        )

    def _frame(self, plan: ClassPlan, settled: Specialization) -> ClassFrame:
        return self.new_frame(plan, settled, settled.block.body, settled.block.tapped)

    def new_frame(
        self, plan: ClassPlan, settled: Specialization, body: ir.Body, tapped: frozenset[str]
    ) -> ClassFrame:
        """An empty class for a body."""
        frame = ClassFrame(
            self,
            plan,
            settled,
            tapped,
            keyed_lists(body, dict(settled.kinds)),
            frozenset(map(self.dialect.attribute, labels_of(body))),
            Names(self.reserved | LOCALS),
            Names(self.reserved | FORWARD_LOCALS),
        )
        self.frames.append(frame)
        return frame

    @property
    def reserved(self) -> set[str]:
        """Names of the file that no local may hide."""
        return {*BUILTINS, *self.dialect.names}

    # ---- parameters ---------------------------------------------------------------------------

    def _parameters(
        self,
        frame: ClassFrame,
        defaults: dict[str, Expr],
        seen: list[dict[str, Any]],
        fallback: tuple[TensorType, ...],
    ) -> Environment:
        """The constructor's parameters; block values are settled and take none.

        `fallback` are types of tensors where the network never uses the definition.
        """
        block, kinds = frame.specialization.block, dict(frame.specialization.kinds)
        values: dict[str, Value] = {}
        renamed: dict[str, str] = {}
        handed: dict[str, SymbolicTensor | SymbolicMap] = {}
        required: list[ConstructorParameter] = []
        optional: list[ConstructorParameter] = []
        for parameter in block.parameters:
            if parameter.name in kinds:
                values[parameter.name] = Constant(kinds[parameter.name])
                continue
            examples = [arguments[parameter.name] for arguments in seen]
            if is_tensors(parameter, examples):
                value = self._tensors(frame, parameter, examples, fallback)
                values[parameter.name] = handed[parameter.name] = value
                renamed[parameter.name] = frame.plan.parameters[-1].name
                continue
            local = frame.names.fresh(parameter.name, frame.attributes)
            renamed[parameter.name] = local
            values[parameter.name] = Name(local)
            default = defaults.get(parameter.name)
            made = ConstructorParameter(local, annotation(parameter, examples, default), default)
            (required if default is None else optional).append(made)
        if not frame.plan.is_model:
            frame.plan.parameters.insert(0, ConstructorParameter("in_channels", "int"))
        frame.plan.parameters += required + optional
        self.renamed[frame.specialization] = renamed
        self.handed[frame.specialization] = handed
        return Environment(self.file, values, {}, None)

    def _tensors(
        self,
        frame: ClassFrame,
        parameter: ir.Parameter,
        examples: list[Any],
        fallback: tuple[TensorType, ...],
    ) -> SymbolicTensor | SymbolicMap:
        """A tensor, or a list of them: `forward` is handed it, and the constructor its channels."""
        is_list = parameter.type == "tensors" or any(isinstance(e, tuple) for e in examples)
        seen = [t.type for e in examples for t in (e if is_list else (e,))]
        types = tuple(dict.fromkeys(seen)) or fallback
        return handed_tensors(frame, parameter.name, types, is_list=is_list)

    def tensor_names(self, settled: Specialization) -> dict[str, str]:
        """How `forward` of a class calls the tensors that it is handed."""
        return {name: local_name(value) for name, value in self.handed[settled].items()}

    def parameter_names(self, settled: Specialization) -> dict[str, str]:
        """How the constructor of a class calls the author's parameters."""
        return self.renamed[settled]

    # ---- names of classes and functions ------------------------------------------------------

    def add(self, plan: ClassPlan, *wanted: str) -> None:
        """Keep a class that is no definition of the author's, with the names it would like."""
        self.plan.classes.append(plan)
        self.wanted[id(plan)] = (wanted[0], wanted[-1])

    def name_definitions(self) -> None:
        """Name every class: as the definition, with what differs where there are several."""
        by_block: dict[ir.Block, list[Specialization]] = {}
        for settled in self.classes:
            by_block.setdefault(settled.block, []).append(settled)
        for settled, plan in self.classes.items():
            base = _class_name(settled.block, by_block)
            siblings = by_block[settled.block]
            suffix = "" if len(siblings) == 1 else _difference(settled, siblings)
            self.wanted[id(plan)] = (base + suffix, base + suffix + "Block")
        # A class is called in constructors, where no local of that name may be.
        locals_ = set().union(*(frame.names.taken for frame in self.frames))
        names = Names(self.reserved | locals_)
        model = self.plan.model
        for plan in [model, *(p for p in self.plan.classes if p is not model)]:
            first, second = self.wanted[id(plan)]
            plan.name = names.fresh(second if first in names.taken else first)
        assert self.graph.program is not None
        for function in self.graph.program.functions:
            self.plan.function_names[function.key] = names.fresh(function.name)
        for constant, value in self.file.values.items():
            if isinstance(value, tuple) and is_data(value):
                name = names.fresh(constant.partition("@")[0].upper())
                self.plan.list_names.setdefault(literal(value), name)


def is_data(value: Any) -> bool:
    """Whether a value is made of numbers and texts alone, and not of blocks."""
    if isinstance(value, tuple):
        return all(map(is_data, value))
    return isinstance(value, int | float | str)


def _class_name(block: ir.Block, others: Iterable[ir.Block]) -> str:
    """The name of a block as a class, behind that of its file where several files have one."""
    name = pascal(block.name)
    if block.file == 0 or all(other is block or other.name != block.name for other in others):
        return name
    return pascal(PurePath(block.span.source.name.strip("<>")).stem.rpartition(".")[2]) + name


def _difference(settled: Specialization, siblings: list[Specialization]) -> str:
    """What tells a specialization from its siblings, in words."""
    parts = []
    if len({s.rank for s in siblings}) > 1:
        parts.append(f"{settled.rank}d" if settled.rank else "Vector")
    for position, (_, value) in enumerate(settled.kinds):
        if len({s.kinds[position] for s in siblings}) > 1:
            parts.append(pascal(value.target.name) if value is not None else "Plain")
    return "".join(parts)


def is_tensors(parameter: ir.Parameter, examples: list[Any]) -> bool:
    """Whether a parameter holds a tensor or a list of them."""
    if parameter.type in ("tensor", "tensors"):
        return True
    entries = [e if isinstance(e, tuple) else (e,) for e in examples]
    return any(isinstance(t, Tensor) for entry in entries for t in entry[:1])


def annotation(parameter: ir.Parameter, examples: list[Any], default: Expr | None) -> str:
    """The Python type of a parameter, from its values in the network."""
    from resdsl.expressions.simplify import is_literal, value_of

    values = list(examples)
    if default is not None and is_literal(default):
        values.append(value_of(default))
    if parameter.type in ("int", "bool"):
        return parameter.type
    if parameter.type == "number":
        return "float"
    if parameter.type == "text":
        return "str"
    kinds = {python_type(v) for v in values}
    if kinds == {"int", "float"}:
        return "float"
    if not kinds:  # no value is known: this network never calls the block
        return "Sequence[int]" if parameter.type == "list" else "int"
    return " | ".join(sorted(kinds))


def python_type(value: Any) -> str:
    """The annotation for a concrete value."""
    if isinstance(value, tuple):
        inner = {python_type(v) for v in value}
        if inner == {"int", "float"}:
            inner = {"float"}
        return f"Sequence[{' | '.join(sorted(inner)) or 'int'}]"
    return type(value).__name__
