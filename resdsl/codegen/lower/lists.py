"""Lists of layers and of tensors that loops fill: which grow in order, and where they are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from resdsl import ir
from resdsl.codegen.lower.environment import beyond
from resdsl.codegen.lower.values import SymbolicMap, SymbolicTensor, Value
from resdsl.codegen.plan import (
    Bind,
    BindItem,
    BindMap,
    ForwardFor,
    ForwardIf,
    ForwardStatement,
    InitFor,
    InitIf,
    InitStatement,
    Layer,
    ListItem,
    NewList,
    NewMap,
    OpLayer,
    SetItem,
    SetLayer,
    Variable,
)
from resdsl.expressions.functions import Function
from resdsl.expressions.nodes import Apply, Binary, Constant, Expr, Literal, Name
from resdsl.expressions.simplify import names_in
from resdsl.ops import Op
from resdsl.records import dataclass, replace

if TYPE_CHECKING:
    from resdsl.codegen.lower.frame import ClassFrame

# ---- order ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keyed:
    """The lists of a scope that cannot grow at their end, because elements may be made in another
    order than they count, or not at all: lists of tensors, and lists of layers."""

    tensors: frozenset[str]
    layers: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of a list, the variable that counts the loop around it, and how deep it stands."""

    statement: ir.Statement
    name: ir.Element | ir.Automatic
    counter: str | None
    depth: int
    #: Whether it stands in an `if` inside its loop.
    perhaps: bool


def keyed_lists(body: ir.Body, kinds: dict[str, Any]) -> Keyed:
    """Which lists of a scope must be kept by number. `kinds` are the values of block parameters."""
    tensors: set[str] = set()
    layers: set[str] = set()
    reached: dict[str, int | None] = {}
    for item in _items(body, None, 0, perhaps=False):
        name, run = item.name, _runs(item.statement, kinds)
        if isinstance(name, ir.Automatic):
            # Numbers without a gap are promised for what has weights only.
            if item.perhaps and not _has_weights(run):
                layers.add(name.text)
            continue
        done = reached.get(name.base, 0)
        start = _start(name.index, item.counter) if item.depth else _number(name.index)
        if done is None or start is None or start < done or item.depth > 1:
            tensors.add(name.base)
        if not _is_layer(run):
            layers.add(name.base)
        # How far a loop counts is not known here, so that nothing may follow it.
        reached[name.base] = None if item.depth or start is None else start + 1
    return Keyed(frozenset(tensors), frozenset(tensors | layers))


def _items(body: ir.Body, counter: str | None, depth: int, *, perhaps: bool) -> Iterator[_Item]:
    """The items of lists, in the order of the text."""
    for statement in body:
        match statement:
            case ir.ForStep(body=inner):
                yield from _items(inner, _counter(statement), depth + 1, perhaps=False)
            case ir.IfStep(then=then, otherwise=otherwise):
                yield from _items(then + otherwise, counter, depth, perhaps=depth > 0)
            case _:
                for inner in ir.inner_bodies(statement):
                    yield from _items(inner, counter, depth, perhaps=perhaps)
        named = [statement]
        if isinstance(statement, ir.ResidualStep) and statement.shortcut is not None:
            named.append(statement.shortcut)
        for item in named:
            name = getattr(item, "name", None)
            if isinstance(name, ir.Element) or (isinstance(name, ir.Automatic) and name.loops):
                yield _Item(item, name, counter, depth, perhaps)


def labels_of(body: ir.Body) -> Iterator[str]:
    """The names of a scope's items, as far as they are plain: labels, lists, automatic names."""
    for statement in body:
        for item in (statement, getattr(statement, "shortcut", None)):
            match getattr(item, "name", None):
                case ir.Fixed(text=text) | ir.Automatic(text=text) | ir.Element(base=text):
                    yield text
        for inner in ir.inner_bodies(statement):
            yield from labels_of(inner)


def _counter(step: ir.ForStep) -> str | None:
    """The variable of a loop that counts from 0 by one."""
    match step.iterable:
        case Apply(callee=Constant(value=Function(name="range")), arguments=(_,)):
            return step.targets[0] if len(step.targets) == 1 else None
    return None


def _start(index: Expr, counter: str | None) -> int | None:
    """The element that the first round of a loop makes, if each makes the one after."""
    match index:
        case Name(id=name) if name in ("index", counter):
            return 0
        case Binary(operator="+", left=Name(id=name), right=right) if name in ("index", counter):
            return _number(right)
    return None


def _number(index: Expr) -> int | None:
    value = index.value if isinstance(index, Literal) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _runs(statement: ir.Statement, kinds: dict[str, Any]) -> type[Op] | bool:
    """The operation that a statement runs; else whether it surely makes a layer."""
    match statement:
        case ir.OpStep(kind=kind):
            return kind
        case ir.GroupStep() | ir.StageStep():
            return True
        case ir.CallStep(callee=callee):
            value = getattr(callee, "value", None)
            if isinstance(callee, Name):
                value = kinds.get(callee.id)
            target = value.target if isinstance(value, ir.BlockValue) else value
            if isinstance(target, ir.Operation):
                return target.kind
            return isinstance(target, ir.Block)
        case _:
            return False


def _has_weights(run: type[Op] | bool) -> bool:
    return run if isinstance(run, bool) else run.weights is not Op.weights


def _is_layer(run: type[Op] | bool) -> bool:
    return _has_weights(run) or (not isinstance(run, bool) and run.stochastic)


# ---- what is known of a list of tensors ----------------------------------------------------------


def with_element(
    frame: ClassFrame, taps: SymbolicMap, index: Expr, result: SymbolicTensor
) -> SymbolicMap:
    """A list with one more element: all have one stride and the same channels, or it is not known
    which; how many there are, the text must tell."""
    fixed: Expr | None = result.channels
    if names_in(fixed) & (frame.carriers | frame.loop_names()):
        fixed = None
    number = _number(index)
    count = None if number is None or frame.loops or taps.keyed else Literal(number + 1)
    if not taps.made:
        return replace(taps, stride=result.stride, each=fixed, count=count, made=True)
    return replace(
        taps,
        stride=taps.stride if taps.stride == result.stride else None,
        each=taps.each if taps.each == fixed else None,
        count=count,
    )


def counted(
    body: ir.Body, labels: dict[str, Value], before: dict[str, Value], target: str, length: Expr
) -> None:
    """Behind a loop that counts from 0: a list to which each round adds one element, the number of
    the round, has as many as there were rounds."""
    elements = [i.name for i in _items(body, None, 0, perhaps=False)]
    for statement in body:
        name = getattr(statement, "name", None)
        if not isinstance(name, ir.Element) or name.index != Name(target):
            continue
        taps, start = labels.get(name.base), before.get(name.base)
        begun = isinstance(start, SymbolicMap) and start.made
        once = sum(isinstance(e, ir.Element) and e.base == name.base for e in elements) == 1
        if isinstance(taps, SymbolicMap) and once and not begun:
            labels[name.base] = replace(taps, count=length)


# ---- where lists of layers are made --------------------------------------------------------------


def with_lists(statements: Iterable[InitStatement]) -> tuple[InitStatement, ...]:
    """A constructor with every list made right before the statement that first fills it, and the
    lists inside lists at the start of each round of the loop around."""
    statements = tuple(statements)
    weights = _lists_of_weights(statements)
    result: list[InitStatement] = []
    made: set[str] = set()
    for statement in statements:
        for item, _ in _filled(statement):
            if item.name not in made:
                made.add(item.name)
                result.append(
                    NewMap(item.name, item.keyed)
                    if isinstance(item, SetItem)
                    else _new_list(item.name, 0, weights, item.keyed)
                )
        result.append(_with_inner_lists(statement, 1, weights))
    return tuple(result)


def _lists_of_weights(statements: Iterable[InitStatement]) -> dict[str, int]:
    """The lists that hold weights, not layers, and in how many brackets these lie."""
    found: dict[str, int] = {}
    layers: set[str] = set()
    for statement in statements:
        for item, layer in _filled(statement):
            if isinstance(item, SetItem):
                continue
            if isinstance(layer, OpLayer) and layer.bare:
                found[item.name] = len(item.indices)
            else:
                layers.add(item.name)
            if item.name in layers and item.name in found:
                span = layer.op.span if isinstance(layer, OpLayer) else None
                what = f"`{item.name}`, a list of layers and of learned numbers"
                raise beyond(what, span, "give them different labels")
    return found


def _new_list(name: str, depth: int, weights: dict[str, int], keyed: bool = False) -> NewList:
    return NewList(name, depth, keyed, weights.get(name) == depth + 1)


def _filled(statement: InitStatement) -> Iterator[tuple[ListItem | SetItem, Layer | None]]:
    """What is put into lists by a statement and those inside it."""
    match statement:
        case SetLayer(home=ListItem() as home, layer=layer):
            yield home, layer
        case SetItem():
            yield statement, None
        case InitIf(then=then, otherwise=otherwise):
            for inner in (*then, *otherwise):
                yield from _filled(inner)
        case InitFor(body=body):
            for inner in body:
                yield from _filled(inner)


def _with_inner_lists(
    statement: InitStatement, depth: int, weights: dict[str, int]
) -> InitStatement:
    match statement:
        case InitIf(then=then, otherwise=otherwise):
            return replace(
                statement,
                then=tuple(_with_inner_lists(s, depth, weights) for s in then),
                otherwise=tuple(_with_inner_lists(s, depth, weights) for s in otherwise),
            )
        case InitFor(body=body):
            deeper = [i for i, _ in _filled(statement) if isinstance(i, ListItem)]
            names = dict.fromkeys(i.name for i in deeper if len(i.indices) > depth)
            lists = [_new_list(name, depth, weights) for name in names]
            inner = tuple(_with_inner_lists(s, depth + 1, weights) for s in body)
            return replace(statement, body=(*lists, *inner))
        case _:
            return statement


def with_maps(statements: Iterable[ForwardStatement]) -> tuple[ForwardStatement, ...]:
    """A forward pass with every list of tensors made right before the statement that fills it."""
    result: list[ForwardStatement] = []
    made: set[str] = set()
    for statement in statements:
        for item in _bound(statement):
            if item.name not in made:
                made.add(item.name)
                last = result[-1] if result and item is statement else None
                fresh = isinstance(last, Bind) and item.value == Variable(last.name)
                # Before what it takes is computed, so that the two can be one statement.
                result.insert(len(result) - fresh, BindMap(item.name, item.keyed))
        result.append(statement)
    return tuple(result)


def _bound(statement: ForwardStatement) -> Iterator[BindItem]:
    match statement:
        case BindItem():
            yield statement
        case ForwardIf(then=then, otherwise=otherwise):
            for inner in (*then, *otherwise):
                yield from _bound(inner)
        case ForwardFor(body=body):
            for inner in body:
                yield from _bound(inner)
