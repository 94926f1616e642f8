"""Reads JSON that anybody may have written: every value is checked where it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from resdsl.diagnostics import CompileError, error

#: Sizes and counts beyond this are no tensor's.
LARGEST = 2**53


class Fields:
    """A value somewhere in the JSON, and how to get there."""

    def __init__(self, value: Any, file: str, path: str = "") -> None:
        self._value = value
        self._file = file
        self._path = path

    def __getitem__(self, key: str) -> Fields:
        if not isinstance(self._value, dict) or key not in self._value:
            raise self.error(f"has no `{key}`")
        return Fields(self._value[key], self._file, f"{self._path}.{key}".lstrip("."))

    def items(self) -> Iterator[tuple[str, Fields]]:
        """Of an object."""
        if not isinstance(self._value, dict):
            raise self.error("is no object")
        for key in self._value:
            yield key, self[key]

    def entries(self) -> Iterator[Fields]:
        """Of a list."""
        if not isinstance(self._value, list):
            raise self.error("is no list")
        for number, entry in enumerate(self._value):
            yield Fields(entry, self._file, f"{self._path}.{number}")

    @property
    def is_null(self) -> bool:
        """Whether there is nothing."""
        return self._value is None

    def text(self) -> str:
        """A text."""
        if not isinstance(self._value, str):
            raise self.error("is no text")
        return self._value

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self._value, bool):
            raise self.error("is neither true nor false")
        return self._value

    def number(self) -> float:
        """A finite number."""
        if isinstance(self._value, bool) or not isinstance(self._value, int | float):
            raise self.error("is no number")
        if abs(self._value) > LARGEST:
            raise self.error("is too large")
        return float(self._value)

    def whole(self, below: int = LARGEST) -> int:
        """A whole number from 0."""
        if type(self._value) is not int or not 0 <= self._value < below:
            raise self.error(f"is no whole number from 0 on, below {below}")
        return self._value

    def sizes(self) -> tuple[int, ...]:
        """A shape."""
        return tuple(entry.whole() for entry in self.entries())

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(entry.text() for entry in self.entries())

    def object(self) -> dict[str, Any]:
        """An object, whatever it holds."""
        if not isinstance(self._value, dict):
            raise self.error("is no object")
        return self._value

    def error(self, what: str) -> CompileError:
        """That this value is not what it should be."""
        return damaged(self._file, f"{f'`{self._path}`' if self._path else 'it'} {what}")


def damaged(file: str, why: str) -> CompileError:
    """That the description in a trace is not one."""
    return error(
        "R0620",
        f"what `{file}` says of itself is damaged: {why}",
        help="copy it again, or make it anew with `resdsl trace`",
    )


def parse(text: str, file: str) -> Fields:
    """The JSON of a text, made of plain numbers and of words that can be shown."""
    try:
        value = json.loads(text, parse_constant=_refuse)
        if not _is_plain(value):
            raise damaged(file, "it holds characters that cannot be shown")
    except (ValueError, RecursionError):
        raise damaged(file, "it is no JSON") from None
    return Fields(value, file)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _is_plain(value: Any) -> bool:
    match value:
        case str():
            return value.isprintable()
        case dict():
            return all(k.isprintable() and _is_plain(v) for k, v in value.items())
        case list():
            return all(map(_is_plain, value))
    return True


def shown(value: Any) -> Any:
    """The same data with a sign for every character that cannot be shown."""
    match value:
        case str():
            return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
        case dict():
            return {shown(key): shown(entry) for key, entry in value.items()}
        case list() | tuple():
            return [shown(entry) for entry in value]
    return value
