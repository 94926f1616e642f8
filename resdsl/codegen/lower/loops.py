"""Loops: once in the constructor, and once more in `forward` where its layers are attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.codegen.lower.channels import carrier, move, snapshot, trial_variable
from resdsl.codegen.lower.environment import Environment, beyond
from resdsl.codegen.lower.frame import ClassFrame, Loop
from resdsl.codegen.lower.lists import counted
from resdsl.codegen.lower.taps import announce_lists
from resdsl.codegen.lower.values import (
    SymbolicMap,
    SymbolicResults,
    SymbolicTensor,
    Value,
    Variable,
    function,
    is_expression,
)
from resdsl.codegen.plan import Assign, ForwardFor, InitFor, InitIf, InitStatement
from resdsl.expressions.functions import FUNCTIONS, Function
from resdsl.expressions.nodes import (
    Apply,
    Argument,
    Compare,
    Constant,
    Expr,
    Index,
    ListOf,
    Literal,
    Name,
)
from resdsl.expressions.simplify import fold_binary
from resdsl.records import dataclass, field, replace

if TYPE_CHECKING:
    from resdsl.codegen.lower.body import BodyLowering


def length_of(iterable: Expr) -> Expr:
    """How often a loop runs."""
    if isinstance(iterable, ListOf):
        return Literal(len(iterable.items))
    if isinstance(iterable, Apply) and isinstance(iterable.callee, Constant):
        function = iterable.callee.value
        if isinstance(function, Function):
            if function.name == "range" and len(iterable.arguments) == 1:
                return iterable.arguments[0].value
            if function.name in ("reversed", "zip"):
                return length_of(iterable.arguments[0].value)
    return Apply(Constant(FUNCTIONS["len"]), (Argument(None, iterable),))


def is_range(iterable: Expr) -> bool:
    """Whether the loop's variable counts from 0 by one."""
    return (
        isinstance(iterable, Apply)
        and isinstance(iterable.callee, Constant)
        and getattr(iterable.callee.value, "name", "") == "range"
        and len(iterable.arguments) == 1
    )


@contextmanager
def inside(
    frame: ClassFrame, rounds: Rounds, environment: Environment
) -> Iterator[tuple[Environment, tuple[str, ...], str]]:
    """The body of a loop: its environment, and the Python names of its variables."""
    targets, iterable = rounds.targets, rounds.iterable
    locals_ = tuple(_fresh(frame, t) for t in targets)
    counter = locals_[0] if is_range(iterable) and len(locals_) == 1 else None
    index = Name(counter) if counter else Name(_fresh(frame, "index"))
    last = fold_binary("-", length_of(iterable), Literal(1))
    values: dict[str, Value] = {
        "index": index,
        "first": Compare((index, Literal(0)), ("==",)),
        "last": Compare((index, last), ("==",)),
    }
    values |= {t: Name(n) for t, n in zip(targets, locals_, strict=True)}
    values |= {name: at(index) for name, at in rounds.entries.items()}
    frame.loops.append(Loop(index, locals_, counter))
    asked = len(frame.asked)
    try:
        yield environment.nested(values), locals_, index.id
    finally:
        frame.loops.pop()
        # A loop's names end with it, so that the next loop may use them again.
        frame.names.taken.difference_update(set(frame.asked[asked:]) - {"layer"})
        del frame.asked[asked:]
        frame.names.taken.difference_update({*locals_, index.id})
        frame.locals.taken.difference_update({*locals_, index.id})


def _fresh(frame: ClassFrame, wanted: str) -> str:
    """A name for a loop's variable, in the constructor and in `forward`."""
    name = frame.names.fresh(wanted, frame.locals.taken)
    frame.locals.taken.add(name)
    return name


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a loop runs over, in the generated code's names. A loop over tensors counts them, since
    the constructor has none; `entries` gives the author's names at a number."""

    targets: tuple[str, ...]
    iterable: Expr
    entries: dict[str, Callable[[Expr], Value]] = field(default_factory=dict)


def rounds_of(step: ir.ForStep, environment: Environment, frame: ClassFrame) -> Rounds:
    """The rounds of a loop."""
    lists = _lists(step.iterable)
    several = [environment.tensors(entry) for entry in lists]
    if any(s is not None for s in several):
        return _over_tensors(step, lists, several, environment, frame)
    iterable = environment.simplify(step.iterable)
    if _holds_blocks(iterable):
        raise beyond("a loop over block values", step.span, "write the calls one by one")
    return Rounds(step.targets, iterable)


def _lists(iterable: Expr) -> list[Expr]:
    """The lists that a loop runs through side by side."""
    match iterable:
        case Apply(callee=Constant(value=Function(name="zip")), arguments=arguments):
            return [argument.value for argument in arguments]
        case Apply(callee=Constant(value=Function(name="reversed")), arguments=(argument,)):
            return [argument.value]
        case _:
            return [iterable]


def _over_tensors(
    step: ir.ForStep,
    lists: list[Expr],
    several: list[SymbolicMap | SymbolicResults | None],
    environment: Environment,
    frame: ClassFrame,
) -> Rounds:
    if len(lists) != len(step.targets):
        raise beyond("this loop over tensors", step.span, "name every list's entry: `for a, b in`")
    length = next(s for s in several if s is not None).length()
    callee = step.iterable.callee if isinstance(step.iterable, Apply) else None
    backwards = getattr(getattr(callee, "value", None), "name", "") == "reversed"
    last = fold_binary("-", length, Literal(1))

    def place(index: Expr) -> Expr:
        return fold_binary("-", last, index) if backwards else index

    entries: dict[str, Callable[[Expr], Value]] = {}
    for target, entry, tensors in zip(step.targets, lists, several, strict=True):
        if tensors is None:
            values = environment.simplify(entry)
            entries[target] = lambda i, v=values: Index(v, place(i))  # type: ignore[misc]
            continue
        if isinstance(tensors, SymbolicResults):
            local = frame.locals.fresh("tensors")
            types = tuple(t for tensor in tensors.tensors() for t in tensor.types)
            frame.bind(local, tensors.whole())
            tensors = SymbolicMap(local, tensors.list_of_channels(), types, count=length)
        entries[target] = lambda i, t=tensors: t.item(place(i))  # type: ignore[misc]
    return Rounds(("index",), function("range", length), entries)


def _holds_blocks(expression: Expr) -> bool:
    if isinstance(expression, ListOf):
        return any(map(_holds_blocks, expression.items))
    return isinstance(expression, Constant) and isinstance(expression.value, ir.BlockValue)


def loop(
    lowering: BodyLowering,
    step: ir.ForStep,
    environment: Environment,
    current: SymbolicTensor,
    variable: str,
) -> SymbolicTensor:
    """`for` in class form."""
    frame = lowering.frame
    announce_lists(frame, step.body, environment)
    rounds = rounds_of(step, environment, frame)
    current = lowering.normal(current, variable)

    def body(start: SymbolicTensor, scope: Environment) -> SymbolicTensor:
        return lowering.normal(lowering.run(step.body, scope, start, variable), variable)

    if carries(frame, step, rounds, environment, current, body):
        current = replace(current, channels=carrier(frame, current.channels))
    before, iterable = dict(environment.labels), rounds.iterable
    with inside(frame, rounds, environment) as (scope, targets, index):
        with frame.aside() as (init, forward):
            result = body(current, scope)
            moved_on(frame, current, result)
        if is_range(iterable) and not frame.loops[1:]:
            counter = "index" if rounds.entries else step.targets[0]
            counted(step.body, environment.labels, before, counter, length_of(iterable))
        counts = None if targets == (index,) else index
        if forward:
            iterable = snapshot(frame, iterable, "rounds")
        if init:
            frame.init.append(InitFor(targets, iterable, counts, tuple(init)))
        if forward:
            frame.forward.append(ForwardFor(targets, iterable, counts, tuple(forward)))
    return SymbolicTensor(
        Variable(variable),
        current.channels,
        current.stride if result.stride == current.stride else None,
        result.types,
    )


def carries(
    frame: ClassFrame,
    step: ir.ForStep,
    rounds: Rounds,
    environment: Environment,
    current: SymbolicTensor,
    body: Callable[[SymbolicTensor, Environment], SymbolicTensor],
) -> bool:
    """Whether a loop moves the channels on: `body` lowers it once, only to see.

    What was seen is kept, or loops in loops would be tried twice as often at every depth.
    """
    known = {n: v for n, v in environment.values.items() if is_expression(v)}
    key = step, frozenset(known.items())
    if key not in frame.carried:
        with frame.trial() as tried:
            symbol = trial_variable(frame)
            frame.carriers.add(symbol.id)
            tested = environment.nested({})
            tested.labels = dict(environment.labels)
            with inside(frame, rounds, tested) as (scope, _, _):
                after = body(replace(current, channels=symbol), scope)
            moved = after.channels != symbol or assigns(tried, symbol.id)
            frame.carried[key] = moved, after.channels
    moved, channels = frame.carried[key]
    # A body that leaves what it was given before the first round leaves it after every one.
    return moved and channels != current.channels


def moved_on(frame: ClassFrame, start: SymbolicTensor, after: SymbolicTensor) -> None:
    """At the end of a round: the variable that carries channels takes what the round left."""
    if isinstance(start.channels, Name) and start.channels.id in frame.carriers:
        move(frame, start.channels, after.channels)


def assigns(statements: Iterable[InitStatement], name: str) -> bool:
    """Whether statements, or those inside them, set a variable."""
    return any(
        (isinstance(s, Assign) and s.name == name)
        or (isinstance(s, InitFor) and assigns(s.body, name))
        or (isinstance(s, InitIf) and assigns((*s.then, *s.otherwise), name))
        for s in statements
    )
