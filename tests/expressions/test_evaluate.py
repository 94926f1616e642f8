"""Expressions mean what they mean in Python, and a bool is no number."""

import math
from collections.abc import Callable
from typing import Any

import pytest

Value = Callable[..., Any]
Code = Callable[..., str]

AS_IN_PYTHON = [
    "7 // 2",
    "-7 // 2",
    "-7 % 3",
    "7 % -3",
    "7.5 // 2",
    "6 / 3",
    "2 ** 10",
    "2 ** -1",
    "-2 ** 2",
    "2 ** 3 ** 2",
    "1 - 2 - 3",
    "2 + 3 * 4",
    "(2 + 3) * 4",
    "0.1 + 0.2",
    "1 < 2 < 3",
    "1 < 3 < 2",
    "2 == 2.0",
    "3 in [1, 2, 3]",
    "4 not in [1, 2, 3]",
    '"b" in ["a", "b"]',
    '"b" < "c"',
    "[1, 2] == [1, 2]",
    "[1, [2, 3]][1][0]",
    "[1, 2, 3][-1]",
    "[1, 2, 3][1:]",
    "[1, 2, 3][:-1]",
    "[1, 2, 3][5:]",
    "[1, 2] + [3]",
    "[1, 2] * 2",
    "2 * [1, 2]",
    "[0] * -1",
    '"ab" + "cd"',
    '"ab" * 2',
    "1 if 2 > 1 else 0",
    "len([1, 2])",
    "len(range(10))",
    "sum([1, 2.5])",
    "sum([])",
    "min(3, 1, 2)",
    "max([3, 1, 2])",
    "abs(-3)",
    "int(2.9)",
    "int(-2.9)",
    "round(2.5)",
    "round(3.5)",
    "round(-2.5)",
    "round(2.345, 2)",
    "round(1234, -2)",
]


@pytest.mark.parametrize("text", AS_IN_PYTHON)
def test_as_in_python(text: str, value: Value) -> None:
    expected = eval(text)
    if isinstance(expected, list):
        expected = tuple(expected)
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("list(range(3))", None),
        ("range(2, 10, 3)", (2, 5, 8)),
        ("range(3, 0, -1)", (3, 2, 1)),
        ("range(3, 0)", ()),
        ("floor(-1.5)", -2),
        ("ceil(1.2)", 2),
        ("sqrt(16)", 4.0),
        ("log(1)", 0.0),
        ("log(8, 2)", 3.0),
        ("zip([1, 2], [3, 4])", ((1, 3), (2, 4))),
        ("reversed([1, 2, 3])", (3, 2, 1)),
        ("unique([2, 1, 2, 3, 1])", (2, 1, 3)),
        ("count([1, 2, 1], 1)", 2),
        ("not false", True),
        ("true and not false or false", True),
        ("none == none", True),
        ("none == 0", False),
        ("[v * v for v in range(4) if v % 2 == 0]", (0, 4)),
        ("[a + b for a, b in [[1, 2], [3, 4]]]", (3, 7)),
        ("[[u, v] for u, v in zip([1], [2])]", ((1, 2),)),
    ],
)
def test_functions_and_lists(text: str, expected: Any, value: Value, code: Code) -> None:
    if expected is None:
        assert code(text) == "R0201"
    else:
        assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true == 1", False),
        ("false == 0", False),
        ("1 in [true]", False),
        ("[true] == [1]", False),
        ("unique([1, true, 1.0])", (1, True)),
        ("count([true, 1], 1)", 1),
    ],
)
def test_a_bool_is_no_number(text: str, expected: Any, value: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text", ["true + 1", "-true", "sum([true])", "max(1, true)", "true < 2", "abs(true)"]
)
def test_nor_is_it_used_as_one(text: str, code: Code) -> None:
    assert code(text) == "R0301"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 and 2", "R0309"),
        ("not 1", "R0309"),
        ("1 if [] else 2", "R0309"),
        ("[v for v in [1] if v]", "R0309"),
        ("1 // 0", "R0307"),
        ("1 / 0", "R0307"),
        ("1 % 0", "R0307"),
        ("0 ** -1", "R0307"),
        ("(-8) ** 0.5", "R0307"),
        ("1e300 * 1e300", "R0307"),
        ("2.0 ** 10_000", "R0307"),
        ("[1, 2][2]", "R0307"),
        ("[1, 2][-3]", "R0307"),
        ("[][0]", "R0307"),
        ("log(0)", "R0307"),
        ("sqrt(-1)", "R0307"),
        ("[1][0.0]", "R0302"),
        ("[1][true]", "R0302"),
        ("[1][0.0:]", "R0302"),
        ('1 + "1"', "R0301"),
        ("1 + [1]", "R0301"),
        ('1 < "1"', "R0301"),
        ("[1] < [2]", "R0301"),
        ("1 in 2", "R0301"),
        ("1[0]", "R0301"),
        ("1[0:]", "R0301"),
        ("(1).channels", "R0301"),
        ("len(1)", "R0301"),
        ("max([])", "R0301"),
        ("max(1)", "R0301"),
        ("range(1.0)", "R0302"),
        ("range(1, 2, 0)", "R0301"),
        ("zip([1], [1, 2])", "R0301"),
        ("divisible(3, 0)", "R0301"),
        ("divisible(3, 8.0)", "R0302"),
        ("round(1, 0.5)", "R0302"),
        ("[a for a, b in [[1]]]", "R0301"),
        ("[a for a in 3]", "R0301"),
        ("len()", "R0209"),
        ("len([], [])", "R0209"),
        ("range(1, 2, 3, 4)", "R0209"),
        ("max(a = 1)", "R0206"),
    ],
)
def test_what_has_no_value(text: str, expected: str, code: Code) -> None:
    assert code(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 ** 63", "R0313"),
        ("-2 ** 62 * 2 - 1", "R0313"),
        ("9 ** 9 ** 9", "R0313"),
        ("int(1e300)", "R0313"),
        ("[0] * 10 ** 9", "R0313"),
        ("range(10 ** 18)", "R0313"),
        ("range(-2 ** 63, 2 ** 63 - 1)", "R0313"),
        ("[range(50_000), range(50_001)]", "R0313"),
        ('"ab" * 10 ** 9', "R0313"),
        ("zip(range(60_000), range(60_000))", "R0313"),
        ("round(5, -10 ** 18)", "R0301"),
        ("[[0] * 100_000 for i in range(100_000)]", "R0310"),
        ("[0 for i in range(100_000) if len(range(i)) < 0]", "R0310"),
        ('["ab" * 30_000 for i in range(100_000)]', "R0310"),
    ],
)
def test_the_bounds(text: str, expected: str, code: Code) -> None:
    assert code(text) == expected


def test_the_largest_values_are_values(value: Value) -> None:
    assert value("2 ** 62 + (2 ** 62 - 1)") == 2**63 - 1
    assert value("-2 ** 62 * 2") == -(2**63)
    assert len(value("[0] * 100_000")) == 100_000


def test_comparing_long_lists_is_counted(code: Code) -> None:
    rows = tuple(range(90_000))
    assert code("[a == a for i in range(20)]", a=rows) == "R0310"


@pytest.mark.parametrize(
    ("value_", "by", "expected"),
    [(32 * 0.35, 8, 16), (24, 8, 24), (20, 8, 24), (11.2, 8, 16), (3, 8, 8), (35, 8, 32)],
)
def test_divisible_is_the_rule_of_mobilenet(
    value_: float, by: int, expected: int, value: Value
) -> None:
    found = value("divisible(v, by)", v=value_, by=by)
    assert found == expected
    assert found >= 0.9 * value_ and found % by == 0


def test_a_comprehension_has_names_of_its_own(value: Value) -> None:
    assert value("[v for v in [1, 2]] + [v]", v=9) == (1, 2, 9)


def test_logic_stops_early(value: Value) -> None:
    assert value("true or 1 // 0 == 1") is True
    assert value("false and 1 // 0 == 1") is False
    assert value("1 if true else 1 // 0") == 1
    assert value("2 < 1 < 1 // 0") is False


def test_floats_are_finite(value: Value) -> None:
    assert math.isfinite(value("1e308 * 1.0"))
