"""What names can stand for while a model runs: tensors, lists of them, the facts of a branch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from resdsl.diagnostics import Label, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean, listed
from resdsl.expressions.operators import compare
from resdsl.ops.base import Ratio
from resdsl.ops.shapes import AXES
from resdsl.records import dataclass, field, replace
from resdsl.sizes import Dim
from resdsl.types import TensorType

#: One number for each spatial dimension.
Strides: TypeAlias = tuple[Ratio, ...]


def ratio(over: Ratio, under: Ratio) -> Ratio:
    """`over / under`, exactly."""
    whole, rest = divmod(over, under)
    if not rest:
        return whole
    from fractions import Fraction  # Slow to import, and seldom wanted.

    return Fraction(over) / Fraction(under)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the positions of a tensor come from: an origin, and how much they have thinned out
    since. Two tensors of different origins have no common stride. `is_lost` says that the
    positions of the origin are gone, as after a global pool."""

    origin: int
    strides: Strides
    is_lost: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A value of the graph, as the language sees it."""

    value: int
    type: TensorType
    place: Place

    def in_words(self) -> str:
        return f"a tensor of {self.type}"

    def member(self, name: str, span: Span | None) -> Dim:
        """`.channels`, and the spatial sizes: `.length`, or `.height` and `.width`, with a
        `.depth` before them."""
        names = ("channels", *(AXES[self.type.rank] if self.type.rank < len(AXES) else ()))
        sizes: dict[str, Dim] = dict(zip(names, self.type.shape, strict=False))
        if name not in sizes:
            raise error(
                "R0301",
                f"a tensor of shape {self.type} has no `.{name}`",
                span,
                help="it has " + ", ".join(f"`.{n}`" for n in sizes),
            )
        return sizes[name]


@dataclass(slots=True, eq=False)
class TensorList:
    """The tensors labelled `y[i]`, those of a `split`, or a list that a block leaves."""

    name: str
    elements: dict[int, Tensor] = field(default_factory=dict)

    def in_words(self) -> str:
        return f"the list of tensors `{self.name}`" if self.name else "a list of tensors"

    def as_list(self) -> tuple[Tensor, ...]:
        """All of them, in index order."""
        return tuple(self.elements[i] for i in sorted(self.elements))

    def element(self, index: int, span: Span | None) -> Tensor:
        """`y[i]`; negative positions count from the end."""
        position = index + max(self.elements) + 1 if index < 0 else index
        if position not in self.elements:
            raise error(
                "R0307",
                f"`{self.name}` has no element {index} here",
                span,
                help=f"the elements so far are {_numbers(sorted(self.elements))}",
            )
        return self.elements[position]


def list_of(name: str, tensors: Iterable[Tensor]) -> TensorList:
    """Tensors in order under a name."""
    return TensorList(name, dict(enumerate(tensors)))


@dataclass(slots=True, eq=False)
class Results:
    """What a block with several results leaves: tensors and lists of them, by name."""

    name: str
    entries: dict[str, Tensor | TensorList]

    def in_words(self) -> str:
        return f"the results of `{self.name}`" if self.name else "several results"

    def as_list(self) -> tuple[Tensor, ...]:
        """All tensors, those of lists included."""
        return tuple(t for entry in self.entries.values() for t in tensors_of(entry))

    def member(self, name: str, span: Span | None) -> Tensor | TensorList:
        """`label.name`"""
        if name not in self.entries:
            raise error(
                "R0301",
                f"{self.in_words()} have no `.{clipped(name)}`",
                span,
                help=did_you_mean(name, self.entries) or f"they are {listed(self.entries)}",
            )
        return self.entries[name]

    def element(self, index: int, span: Span | None) -> Tensor:
        """`label[i]`; negative positions count from the end."""
        return list_of(self.name, self.as_list()).element(index, span)


#: What flows: one tensor, or several, of which none is the current one.
Flow: TypeAlias = Tensor | TensorList | Results


def tensors_of(flow: Flow) -> tuple[Tensor, ...]:
    """The tensors that flow."""
    return (flow,) if isinstance(flow, Tensor) else flow.as_list()


def changed(flow: Flow, change: Callable[[Tensor], Tensor]) -> Flow:
    """What flows with every tensor replaced."""
    match flow:
        case Tensor():
            return change(flow)
        case TensorList(elements=elements):
            return TensorList(flow.name, {i: change(t) for i, t in elements.items()})
        case Results(entries=entries):
            made = {n: changed(entry, change) for n, entry in entries.items()}
            return Results(flow.name, {n: e for n, e in made.items() if not isinstance(e, Results)})


def named(flow: Flow, name: str) -> Flow:
    """What flows, under the name by which messages speak of it."""
    return flow if isinstance(flow, Tensor) else replace(flow, name=name)


def _numbers(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:8]))
    return f"{shown} and {len(numbers) - 8} more" if len(numbers) > 8 else shown


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """What a shortcut knows of its branch F."""

    before: Tensor
    after: Tensor
    span: Span

    def in_words(self) -> str:
        return "the branch of this shortcut"

    def member(self, name: str, span: Span | None) -> Any:
        """`.channels`, `.stride` or `.reshapes`."""
        match name:
            case "channels":
                return self.after.type.shape[0]
            case "stride":
                return self.stride(span)
            case "reshapes":
                channels = self.before.type.shape[0], self.after.type.shape[0]
                return self.stride(span) != 1 or compare("!=", *channels, span)
            case _:
                raise error(
                    "R0301",
                    f"the branch has no `.{name}`",
                    span,
                    help="it has `.channels`, `.stride` and `.reshapes`",
                )

    def stride(self, span: Span | None) -> Any:
        """The product of the strides along F: a whole number, or a list where dimensions differ."""
        before, after = self.before.place, self.after.place
        if before.origin != after.origin:
            why = "no positions are left" if after.is_lost else "paths of different strides meet"
            raise error(
                "R0306",
                "the branch has no stride",
                span,
                "asked for here",
                secondary=[Label(self.span, f"{why} in this branch")],
                help="give the shortcut a body of its own, with its stride",
            )
        ratios = [ratio(a, b) for a, b in zip(after.strides, before.strides, strict=True)]
        if any(r.denominator != 1 for r in ratios):
            raise error(
                "R0306",
                "the branch has more positions than its input, and so no stride",
                span,
                "asked for here",
                secondary=[Label(self.span, "this branch")],
                help="give the shortcut a body of its own",
            )
        strides = tuple(r.numerator for r in ratios)
        return strides if len(set(strides)) > 1 else (*strides, 1)[0]
