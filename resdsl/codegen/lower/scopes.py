"""Scopes inside a definition: a plain chain becomes a sequence, anything else a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from resdsl import ir
from resdsl.codegen.lower.dialect import pascal
from resdsl.codegen.lower.environment import Environment, beyond
from resdsl.codegen.lower.frame import ONE, ClassFrame
from resdsl.codegen.lower.lists import with_lists, with_maps
from resdsl.codegen.lower.results import close_several, returned
from resdsl.codegen.lower.rewrite import rewritten
from resdsl.codegen.lower.values import (
    SymbolicBranch,
    SymbolicMap,
    SymbolicResults,
    SymbolicTensor,
    Value,
    Variable,
)
from resdsl.codegen.plan import (
    BlockLayer,
    CallLayer,
    ClassPlan,
    ConstructorParameter,
    ForwardExpr,
    Return,
    Store,
)
from resdsl.expressions.nodes import Argument, Constant, Expr, Input, Member, Name
from resdsl.expressions.simplify import is_literal
from resdsl.passes.resolve.types import Types
from resdsl.records import dataclass, field, fields
from resdsl.types import TensorType

if TYPE_CHECKING:
    from resdsl.codegen.lower.body import BodyLowering

_READERS = (*get_args(ir.Statement), *get_args(Expr), ir.Element, ir.Template, Argument)


def group(
    lowering: BodyLowering,
    step: ir.GroupStep,
    environment: Environment,
    current: SymbolicTensor,
    variable: str,
) -> SymbolicTensor:
    """A labelled group in class form."""
    from resdsl.codegen.lower.containers import sequence, without_leading_from

    frame = lowering.frame
    home = frame.home(step.name, environment, step.span)
    if step.is_sequence:
        body, start = without_leading_from(lowering, step.body, environment, current)
        layer, after = sequence(lowering, body, inner_scope(environment), start, text(step.name))
        frame.keep(home, layer)
        call: ForwardExpr = frame.call(home, start)
        return lowering.bound(step, step.name, call, after, environment, variable, start)
    outlined = Outline(lowering, environment, current)
    layer = outlined.lower(step.body, text(step.name), {})
    after = lowering.place(layer, home, current)
    call = CallLayer(home, (current.ref,), plan=layer.plan, tensors=outlined.passed)
    return lowering.bound(step, step.name, call, after, environment, variable, current)


def inner_scope(environment: Environment) -> Environment:
    """The environment of a group that stays in this class: its own labels, the outer's in sight."""
    inner = environment.nested(dict(environment.labels))
    inner.labels, inner.items = {}, {}
    return inner


def text(name: ir.ItemName) -> str:
    """The name of an item as the stem of a Python name."""
    match name:
        case ir.Fixed(text=label) | ir.Automatic(text=label):
            return label
        case ir.Element(base=base):
            return base
        case ir.Template(parts=parts):
            stem = "".join(p for p in parts if isinstance(p, str)).replace("-", "_").strip("_")
            return stem if stem.isidentifier() else "group"
        case ir.Position():
            return "group"


@dataclass(slots=True)
class Outline:
    """A body written as a class of its own, which is handed what it reads of the class around."""

    lowering: BodyLowering
    environment: Environment
    current: SymbolicTensor
    arguments: dict[str, Expr] = field(default_factory=dict)
    frame: ClassFrame | None = None

    def lower(self, body: ir.Body, name: str, values: dict[str, Value]) -> BlockLayer:
        """The layer for `body`."""
        outer = self.lowering.frame
        block = outer.specialization.block
        plan = ClassPlan("", f"The group `{name}` of `{block.name}`.", span=block.span)
        plan.parameters.append(ConstructorParameter("in_channels", "int"))
        self.frame = outer.module.new_frame(plan, outer.specialization, body, outer.tapped)
        self.frame.is_group = True
        self.extra = values
        environment = Environment(
            self.environment.file, capture=self._capture, capture_input=self._capture_input
        )
        start = SymbolicTensor(Variable("x"), Name("in_channels"), ONE, self.current.types)
        finish(self.frame, body, environment, start)
        outer.module.add(plan, pascal(name), pascal(outer.specialization.block.name) + pascal(name))
        return BlockLayer(plan, self.current.channels, self.arguments)

    extra: dict[str, Value] = field(default_factory=dict)

    @property
    def passed(self) -> tuple[tuple[str, ForwardExpr], ...]:
        """The tensors that the class is handed, by its names."""
        assert self.frame is not None
        return tuple(self.frame.passed)

    def _capture(self, name: str) -> Value | None:
        """A name of the class around: known, or handed over, once."""
        assert self.frame is not None
        if name not in self.frame.captured:
            value = self._captured(name)
            if value is None:
                return None
            self.frame.captured[name] = value
        return self.frame.captured[name]

    def _captured(self, name: str) -> Value | None:
        value = self.extra.get(name) or self.environment.get(name)
        match value:
            case None | Constant():
                return value
            case SymbolicTensor():
                return self._tensor(value, name)
            case SymbolicBranch():
                return self._branch(value)
            case SymbolicMap(keyed=True):
                raise beyond(
                    f"the list `{name}` read inside a group",
                    self.lowering.frame.specialization.block.span,
                    "make the list in the order in which it counts",
                )
            case SymbolicMap():
                return self._list(value, name)
            case SymbolicResults(entries=entries, names=names):
                wanted = [f"{name}_{n}" for n in names]
                captured = [
                    self._list(e, n) if isinstance(e, SymbolicMap) else self._tensor(e, n)
                    for e, n in zip(entries, wanted, strict=True)
                ]
                return SymbolicResults(tuple(captured), names)
            case _:
                return value if is_literal(value) else self._parameter(name, value)

    def _branch(self, branch: SymbolicBranch) -> SymbolicBranch:
        """The facts of the branch as parameters of the shortcut's class."""

        def given(name: str, value: Expr) -> Expr:
            return value if is_literal(value) else self._parameter(name, value)

        stride = None if branch.stride is None else given("branch_stride", branch.stride)
        return SymbolicBranch(
            Name("in_channels"), given("branch_channels", branch.channels), stride, branch.numbers
        )

    def _parameter(self, name: str, value: Expr) -> Name:
        assert self.frame is not None
        local = self.frame.names.fresh(name, self.frame.attributes)
        self.arguments[local] = value
        annotation = _annotation(value, self.lowering.frame)
        self.frame.plan.parameters.append(ConstructorParameter(local, annotation))
        return Name(local)

    def _tensor(self, tensor: SymbolicTensor, name: str) -> SymbolicTensor:
        assert self.frame is not None
        local = self.frame.locals.fresh(name)
        channels = tensor.channels
        if channels == self.current.channels:
            channels = Name("in_channels")
        elif not is_literal(channels):
            channels = self._parameter(f"{name}_channels", channels)
        self.frame.plan.tensors = (*self.frame.plan.tensors, local)
        self.frame.passed.append((local, tensor.ref))
        return SymbolicTensor(Variable(local), channels, None, tensor.types)

    def _list(self, tensors: SymbolicMap, name: str) -> SymbolicMap:
        assert self.frame is not None
        made = handed_tensors(self.frame, name, tensors.types, is_list=True)
        assert isinstance(made, SymbolicMap)
        self.arguments[self.frame.plan.parameters[-1].name] = tensors.list_of_channels()
        self.frame.passed.append((made.name, tensors.whole()))
        return made

    def _capture_input(self) -> SymbolicTensor | None:
        """`in` of the class around, which no name can be."""
        assert self.frame is not None
        tensor = self.environment.in_tensor()
        if tensor is not None and "in" not in self.frame.captured:
            self.frame.captured["in"] = self._tensor(tensor, "block_input")
        known = self.frame.captured.get("in")
        return known if isinstance(known, SymbolicTensor) else None


def handed_tensors(
    frame: ClassFrame, name: str, types: tuple[TensorType, ...], *, is_list: bool
) -> SymbolicTensor | SymbolicMap:
    """A tensor, or a list of them, that `forward` is handed; the constructor gets the channels."""
    plan = frame.plan
    local = frame.locals.fresh(name)
    channels = frame.names.fresh(f"{name}_channels", frame.attributes)
    plan.tensors = (*plan.tensors, local)
    plan.parameters.append(ConstructorParameter(channels, "Sequence[int]" if is_list else "int"))
    if not is_list:
        return SymbolicTensor(Variable(local), Name(channels), None, types)
    plan.lists |= {local}
    frame.lengths[channels] = local
    return SymbolicMap(local, Name(channels), types, foreign=True)


def finish(
    frame: ClassFrame,
    body: ir.Body,
    environment: Environment,
    start: SymbolicTensor,
    variable: str = "x",
) -> None:
    """Lower a body as a whole class: start from its input, end with what it returns."""
    from resdsl.codegen.lower.body import BodyLowering

    frame.branches.append(variable)
    result = BodyLowering(frame).run(body, environment, start, variable)
    if not (frame.forward and isinstance(frame.forward[-1], Return)):
        frame.forward.append(Return(returned(frame, result)))
    close(frame, result)


def close(frame: ClassFrame, result: SymbolicTensor) -> None:
    """Say what the class leaves: in closed form, or as its `out_channels`."""
    if result.several is not None:
        close_several(frame, result.several)
        seal(frame)
        return
    plan = frame.plan
    plan.channels = frame.closed(result.channels)
    plan.stride = None if result.stride is None else frame.closed(result.stride)
    if plan.channels is None or plan.calls_itself:
        frame.init.append(Store("out_channels", result.channels))
    seal(frame)


def seal(frame: ClassFrame) -> None:
    """Take over what was gathered: nothing more comes."""
    frame.plan.init = with_lists(frame.init)
    frame.plan.forward = rewritten(with_maps(frame.forward), frame.inlined)


def keeps_input(node: Any) -> bool:
    """Whether a body reads `in` as a tensor, so that its variable must not be overwritten."""
    match node:
        case Input():
            return True
        case Member(base=Input()) | Constant():
            return False
        case tuple() | list():
            return any(map(keeps_input, node))
        case dict():
            return any(map(keeps_input, node.values()))
        case _ if isinstance(node, _READERS):
            return any(keeps_input(getattr(node, f.name)) for f in fields(node))
        case _:
            return False


def _annotation(value: Expr, frame: ClassFrame) -> str:
    """The Python type of what a class hands to one inside it."""
    known = {p.name: p.annotation for p in frame.plan.parameters}
    if isinstance(value, Name) and value.id in known:
        return known[value.id]
    if isinstance(value, Name) and value.id in frame.definitions:
        value = frame.definitions[value.id]
    found = Types({}).of(value)
    return {"number": "float", "bool": "bool", "text": "str", "list": "Sequence[int]"}.get(
        str(found), "int"
    )
