"""Statements: each kind becomes its node."""

import pytest

from resdsl.diagnostics import Source
from resdsl.expressions.nodes import Input, Literal, Name, NoneValue
from resdsl.syntax import ast, parse


def body(text: str) -> tuple[ast.Statement, ...]:
    indented = text.replace("\n", "\n    ")
    (item,) = parse(Source("a.res", f"block f {{\n    {indented}\n}}\n")).items
    assert isinstance(item, ast.Definition) and isinstance(item.value, ast.Body)
    return item.value.statements


def one(text: str) -> ast.Statement:
    (statement,) = body(text)
    return statement


def test_statements_end_at_a_line_end_or_a_semicolon() -> None:
    assert len(body("relu; relu # one; more\nrelu\n\n;\nrelu;")) == 4


def test_line_ends_do_not_count_inside_parentheses_and_brackets() -> None:
    step = one("conv(\n  64,  # out; and more\n  [\n1,\n2\n],\n)")
    assert isinstance(step, ast.Step) and len(step.call.arguments) == 2


def test_calls() -> None:
    plain, labelled, dotted = body("relu\nc: conv(64, stride = 2)\nlib.unit()")
    assert isinstance(plain, ast.Step) and plain.label is None and plain.call.path == ("relu",)
    assert isinstance(labelled, ast.Step) and labelled.span.text == "c: conv(64, stride = 2)"
    assert labelled.call.span.text == "conv(64, stride = 2)"
    assert labelled.call.path_span.text == "conv"
    assert [argument.name for argument in labelled.call.arguments] == [None, "stride"]
    assert isinstance(dotted, ast.Step) and dotted.call.path == ("lib", "unit")


def test_tabs_are_spaces() -> None:
    step = one("a:\tconv(\t64,\t3\t)\t# x")
    assert isinstance(step, ast.Step) and len(step.call.arguments) == 2


def test_a_join_has_bodies() -> None:
    step = one("skip: add { relu } { }")
    assert isinstance(step, ast.Step) and [len(b.statements) for b in step.bodies] == [1, 0]


def test_a_group() -> None:
    group = one("stem: {\n relu\n relu }")
    assert isinstance(group, ast.Group) and len(group.body.statements) == 2


def test_labels() -> None:
    name, index, text = body('a: relu\nb[i + 1]: relu\n"c{i + 1}-{j}d": relu')
    assert isinstance(name, ast.Step) and isinstance(name.label, ast.NameLabel)
    assert isinstance(index, ast.Step) and isinstance(index.label, ast.IndexLabel)
    assert index.label.name == "b" and index.label.span.text == "b[i + 1]"
    assert isinstance(text, ast.Step) and isinstance(text.label, ast.TextLabel)
    first, hole, dash, other, last = text.label.parts
    assert (first, dash, last) == ("c", "-", "d") and other == Name("j")
    assert not isinstance(hole, str) and hole.span is not None and hole.span.text == "i + 1"


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("shortcut projection", None, Name("projection")),
        ("shortcut none", None, NoneValue()),
        ("shortcut down: skip", "down", Name("skip")),
        ("shortcut down[0]: skip", "down[0]", Name("skip")),
        ('shortcut "a{i}": skip', '"a{i}"', Name("skip")),
    ],
)
def test_shortcuts_that_are_values(text: str, label: str | None, value: object) -> None:
    residual = one("residual { relu } " + text)
    assert isinstance(residual, ast.Residual) and residual.shortcut is not None
    shown = residual.shortcut.label.span.text if residual.shortcut.label else None
    assert (shown, residual.shortcut.value) == (label, value)


def test_shortcuts_that_are_bodies_or_missing() -> None:
    plain, bare, labelled = body(
        "residual { }\nresidual { } shortcut { relu }\nresidual { } shortcut s: { relu }"
    )
    assert isinstance(plain, ast.Residual) and plain.shortcut is None
    assert isinstance(bare, ast.Residual) and bare.shortcut is not None
    assert bare.shortcut.label is None and isinstance(bare.shortcut.value, ast.Body)
    assert isinstance(labelled, ast.Residual) and labelled.shortcut is not None
    assert isinstance(labelled.shortcut.label, ast.NameLabel)


def test_stages() -> None:
    plain, labelled, indexed, called_x = body(
        "stage 3 x f\nstage a: n + 1 x f(64)\nstage c[i]: d[i] x f\nstage x: x x x(x)"
    )
    assert isinstance(plain, ast.Stage) and plain.label is None and plain.count == Literal(3)
    assert isinstance(labelled, ast.Stage) and isinstance(labelled.label, ast.NameLabel)
    assert isinstance(indexed, ast.Stage) and isinstance(indexed.label, ast.IndexLabel)
    assert isinstance(called_x, ast.Stage) and called_x.count == Name("x")
    assert called_x.call.path == ("x",)


def test_for() -> None:
    loop = one("for a, b in zip(c, d) { relu }")
    assert isinstance(loop, ast.For) and loop.targets == ("a", "b")
    assert loop.targets_span.text == "a, b" and loop.iterable.span is not None


def test_if_and_its_chain() -> None:
    choice = one("if a { relu } else if b { } else { silu; silu }")
    assert isinstance(choice, ast.If) and choice.condition == Name("a")
    assert choice.otherwise is not None
    (inner,) = choice.otherwise.statements
    assert isinstance(inner, ast.If) and inner.otherwise is not None
    assert len(inner.otherwise.statements) == 2
    assert choice.otherwise.span == inner.span


def test_the_small_ones() -> None:
    let, defaults, expect, resume = body(
        'let n = 3\ndefaults { conv(bias = false) }\nexpect n > 2, "n"\nfrom in'
    )
    assert isinstance(let, ast.Let) and let.value == Literal(3)
    assert isinstance(defaults, ast.Defaults) and len(defaults.calls) == 1
    assert isinstance(expect, ast.Expect) and expect.message == "n"
    assert isinstance(resume, ast.From) and resume.source == Input()
