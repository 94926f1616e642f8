"""The layers of a whole file, for what is decided over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from resdsl.codegen import plan as p
from resdsl.codegen.python.layout import INDENT, WIDTH


def layers_of(plan: p.ModulePlan) -> list[p.OpLayer]:
    """Every operation that is made as a layer, in the order of the file."""
    found: list[p.OpLayer] = []
    for item in plan.classes:
        found += _in_statements(item.init)
        found += _in_layer(item.items)
    return found


def _in_statements(statements: Iterable[p.InitStatement]) -> Iterator[p.OpLayer]:
    for statement in statements:
        match statement:
            case p.SetLayer(layer=layer) | p.Gather(layer=layer) | p.AssignLayer(layer=layer):
                yield from _in_layer(layer)
            case p.InitIf(then=then, otherwise=otherwise):
                yield from _in_statements((*then, *otherwise))
            case p.InitFor(body=body):
                yield from _in_statements(body)


def _in_layer(layer: p.Layer | p.Repeat | None) -> Iterator[p.OpLayer]:
    match layer:
        case p.OpLayer():
            yield layer
        case p.SequenceLayer(items=items):
            for item in items:
                yield from _in_layer(item)
        case p.Repeat(layer=inner):
            yield from _in_layer(inner)


def homes_of(plan: p.ModulePlan) -> list[p.Home]:
    """Every place that a layer is kept in."""

    def visit(statements: Iterable[p.InitStatement]) -> Iterator[p.Home]:
        for statement in statements:
            match statement:
                case p.SetLayer(home=home):
                    yield home
                case p.InitIf(then=then, otherwise=otherwise):
                    yield from visit((*then, *otherwise))
                case p.InitFor(body=body):
                    yield from visit(body)

    return [home for item in plan.classes for home in visit(item.init)]


def renamed_attributes(plan: p.ModulePlan) -> bool:
    """Whether some attribute could not bear its canonical name."""
    return any(
        isinstance(home, p.Attribute | p.ListItem) and home.name.endswith("_")
        for home in homes_of(plan)
    )


def instance_test(variable: str, classes: Sequence[str]) -> list[str]:
    """`if isinstance(variable, A | B):` in a function, broken as the formatter does it."""
    whole = " | ".join(classes)
    line = f"{INDENT}if isinstance({variable}, {whole}):"
    if len(line) <= WIDTH:
        return [line]
    inside, deep = f"{variable}, {whole}", INDENT * 2
    lines = [deep + inside]
    if len(lines[0]) > WIDTH:
        unions = [classes[0], *(f"| {name}" for name in classes[1:])]
        together = [deep + whole] if len(f"{deep}{whole},") <= WIDTH else [deep + u for u in unions]
        lines = [f"{deep}{variable},", *together[:-1], f"{together[-1]},"]
    return [f"{INDENT}if isinstance(", *lines, f"{INDENT}):"]


def asks_for_sequences(plan: p.ModulePlan) -> bool:
    """Whether some annotation of a constructor or `forward` is a `Sequence[…]`."""
    return any(
        any("Sequence[" in q.annotation for q in c.parameters) or c.lists & {*c.tensors}
        for c in plan.classes
    )
