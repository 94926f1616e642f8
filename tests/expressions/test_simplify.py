"""Simplified expressions keep their values, and come out as code should show them."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from resdsl.diagnostics import CompileError
from resdsl.expressions.functions import FUNCTIONS
from resdsl.expressions.nodes import (
    Apply,
    Argument,
    Binary,
    Choice,
    Compare,
    Comprehension,
    Constant,
    Expr,
    Index,
    ListOf,
    Literal,
    Logic,
    Name,
    NoneValue,
    Slice,
    Unary,
)
from resdsl.expressions.simplify import literal, names_in, simplify

VALUES: dict[str, Any] = {
    "a": 3,
    "b": 2.5,
    "c": True,
    "d": (4, 1, 2),
    "e": "text",
    "i": 1,
    "j": -2,
}
ROUNDS = 4000


def unchanged(expression: Expr) -> Expr | None:
    return None


class Generator:
    """Random expressions; many of them have a value."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def any(self, depth: int) -> Expr:
        kind = self.random.choice("nnnnbbl?")
        if kind == "n":
            return self.number(depth)
        if kind == "b":
            return self.truth(depth)
        return self.list(depth) if kind == "l" else self.anything(depth)

    def number(self, depth: int) -> Expr:
        pick = self.random.random()
        if depth == 0 or pick < 0.2:
            return self.random.choice(
                [Literal(self.random.randint(-3, 4)), Literal(1), Literal(0), Literal(2.5)]
                + [Name(n) for n in "abij"]
            )
        if pick < 0.6:
            symbol = self.random.choice(["+", "-", "*", "/", "//", "%", "**"])
            return Binary(symbol, self.number(depth - 1), self.number(depth - 1))
        if pick < 0.7:
            return Unary(self.random.choice("+-"), self.number(depth - 1))
        if pick < 0.8:
            return Index(self.list(depth - 1), self.number(depth - 1))
        if pick < 0.9:
            name = self.random.choice(["len", "sum", "max", "min"])
            return self.call(name, self.list(depth - 1))
        if pick < 0.95:
            name = self.random.choice(["abs", "round", "int", "floor", "ceil"])
            return self.call(name, self.number(depth - 1))
        return Choice(self.number(depth - 1), self.truth(depth - 1), self.number(depth - 1))

    def truth(self, depth: int) -> Expr:
        pick = self.random.random()
        if depth == 0 or pick < 0.2:
            return self.random.choice([Literal(True), Literal(False), Name("c")])
        if pick < 0.5:
            count = self.random.choice([1, 1, 1, 2])
            symbols = ["==", "!=", "<", "<=", ">", ">="]
            operators = tuple(self.random.choice(symbols) for _ in range(count))
            return Compare(tuple(self.number(depth - 1) for _ in range(count + 1)), operators)
        if pick < 0.6:
            return Compare((self.any(depth - 1), self.list(depth - 1)), ("in",))
        if pick < 0.7:
            return Unary("not", self.truth(depth - 1))
        count = self.random.choice([2, 3])
        symbol = self.random.choice(["and", "or"])
        return Logic(symbol, tuple(self.truth(depth - 1) for _ in range(count)))

    def list(self, depth: int) -> Expr:
        pick = self.random.random()
        if depth == 0 or pick < 0.3:
            return Name("d")
        if pick < 0.6:
            count = self.random.randint(0, 3)
            return ListOf(tuple(self.number(depth - 1) for _ in range(count)))
        if pick < 0.7:
            return Slice(self.list(depth - 1), *(self.bound(depth - 1) for _ in range(2)))
        if pick < 0.8:
            return self.call("range", self.number(depth - 1))
        # A target of a name that is replaced, or that replacements read.
        target = self.random.choice(["i", "a", "k"])
        condition = self.truth(depth - 1) if self.random.random() < 0.3 else None
        element = Binary("+", Name(target), self.number(depth - 1))
        return Comprehension(element, (target,), self.list(depth - 1), condition)

    def bound(self, depth: int) -> Expr | None:
        return None if self.random.random() < 0.4 else self.number(depth)

    def anything(self, depth: int) -> Expr:
        """What has a value only by chance."""
        parts = [NoneValue(), Literal("text"), Name("e"), Name("c")]
        left, right = (self.random.choice([*parts, self.number(0)]) for _ in range(2))
        symbol = self.random.choice(["+", "*", "==", "in", "and", "[", "max"])
        if symbol in ("+", "*"):
            return Binary(symbol, left, right)
        if symbol in ("==", "in"):
            return Compare((left, right), (symbol,))
        if symbol == "and":
            return Logic(symbol, (left, self.truth(depth)))
        return Index(left, right) if symbol == "[" else self.call(symbol, left)

    def call(self, name: str, argument: Expr) -> Expr:
        return Apply(Constant(FUNCTIONS[name]), (Argument(None, argument),))


def replacements(pick: random.Random) -> dict[str, Expr]:
    """Some names become values, others expressions over names that comprehensions bind too."""
    found: dict[str, Expr] = {}
    for name, value in VALUES.items():
        choice = pick.random()
        if choice < 0.3:
            found[name] = literal(value)
        elif choice < 0.5 and name == "a":
            found[name] = Binary("+", Name("i"), Literal(2))
        elif choice < 0.5 and name == "j":
            found[name] = Binary("-", Name("i"), Name("a"))
    return found


def test_simplified_expressions_keep_their_values(in_scope: Callable[..., Any]) -> None:
    tried = 0
    for seed in range(ROUNDS):
        generator = Generator(seed)
        expression = generator.any(4)
        replaced = replacements(generator.random)
        simplified = simplify(
            expression, lambda e, r=replaced: r.get(e.id) if isinstance(e, Name) else None
        )
        # Replaced names have the values of what stands for them.
        names = {k: v for k, v in VALUES.items() if k not in replaced}
        try:
            values = {k: in_scope(e, VALUES) for k, e in replaced.items()}
            expected = in_scope(expression, VALUES | values)
        except CompileError:
            continue
        found = in_scope(simplified, VALUES | names)
        assert found == expected and type(found) is type(expected), (seed, expression, simplified)
        tried += 1
    assert tried > ROUNDS // 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4 * 16", "64"),
        ("a * 1", "a"),
        ("1 * a", "a"),
        ("a + 0", "a"),
        ("0 + a", "a"),
        ("a - 0", "a"),
        ("a ** 1", "a"),
        ("0 - a", "0 - a"),
        ("a // 1", "a // 1"),
        ("len(d) // 1", "len(d)"),
        ("a * 0", "a * 0"),
        ("a - a", "a - a"),
        ("a == a", "true"),
        ("a != a", "false"),
        ("a < a", "a < a"),
        ("1 < 2 < 3", "true"),
        ("1 < a < 3", "1 < a < 3"),
        ("c and true", "c"),
        ("true and c", "c"),
        ("c and false", "false"),
        ("c or true", "true"),
        ("not true", "false"),
        ("a if true else b", "a"),
        ("a if c else a", "a"),
        ("[a, b][1]", "b"),
        ("[a, b][-1]", "b"),
        ("[a, b][2]", "[a, b][2]"),
        ("[a, b, c][1:]", "[b, c]"),
        ("len([a, b])", "2"),
        ("max(2, 3)", "3"),
        ("range(3)", "range(3)"),
        ("none == none", "true"),
        ('"a" == "b"', "false"),
        ("1 // 0", "1 // 0"),
        ("2 ** 63", "2 ** 63"),
        ("-3", "-3"),
        ("[v for v in d if true]", "[v for v in d]"),
        ("true == 1", "false"),
    ],
)
def test_what_is_left(text: str, expected: str, parsed: Callable[..., Expr]) -> None:
    names = ("a", "b", "c", "d")
    found = simplify(parsed(text, *names), unchanged)
    assert found == simplify_literals(parsed(expected, *names))


def simplify_literals(expression: Expr) -> Expr:
    """`-3` is written as an operator, and means a number."""
    if isinstance(expression, Unary) and isinstance(expression.operand, Literal):
        return Literal(-expression.operand.value)  # type: ignore[operator]
    return expression


def test_a_name_is_not_captured(parsed: Callable[..., Expr]) -> None:
    """`w` becomes something that reads the `n` around, which the comprehension hides."""
    expression = parsed("[n * w for n in d]", "w", "d", "n")
    found = simplify(expression, lambda e: Name("n") if e == Name("w") else None)
    assert found == parsed("[n2 * n for n2 in d]", "w", "d", "n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2", {"a", "b"}),
        ("[v + a for v in d if v > b]", {"a", "b", "d"}),
        ("[v for v in v]", {"v"}),
        ("a[1:b]", {"a", "b"}),
        ("max(a, b if c else d)", {"a", "b", "c", "d"}),
        ("1 + 2", set()),
    ],
)
def test_names_in(text: str, expected: set[str], parsed: Callable[..., Expr]) -> None:
    assert names_in(parsed(text, "a", "b", "c", "d", "v")) == expected
