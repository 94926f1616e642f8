"""Small pieces of source text."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.codegen.python.layout import INDENT, statement


def number(value: float) -> str:
    """A number as a person writes it: `0.1`, `64_000`, `1e-5`."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):_}" if abs(value) >= 10_000 else str(int(value))
    digits, e, exponent = repr(value).partition("e")
    if e:
        return f"{digits}e{int(exponent)}"
    if not digits.startswith("0.000"):
        return digits
    significant = digits.removeprefix("0.").lstrip("0")
    exponent = str(len(significant) - len(digits) + 1)
    rest = f".{significant[1:]}" if significant[1:] else ""
    return f"{significant[0]}{rest}e{exponent}"


def numbers(values: tuple[float, ...]) -> str:
    """One number, or a list of them."""
    return number(values[0]) if len(values) == 1 else f"[{', '.join(map(number, values))}]"


def laid_out(text: str, depth: int) -> list[str]:
    """A statement that stands `depth` deep, over several lines where it has to be; the lines begin
    at its own indentation."""
    margin = len(INDENT) * depth
    target, equals, value = text.partition(" = ")
    if text.startswith("return "):
        lines = statement(text.removeprefix("return "), depth, "return ")
    elif equals and "(" not in target:
        lines = statement(value, depth, f"{target} = ")
    else:
        lines = statement(text, depth)
    return [line[margin:] for line in lines]


def indented(lines: Iterable[str], depth: int = 1) -> list[str]:
    """The lines deeper; empty ones stay empty."""
    return [f"{INDENT * depth}{line}" if line else "" for line in lines]


def split(text: str) -> list[str]:
    """The lines of a text that is written with line breaks around it."""
    return text.strip("\n").split("\n")
