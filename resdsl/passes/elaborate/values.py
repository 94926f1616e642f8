"""What names can stand for while a model is unrolled: tensors, lists of them, the branch's facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from resdsl.diagnostics import Label, Span, error
from resdsl.expressions.functions import is_whole
from resdsl.types import TensorType

Strides = tuple[Fraction, Fraction]
UNIT: Strides = (Fraction(1), Fraction(1))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the positions of a tensor come from: an origin, and how much they have thinned out
    since. Two tensors of different origins have no common stride."""

    origin: int
    strides: Strides = UNIT


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A value of the graph, as the language sees it."""

    value: int
    type: TensorType
    place: Place

    def member(self, name: str, span: Span | None) -> int:
        """`.channels`, `.height` or `.width`."""
        sizes = {"channels": self.type.channels}
        if self.type.rank == 2:
            sizes |= {"height": self.type.shape[1], "width": self.type.shape[2]}
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
    """The tensors labelled `y[i]`."""

    name: str
    elements: dict[int, Tensor] = field(default_factory=dict)

    def element(self, index: Any, span: Span | None) -> Tensor:
        """`y[i]`; negative positions count from the end."""
        if not is_whole(index):
            raise error("R0302", "an index is a whole number", span)
        position = index + len(self.elements) if index < 0 else index
        if position not in self.elements:
            raise error("R0307", f"`{self.name}` has no element {index} here", span)
        return self.elements[position]

    @property
    def tensors(self) -> list[Tensor]:
        """All of them, in index order."""
        return [self.elements[i] for i in sorted(self.elements)]


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """What a shortcut knows of its branch F."""

    before: Tensor
    after: Tensor
    span: Span

    def member(self, name: str, span: Span | None) -> Any:
        """`.channels`, `.stride` or `.reshapes`."""
        match name:
            case "channels":
                return self.after.type.channels
            case "stride":
                return self.stride(span)
            case "reshapes":
                changed = self.after.type.channels != self.before.type.channels
                return self.stride(span) != 1 or changed
            case _:
                raise error(
                    "R0301",
                    f"the branch has no `.{name}`",
                    span,
                    help="it has `.channels`, `.stride` and `.reshapes`",
                )

    def stride(self, span: Span | None) -> Any:
        """The product of the strides along F: a whole number, or a list where they differ."""
        before, after = self.before.place, self.after.place
        if before.origin != after.origin:
            raise error(
                "R0306",
                "the branch has no stride",
                span,
                "asked for here",
                secondary=[Label(self.span, "positions are lost or paths disagree in this branch")],
                help="give the shortcut a body of its own with its stride",
            )
        ratios = [a / b for a, b in zip(after.strides, before.strides, strict=True)]
        if any(r.denominator != 1 for r in ratios):
            raise error("R0306", "the branch has more positions than its input", span)
        down, across = (r.numerator for r in ratios)
        return down if down == across else (down, across)
