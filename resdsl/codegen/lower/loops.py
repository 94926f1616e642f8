"""Loops: once in the constructor, and once more in `forward` where its layers are attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.codegen.lower.channels import carrier, move, trial_variable
from resdsl.codegen.lower.environment import Environment, beyond
from resdsl.codegen.lower.frame import ClassFrame, Loop
from resdsl.codegen.lower.values import (
    SymbolicTensor,
    Value,
    Variable,
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
    ListOf,
    Literal,
    Name,
)
from resdsl.expressions.simplify import fold_binary
from resdsl.records import replace

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
    frame: ClassFrame, targets: tuple[str, ...], iterable: Expr, environment: Environment
) -> Iterator[tuple[Environment, tuple[str, ...], str]]:
    """The body of a loop: its environment, and the Python names of its variables."""
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


def iterable_of(step: ir.ForStep, environment: Environment) -> Expr:
    """What a loop runs over, in the generated code's names."""
    iterable = environment.simplify(step.iterable)
    if _holds_blocks(iterable):
        raise beyond("a loop over block values", step.span, "write the calls one by one")
    return iterable


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
    iterable = iterable_of(step, environment)
    current = lowering.normal(current, variable)

    def body(start: SymbolicTensor, scope: Environment) -> SymbolicTensor:
        return lowering.normal(lowering.run(step.body, scope, start, variable), variable)

    if carries(frame, step, iterable, environment, current, body):
        current = replace(current, channels=carrier(frame, current.channels))
    with inside(frame, step.targets, iterable, environment) as (scope, targets, index):
        with frame.aside() as (init, forward):
            result = body(current, scope)
            moved_on(frame, current, result)
        counts = None if targets == (index,) else index
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
    iterable: Expr,
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
            with inside(frame, step.targets, iterable, tested) as (scope, _, _):
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
