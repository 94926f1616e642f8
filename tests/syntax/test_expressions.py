"""Expressions: Python's precedence, Python's meaning, and nodes that compare by structure."""

import ast as python

import pytest

from resdsl.diagnostics import CompileError, Source
from resdsl.expressions import nodes
from resdsl.expressions.nodes import (
    Apply,
    Argument,
    Binary,
    Choice,
    Compare,
    Comprehension,
    Expr,
    Index,
    Input,
    ListOf,
    Literal,
    Logic,
    Member,
    Name,
    NoneValue,
    Slice,
    Unary,
)
from resdsl.syntax import parse_expression

A, B, C, D = (Name(letter) for letter in "abcd")


def expression(text: str) -> Expr:
    return parse_expression(Source("--set", text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1_000", 1000),
        ("0", 0),
        ("1.5", 1.5),
        ("1_0.2_5", 10.25),
        ("1e3", 1000.0),
        ("2.5E-3", 0.0025),
        ("9223372036854775807", 2**63 - 1),
        ("true", True),
        ("false", False),
        ('"a # \\"b\\" \\\\ {c}"', 'a # "b" \\ {c}'),
        ('""', ""),
        ('"über"', "über"),
    ],
)
def test_literals(text: str, value: object) -> None:
    node = expression(text)
    assert isinstance(node, Literal) and node == Literal(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("in", Input()),
        ("none", NoneValue()),
        ("in.channels", Member(Input(), "channels")),
        ("a.b.c", Member(Member(A, "b"), "c")),
        ("[]", ListOf(())),
        ("[a, b,]", ListOf((A, B))),
        ("[[a], b]", ListOf((ListOf((A,)), B))),
        ("a[b][c]", Index(Index(A, B), C)),
        ("a[b:c]", Slice(A, B, C)),
        ("a[:c]", Slice(A, None, C)),
        ("a[b:]", Slice(A, B, None)),
        ("a[:]", Slice(A, None, None)),
        ("a()", Apply(A, ())),
        ("a(b, c = d,)", Apply(A, (Argument(None, B), Argument("c", D)))),
        ("a(b)(c)", Apply(Apply(A, (Argument(None, B),)), (Argument(None, C),))),
        ("[a for b in c]", Comprehension(A, ("b",), C)),
        ("[a for b, d in c if d]", Comprehension(A, ("b", "d"), C, D)),
        ("a(b for b in c)", Apply(A, (Argument(None, Comprehension(B, ("b",), C)),))),
        ("a + b - c", Binary("-", Binary("+", A, B), C)),
        ("a - b * c // d", Binary("-", A, Binary("//", Binary("*", B, C), D))),
        ("a ** b ** c", Binary("**", A, Binary("**", B, C))),
        ("-a ** -b", Unary("-", Binary("**", A, Unary("-", B)))),
        ("- -a", Unary("-", Unary("-", A))),
        ("(a + b) * c", Binary("*", Binary("+", A, B), C)),
        ("a < b <= c", Compare((A, B, C), ("<", "<="))),
        ("a in b", Compare((A, B), ("in",))),
        ("a not in b", Unary("not", Compare((A, B), ("in",)))),
        (
            "a < b not in c",
            Logic("and", (Compare((A, B), ("<",)), Unary("not", Compare((B, C), ("in",))))),
        ),
        ("not a == b", Unary("not", Compare((A, B), ("==",)))),
        ("a or b and not c", Logic("or", (A, Logic("and", (B, Unary("not", C)))))),
        ("a and b and c", Logic("and", (A, B, C))),
        ("a and (b and c)", Logic("and", (A, Logic("and", (B, C))))),
        ("a if b else c if d else a", Choice(A, B, Choice(C, D, A))),
        ("x", Name("x")),
        ("model", Name("model")),
    ],
)
def test_nodes(text: str, node: Expr) -> None:
    assert expression(text) == node


@pytest.mark.parametrize(
    "text",
    [
        "1 + 2 * 3 - 4 / 5 // 6 % 7",
        "-2 ** 2 ** 0.5",
        "2 ** -1",
        "not 1 < 2 and 3 >= 2 or 1 != 1",
        "1 if 2 > 3 else 4 if 0 else 5",
        "[v * 2 for v in [1, 2, 3] if v % 2 == 1]",
        "[1, 2, 3, 4][1:3][0] + [5, 6][-1]",
        "3 not in [1, 2] and 1 < 2 not in [3]",
        "max([1, 2]) + round(2.5)",
    ],
)
def test_precedence_is_pythons(text: str) -> None:
    """Printed with every parenthesis, Python comes to the same value."""
    written = text.replace(" if 0 ", " if false ")
    assert eval(_parenthesised(expression(written))) == eval(text)
    python.parse(text, mode="eval")


def _parenthesised(node: Expr) -> str:
    match node:
        case Literal(value=value):
            return repr(value)
        case Name(id=name):
            return name
        case ListOf(items=items):
            return f"[{', '.join(map(_parenthesised, items))}]"
        case Unary(operator=operator, operand=operand):
            return f"({operator} {_parenthesised(operand)})"
        case Binary(operator=operator, left=left, right=right):
            return f"({_parenthesised(left)} {operator} {_parenthesised(right)})"
        case Logic(operator=operator, operands=operands):
            return f"({f' {operator} '.join(map(_parenthesised, operands))})"
        case Compare(operands=operands, operators=operators):
            rest = zip(operators, operands[1:], strict=True)
            links = "".join(f" {sign} {_parenthesised(operand)}" for sign, operand in rest)
            return f"({_parenthesised(operands[0])}{links})"
        case Choice(then=then, condition=condition, otherwise=otherwise):
            parts = map(_parenthesised, (then, condition, otherwise))
            return "({} if {} else {})".format(*parts)
        case Index(base=base, index=index):
            return f"{_parenthesised(base)}[{_parenthesised(index)}]"
        case Slice(base=base, start=start, stop=stop):
            bounds = [_parenthesised(bound) if bound else "" for bound in (start, stop)]
            return f"{_parenthesised(base)}[{':'.join(bounds)}]"
        case Apply(callee=callee, arguments=arguments):
            given = ", ".join(_parenthesised(argument.value) for argument in arguments)
            return f"{_parenthesised(callee)}({given})"
        case Comprehension():
            (target,) = node.targets
            condition = f" if {_parenthesised(node.condition)}" if node.condition else ""
            parts = (_parenthesised(node.element), target, _parenthesised(node.iterable))
            return "[{} for {} in {}{}]".format(*parts, condition)
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("(a + b) * c", "(a + b)"),
        ("-a + b", "-a"),
        ("a.b.c + d", "a.b.c"),
        ("f(1, 2)[3] + 1", "f(1, 2)[3]"),
    ],
)
def test_spans_hold_what_was_written(text: str, part: str) -> None:
    node = expression(text)
    assert isinstance(node, Binary) and node.span is not None and node.span.text == text
    assert node.left.span is not None and node.left.span.text == part


def test_every_node_has_a_span() -> None:
    text = '[f(a[1:2], b = -c) if not d else "t" for v in in.x if none < 2 and true or v in [1]]'
    for node in _walk(expression(text)):
        assert getattr(node, "span", None) is not None, node


def _walk(node: object) -> list[object]:
    if isinstance(node, tuple):
        return [inner for item in node for inner in _walk(item)]
    if type(node).__module__ != nodes.__name__:
        return []
    slots = [getattr(node, slot) for slot in type(node).__slots__ if slot != "span"]
    return [node, *_walk(tuple(slots))]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "R0101"),
        ("a b", "R0101"),
        ("a\nb", "R0101"),
        ("f(a", "R0102"),
        ("f(a))", "R0104"),
        ("'a'", "R0107"),
        ("True", "R0122"),
        ("let", "R0101"),
        ("1.", "R0110"),
        ("a = b", "R0134"),
        ("{ relu }", "R0101"),
        ("a \u00d7 b", "R0108"),
    ],
)
def test_what_is_no_expression(text: str, code: str) -> None:
    with pytest.raises(CompileError) as caught:
        expression(text)
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [code]
