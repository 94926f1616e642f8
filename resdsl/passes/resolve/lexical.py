"""What names mean at a place in the text: values, labels, and the definitions of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from resdsl.diagnostics import CompileError, Label, Span, error
from resdsl.passes.resolve.file_names import FileNames, InitializerFunction, unknown
from resdsl.records import dataclass, field

#: Names that a place gives a meaning to without anybody defining them.
IN_LOOPS = ("index", "first", "last")
_IMPLICIT = {
    "branch": "in a block, `branch` is what a shortcut knows of its branch",
    **dict.fromkeys(IN_LOOPS, "in loops and stages, `index`, `first` and `last` tell the round"),
}


class Where(Enum):
    """What kind of text an expression stands in."""

    BODY = "body"
    FILE = "file"
    DEFAULT = "the default of a parameter"
    EXPECT = "an expectation at file level"


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """Where a label was made, and whether it is the list of `y[i]: …`."""

    span: Span
    is_list: bool


@dataclass(slots=True)
class Lexical:
    """The names in reach at one place.

    Bodies are nested: `outer` is the one around this one. `values` holds what this body itself
    defines (parameters, `let`s, loop variables) and where; `labels` those of the naming scope,
    which bodies of `if`, `for`, residuals and joins share with the body around them. `upcoming`
    are labels that stand somewhere in the block, for a better message where one is used too early.
    """

    file: FileNames
    values: dict[str, Span | None] = field(default_factory=dict)
    labels: dict[str, LabelPlace] = field(default_factory=dict)
    outer: Lexical | None = None
    tapped: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    upcoming: Mapping[str, Span] = field(default_factory=dict)
    where: Where = Where.FILE

    def nested(self, values: Mapping[str, Span | None] | None = None) -> Lexical:
        """A body inside the same naming scope, with more values."""
        return self._inside(dict(values or {}), self.labels)

    def group(self) -> Lexical:
        """A naming scope inside this one: sees its values and labels, keeps its own labels."""
        return self._inside({}, {})

    def _inside(self, values: dict[str, Span | None], labels: dict[str, LabelPlace]) -> Lexical:
        return Lexical(
            self.file,
            values,
            labels,
            self,
            self.tapped,
            self.repeated,
            self.upcoming,
            self.where,
        )

    def _levels(self) -> Iterator[Lexical]:
        level: Lexical | None = self
        while level is not None:
            yield level
            level = level.outer

    # ---- looking names up ---------------------------------------------------------------------

    def is_value(self, name: str) -> bool:
        """Whether a parameter, `let` or loop variable in reach has this name."""
        return any(name in level.values for level in self._levels())

    def value_span(self, name: str) -> Span | None:
        """Where the value in reach was defined; `None` too for those that nobody defines."""
        return next((lv.values[name] for lv in self._levels() if name in lv.values), None)

    def label(self, name: str) -> LabelPlace | None:
        """The label in reach that has this name."""
        return next((lv.labels[name] for lv in self._levels() if name in lv.labels), None)

    def binding(self, name: str) -> object:
        """What tells the things apart that a name may mean at two places in one block."""
        for level in self._levels():
            if name in level.values:
                return level.values
            if name in level.labels:
                return level.labels
        return None

    def names(self) -> Iterator[str]:
        """Values and labels in reach, for near misses."""
        for level in self._levels():
            yield from level.values
            yield from level.labels

    # ---- making names ---------------------------------------------------------------------------

    def add_value(self, name: str, span: Span) -> None:
        """Define a `let`. Raises where this body has defined the name, or a label bears it."""
        if self.values.get(name) is not None:
            raise defined_twice(name, span, self.values[name])
        place = self.label(name)
        self.values[name] = span
        if place is not None:
            raise self.clash(name, place.span)

    def add_label(self, name: str, span: Span, *, is_list: bool = False) -> None:
        """Make a label. Raises where a value bears the name.

        Arms of one `if` may bear the same label; elaboration sees whether both run.
        """
        before = self.labels.setdefault(name, LabelPlace(span, is_list))
        if self.is_value(name):
            raise self.clash(name, span)
        if before.is_list is not is_list:
            raise error(
                "R0210",
                f"`{name}` labels an item, and the elements of a list",
                span,
                "here " + ("`" + name + "[…]`" if is_list else "the item"),
                secondary=[Label(before.span, "here " + _other(name, is_list))],
                help="give one of them another label",
            )

    def clash(self, name: str, span: Span) -> CompileError:
        """The error for a label and a value of one name."""
        other = self.value_span(name)
        if other is None:
            return error(
                "R0203",
                f"the label `{name}` cannot be told from a name of the language",
                span,
                help=f"rename it: {_IMPLICIT.get(name, 'it has a meaning here')}",
            )
        return error(
            "R0203",
            f"`{name}` is a label and a value",
            span,
            "the label",
            secondary=[Label(other, "the value")],
            help="rename one of them",
        )


def _other(name: str, is_list: bool) -> str:
    return "the item" if is_list else f"`{name}[…]`"


def defined_twice(name: str, span: Span, first: Span | None) -> CompileError:
    """The error for a second definition of a name."""
    return error(
        "R0202",
        f"`{name}` is defined twice",
        span,
        "here again",
        secondary=[Label(first, "first here")] if first is not None else (),
    )


__all__ = [
    "IN_LOOPS",
    "FileNames",
    "InitializerFunction",
    "LabelPlace",
    "Lexical",
    "Where",
    "defined_twice",
    "unknown",
]
