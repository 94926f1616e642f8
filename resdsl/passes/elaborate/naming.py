"""Canonical names of items while a model runs, as `LANGUAGE` rule 8 makes them."""

from __future__ import annotations

from typing import Any

from resdsl import ir
from resdsl.diagnostics import CompileError, Label, Span, error
from resdsl.diagnostics.near import clipped
from resdsl.expressions.evaluate import Scope, evaluate
from resdsl.expressions.values import describe, is_whole
from resdsl.passes.resolve.naming import check_label_text
from resdsl.records import dataclass, field

#: Characters of a whole name: a hundred thousand of them are kept at once.
LONGEST_NAME = 1000

#: The name of a shortcut without a label.
SHORTCUT = ir.Fixed("shortcut")

Positions = dict[tuple[int, ...], Span]


def is_automatic(name: ir.ItemName) -> bool:
    """Whether nobody wrote the name, so that only items with weights bear it."""
    return isinstance(name, ir.Automatic) or name == SHORTCUT


@dataclass(slots=True)
class Naming:
    """Canonical names under one prefix."""

    prefix: str
    #: The rounds of the loops around the statement that runs.
    loops: tuple[int, ...] = ()
    count: int = 0
    #: Names given out, with the place of the item that bears each.
    taken: dict[str, Span] = field(default_factory=dict)
    #: Lists of elements, and of automatic names in loops: the numbers that are there.
    elements: dict[str, Positions] = field(default_factory=dict)
    automatic: dict[str, Positions] = field(default_factory=dict)

    def path(self, text: str) -> str:
        """The full path of an item of this scope."""
        return f"{self.prefix}.{text}" if self.prefix else text

    def text(self, name: ir.ItemName, scope: Scope, span: Span) -> str:
        """The name of the next item; labels are given out, automatic names only by `claim`."""
        match name:
            case ir.Fixed(text=text) if name is SHORTCUT or name == SHORTCUT:
                pass
            case ir.Fixed(text=text):
                self._give(text, span)
            case ir.Element(base=base, index=index):
                text = self._element(base, index, scope, span)
            case ir.Template(parts=parts):
                text = self._filled(parts, scope, span)
                self._give(text, span)
            case ir.Position():
                text = str(self.count)
                self.count += 1
            case ir.Automatic(text=stem):
                text = ".".join([stem, *map(str, self.loops)])
        if len(self.prefix) + len(text) > LONGEST_NAME:
            raise error(
                "R0223", f"the name of this item is longer than {LONGEST_NAME} characters", span
            )
        return text

    def claim(self, name: ir.ItemName, span: Span) -> None:
        """Give out the automatic name of an item that has weights."""
        if name == SHORTCUT:
            self._give("shortcut", span)
        if not isinstance(name, ir.Automatic):
            return
        stem = name.text
        label = self.taken.get(stem) or next(iter(self.elements.get(stem, {}).values()), None)
        if label is not None:
            raise _meeting(stem, label, span)
        self.automatic.setdefault(stem, {})[self.loops] = span

    # ---- labels ---------------------------------------------------------------------------------

    def _give(self, text: str, span: Span) -> None:
        if text in self.automatic:
            raise _meeting(text, span, next(iter(self.automatic[text].values())))
        if text in self.taken:
            raise self._twice(text, span)
        if text in self.elements:
            raise _list_and_item(text, span, next(iter(self.elements[text].values())))
        self.taken[text] = span

    def _element(self, base: str, index: Any, scope: Scope, span: Span) -> str:
        position = evaluate(index, scope)
        if not is_whole(position) or position < 0:
            raise error(
                "R0302",
                f"elements are numbered by whole numbers from 0, and this is {describe(position)}",
                index.span,
            )
        if base in self.automatic:
            raise _meeting(base, span, next(iter(self.automatic[base].values())))
        if base in self.taken:
            raise _list_and_item(base, self.taken[base], span)
        text = f"{base}.{position}"
        positions = self.elements.setdefault(base, {})
        if (position,) in positions:
            self.taken[text] = positions[(position,)]
            raise self._twice(text, span)
        positions[(position,)] = span
        return text

    def _filled(self, parts: tuple[Any, ...], scope: Scope, span: Span) -> str:
        pieces = []
        for part in parts:
            value = part if isinstance(part, str) else evaluate(part, scope)
            if isinstance(value, bool) or not isinstance(value, int | str):
                raise error(
                    "R0301",
                    f"a label is filled in with whole numbers and texts, not {describe(value)}",
                    part.span,
                )
            pieces.append(str(value))
        text = "".join(pieces)
        plain = text.replace("_", "a").replace("-", "a")
        if not (plain.isascii() and plain.isalnum()):
            raise error(
                "R0223",
                f'"{clipped(text)}" cannot be a label' if text else "an empty text is no label",
                span,
                help="a label has letters, digits, `_` and `-`",
            )
        check_label_text(text, span)
        return text

    def _twice(self, text: str, span: Span) -> CompileError:
        other = self.taken[text]
        if text == SHORTCUT.text:
            help = "give them labels: `shortcut name: …`"
        elif other == span:
            help = f"number it, as in `{text}[i]: …`" if "." not in text else "count on in the loop"
        else:
            help = "give one of them another label"
        return error(
            "R0210",
            f"the name `{clipped(self.path(text))}` is given twice",
            span,
            "in every round of this loop" if other == span else "here again",
            secondary=[] if other == span else [Label(other, "first here")],
            help=help,
        )

    # ---- when the scope ends --------------------------------------------------------------------

    def check_gaps(self) -> None:
        """Every list of names is complete. Raises `CompileError` otherwise."""
        for base, positions in self.elements.items():
            missing = _gap(positions)
            if missing is not None:
                raise error(
                    "R0215",
                    f"`{base}` has no element {missing[0]}, but later ones",
                    positions[max(positions)],
                    help="number the elements from 0 without a gap",
                )
        for stem, positions in self.automatic.items():
            missing = _gap(positions)
            if missing is not None:
                name = ".".join([stem, *map(str, missing)])
                raise error(
                    "R0215",
                    f"`{name}` is left out, but later ones are there",
                    positions[max(positions)],
                    "numbered by the rounds of its loop",
                    help=f'give it a label that may have gaps, such as `"{stem}-{{index}}": …`',
                )


def _gap(positions: Positions) -> tuple[int, ...] | None:
    """The first number that is missing: after each beginning, numbers count from 0."""
    following: dict[tuple[int, ...], set[int]] = {}
    for position in positions:
        for depth, number in enumerate(position):
            following.setdefault(position[:depth], set()).add(number)
    for beginning, numbers in following.items():
        missing = next((i for i in range(len(numbers)) if i not in numbers), None)
        if missing is not None:
            return (*beginning, missing)
    return None


def _meeting(name: str, label: Span, unlabelled: Span) -> CompileError:
    return error(
        "R0214",
        f"the label `{name}` is also the name that an unlabelled item gets",
        label,
        "the label",
        secondary=[Label(unlabelled, f"this one is called `{name}`, by its kind and place")],
        help="label that one too",
    )


def _list_and_item(base: str, item: Span, element: Span) -> CompileError:
    return error(
        "R0210",
        f"`{base}` is an item, and a list of elements",
        item,
        "the item",
        secondary=[Label(element, "an element")],
        help="give one of them another label",
    )
