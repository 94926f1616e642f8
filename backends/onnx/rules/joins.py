"""ONNX rules of joins."""

from __future__ import annotations

from resdsl.ops.joins import Add, Concat, Mul, Sub

from ..builder import Site
from .tables import rules


@rules.emits(Add)
def add(op: Add, site: Site) -> None:
    match site.inputs:
        case (only,):
            site.emit("Identity", only)
        case (first, second):
            site.emit("Add", first, second)
        case several:
            site.emit("Sum", *several)


@rules.emits(Sub)
def sub(op: Sub, site: Site) -> None:
    site.emit("Sub", *site.inputs)


@rules.emits(Mul)
def mul(op: Mul, site: Site) -> None:
    first, *others = (
        name
        if type.rank == site.result.rank
        else site.part("Unsqueeze", name, site.ints(*range(2, 2 + site.result.rank)))
        for name, type in zip(site.inputs, site.types, strict=True)
    )
    if not others:
        site.emit("Identity", first)
        return
    for other in others[:-1]:
        first = site.part("Mul", first, other)
    site.emit("Mul", first, others[-1])


@rules.emits(Concat)
def concat(op: Concat, site: Site) -> None:
    site.emit("Concat", *site.inputs, axis=1)
