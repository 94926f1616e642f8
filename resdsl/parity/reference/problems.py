"""What is said where a module and the network do not fit, or no map of names is confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.diagnostics import CompileError, error
from resdsl.weights.description import Tensor
from resdsl.weights.matching import Match, Unmatched

#: Lines shown of one sort.
SHOWN = 8
WRITE = "`--write-names names.json` writes the map that was tried; correct it, and give it back "


def unfit(over: Unmatched) -> CompileError:
    """Tensors without a counterpart, each with the nearest of those on the other side."""
    sides = []
    if over.ours:
        sides.append(f"{_count(over.ours)} of the network")
    if over.theirs:
        sides.append(f"{_count(over.theirs)} of your module")
    ours = _lines("the network's", over.ours, over.theirs)
    theirs = _lines("your", over.theirs, over.ours)
    return error(
        "R0641",
        f"{' and '.join(sides)} {'have' if _many(over) else 'has'} no counterpart",
        notes=(*ours, *theirs),
    )


def _many(over: Unmatched) -> bool:
    return len(over.ours) + len(over.theirs) > 1


def _count(tensors: Sequence[Tensor]) -> str:
    return "one weight" if len(tensors) == 1 else f"{len(tensors)} weights"


def _lines(whose: str, tensors: Sequence[Tensor], others: Sequence[Tensor]) -> Iterator[str]:
    for tensor in tensors[:SHOWN]:
        near = nearest(tensor, others)
        line = f"{whose} `{tensor.name}` ({_shape(tensor)})"
        yield line + (f": the nearest is `{near.name}` ({_shape(near)})" if near else "")
    if len(tensors) > SHOWN:
        yield f"and {len(tensors) - SHOWN} more of {whose.removesuffix(chr(39) + 's')}"


def nearest(tensor: Tensor, others: Sequence[Tensor]) -> Tensor | None:
    """Of the same part of a layer, the one with most sizes in common, then the most alike name."""
    from difflib import SequenceMatcher

    def likeness(other: Tensor) -> tuple[bool, int, bool, float]:
        common = sum(a == b for a, b in zip(tensor.core, other.core, strict=False))
        names = SequenceMatcher(None, tensor.name, other.name).ratio()
        alike = len(tensor.core) == len(other.core)
        return (other.role == tensor.role, common, alike, names)

    return max(others, key=likeness, default=None)


def _shape(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) if tensor.shape else "a single number"


def unconfirmed(match: Match, tried: int, closest: float) -> CompileError:
    """No order of layers of equal shapes makes the module compute what the network does."""
    notes = [
        f"{_names(theirs)} for {_names(ours)}: only an order tells them apart"
        for ours, theirs in match.groups[:SHOWN]
    ]
    if len(match.groups) > SHOWN:
        notes.append(f"and {len(match.groups) - SHOWN} more groups")
    orders = "one order was" if tried == 1 else f"{tried} orders were"
    return error(
        "R0642",
        f"your module computes something else with the network's weights: {orders} tried, and the "
        f"closest output is {closest:.1e} away",
        notes=notes,
        help=f"{WRITE}with `--names names.json`: it is taken as it is, and what differs is named",
    )


def _names(layers: Sequence[str]) -> str:
    shown = ", ".join(f"`{layer}`" for layer in layers[:4])
    return f"{shown}, … ({len(layers)})" if len(layers) > 4 else shown
