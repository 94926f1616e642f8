"""The last pass over the classes: what `forward` needs is stored, what nobody reads is dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from resdsl.codegen import plan as p
from resdsl.codegen.lower.environment import beyond
from resdsl.codegen.lower.parts import unpacked
from resdsl.codegen.lower.reads import (
    asks_out_channels,
    forward_reads,
    init_reads,
    layer_reads,
    mentions,
    reads_first,
)
from resdsl.expressions.nodes import Name
from resdsl.records import replace

Statements = tuple[p.InitStatement, ...]


def prune(plan: p.ModulePlan, *, lazy_channels: bool) -> None:
    """Store what `forward` reads and remove dead code, in place, until nothing more falls away."""
    for item in plan.classes:
        _store(item)
    changed = True
    while changed:
        changed = False
        asked = any(
            asks_out_channels((c.init if not lazy_channels else _lazy(c.init), c.forward))
            for c in plan.classes
        )
        for item in plan.classes:
            changed |= _drop(item, lazy_channels, keep_out_channels=asked)
    for item in plan.classes:
        item.forward = unpacked(item)


def _lazy(statements: Statements) -> Statements:
    """Statements as a target with lazy channels reads them: no layer asks for its channels."""
    return tuple(_without_channels(s) for s in statements)


def _without_channels(statement: p.InitStatement) -> p.InitStatement:
    match statement:
        case p.SetLayer(layer=layer) | p.Gather(layer=layer) | p.AssignLayer(layer=layer):
            return replace(statement, layer=_bare(layer))
        case p.InitIf(then=then, otherwise=otherwise):
            return replace(statement, then=_lazy(then), otherwise=_lazy(otherwise))
        case p.InitFor(body=body):
            return replace(statement, body=_lazy(body))
        case _:
            return statement


def _bare(layer: p.Layer) -> p.Layer:
    if isinstance(layer, p.OpLayer) and not layer.op.kind.sized_by_input:
        return replace(layer, channels=Name("_"))
    if isinstance(layer, p.SequenceLayer):
        return p.SequenceLayer(
            tuple(
                replace(i, layer=_bare(i.layer)) if isinstance(i, p.Repeat) else _bare(i)
                for i in layer.items
            )
        )
    return layer


# ---- what forward reads --------------------------------------------------------------------------


def _store(item: p.ClassPlan) -> None:
    # `@name` is a list of `forward` itself.
    wanted = {n for n in forward_reads(item.forward) if n[0] != "@" and n != "self"}
    parameters = {q.name for q in item.parameters}
    from_parameters = tuple(
        p.Store(q.name, Name(q.name)) for q in item.parameters if q.name in wanted
    )
    set_once = {name for name, times in Counter(_assigned(item.init)).items() if times == 1}
    init, stored = _stored_after(item.init, (wanted - parameters) & set_once)
    missing = wanted - parameters - stored
    if missing:
        raise beyond(
            f"`{min(missing)}`, which the forward pass needs after the constructor is done",
            item.span,
            "give the block a parameter for it",
        )
    item.init = from_parameters + init


def _assigned(statements: Statements) -> Iterator[str]:
    for statement in statements:
        match statement:
            case p.Assign(name=name):
                yield name
            case p.InitIf(then=then, otherwise=otherwise):
                yield from _assigned(then + otherwise)
            case p.InitFor(body=body):
                yield from _assigned(body)


def _stored_after(statements: Statements, wanted: set[str]) -> tuple[Statements, set[str]]:
    """Store each wanted local right after it is made, at the top of the constructor or in an arm,
    whose like in `forward` reads it. One that is set again is none that could be stored."""
    result: list[p.InitStatement] = []
    stored: set[str] = set()
    for statement in statements:
        if isinstance(statement, p.InitIf):
            then, one = _stored_after(statement.then, wanted)
            otherwise, other = _stored_after(statement.otherwise, wanted)
            stored |= one | other
            statement = replace(statement, then=then, otherwise=otherwise)
        result.append(statement)
        if isinstance(statement, p.Assign) and statement.name in wanted:
            result.append(p.Store(statement.name, Name(statement.name)))
            stored.add(statement.name)
    return tuple(result), stored


# ---- what nobody reads ---------------------------------------------------------------------------


def _drop(item: p.ClassPlan, lazy: bool, *, keep_out_channels: bool) -> bool:
    before = item.init, list(item.parameters), item.tensors, item.takes_input
    if not item.is_model:
        own = forward_reads(item.forward)
        item.tensors = tuple(
            t for t in item.tensors if f"@{t}" in own or any(mentions(s, t) for s in item.forward)
        )
        alone = bool(item.tensors) and not item.sequence
        item.takes_input = not alone or reads_first(item.forward, item.first) is True
    if not keep_out_channels:
        item.init = tuple(
            s for s in item.init if not (isinstance(s, p.Store) and s.name == "out_channels")
        )
    read = init_reads(item.init, lazy) | layer_reads(item.items, lazy)
    item.init = _without_dead(item.init, read)
    item.parameters = [q for q in item.parameters if q.name in read]
    return before != (item.init, item.parameters, item.tensors, item.takes_input)


def _without_dead(statements: Statements, read: set[str]) -> Statements:
    kept: list[p.InitStatement] = []
    for statement in statements:
        match statement:
            case p.Assign(name=name) | p.NewMap(name=name) if name not in read:
                continue
            case p.SetItem(name=name) if name not in read:
                continue
            case p.InitIf(condition=condition, then=then, otherwise=otherwise):
                first, second = _without_dead(then, read), _without_dead(otherwise, read)
                if first or second:
                    kept.append(p.InitIf(condition, first, second))
            case p.InitFor(body=body):
                inner = _without_dead(body, read)
                if inner:
                    kept.append(replace(statement, body=inner))
            case _:
                kept.append(statement)
    return tuple(kept)
