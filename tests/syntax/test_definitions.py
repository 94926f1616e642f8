"""Definitions: each kind becomes its node, with its name, its parts, its span and its comment."""

import pytest

from resdsl.diagnostics import Source
from resdsl.expressions.nodes import Apply, Argument, ListOf, Literal, Member, Name
from resdsl.syntax import ast, parse


def items(text: str) -> tuple[ast.Item, ...]:
    return parse(Source("a.res", text)).items


def one(text: str) -> ast.Item:
    (item,) = items(text)
    return item


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "\ufeff", " \t\r\n;\n# x\n"])
def test_a_file_may_hold_nothing(text: str) -> None:
    assert items(text) == ()


def test_imports() -> None:
    file, library = items('import "blocks/wide.res"\nimport std.resnet\n')
    assert isinstance(file, ast.Import) and isinstance(library, ast.Import)
    assert (file.path, file.is_library) == ("blocks/wide.res", False)
    assert (library.path, library.is_library) == ("std.resnet", True)


def test_let_and_def() -> None:
    let, double, none = items("let a = 1\ndef f(v, w) =\n    v * w\ndef g() = 1")
    assert isinstance(let, ast.Let) and let.name == "a" and let.name_span.text == "a"
    assert isinstance(double, ast.Function) and double.parameters == ("v", "w")
    assert isinstance(none, ast.Function) and none.parameters == ()


def test_defaults_with_and_without_a_tradition() -> None:
    texts = ["defaults keras", "defaults { conv(bias = false); relu }", "defaults flax { conv }"]
    first, second, third = map(one, texts)
    assert isinstance(first, ast.Defaults) and first.tradition == "keras" and first.calls == ()
    assert isinstance(second, ast.Defaults) and second.tradition is None
    assert [call.path for call in second.calls] == [("conv",), ("relu",)]
    assert isinstance(third, ast.Defaults) and third.tradition == "flax" and len(third.calls) == 1


@pytest.mark.parametrize("keyword", ["block", "model", "recipe"])
def test_a_definition_with_a_body(keyword: str) -> None:
    item = one(f"{keyword} unit(width, n: int, skip: block = none, rate = 0.1,) {{ relu }}")
    assert isinstance(item, ast.Definition) and item.keyword == keyword and item.name == "unit"
    names = [(parameter.name, parameter.type) for parameter in item.parameters]
    assert names == [("width", None), ("n", "int"), ("skip", "block"), ("rate", None)]
    assert item.parameters[2].span.text == "skip: block = none"
    assert isinstance(item.value, ast.Body) and len(item.value.statements) == 1


def test_a_definition_without_parameters() -> None:
    item = one("block a { }")
    assert isinstance(item, ast.Definition) and item.parameters == ()
    assert isinstance(item.value, ast.Body) and item.value.statements == ()


def test_a_definition_from_another() -> None:
    plain, given = items("model a = resnet\nblock b = std.unit(64, [1, 2], skip = none)")
    assert isinstance(plain, ast.Definition) and plain.value == Apply(Name("resnet"), ())
    assert isinstance(given, ast.Definition) and isinstance(given.value, Apply)
    assert given.value.callee == Member(Name("std"), "unit")
    assert given.value.arguments[:2] == (
        Argument(None, Literal(64)),
        Argument(None, ListOf((Literal(1), Literal(2)))),
    )
    assert given.value.arguments[2].name == "skip"


def test_expect_with_and_without_a_message() -> None:
    bare, said = items('expect (1 + 1) % 2 == 0\nexpect true, "a \\"good\\" reason"')
    assert isinstance(bare, ast.Expect) and bare.message is None
    assert isinstance(said, ast.Expect) and said.message == 'a "good" reason'
    assert bare.condition.span is not None and bare.condition.span.text == "(1 + 1) % 2 == 0"


def test_the_words_of_definitions_are_names_elsewhere() -> None:
    (item,) = items("block block(model, recipe = x) { import: x; block: model; defaults: relu }")
    assert isinstance(item, ast.Definition) and isinstance(item.value, ast.Body)
    labels = [s.label for s in item.value.statements if isinstance(s, ast.Step)]
    assert [label.name for label in labels if isinstance(label, ast.NameLabel)] == [
        "import",
        "block",
        "defaults",
    ]


def test_spans_are_offsets_into_the_whole_source() -> None:
    text = "\ufeff# a comment\r\nlet a = 1\r\n\r\nblock f(n) {\r\n    relu # x\r\n}\r\n"
    let, block = items(text)
    assert let.span.text == "let a = 1"
    assert block.span.text == "block f(n) {\r\n    relu # x\r\n}"
    assert isinstance(block, ast.Definition) and block.name_span.text == "f"


def test_the_comment_right_above_is_the_doc() -> None:
    text = "# About the file.\n\n# Not this one.\n\n# First line,\n#   second.\nblock f { }\n"
    file = parse(Source("a.res", text))
    (item,) = file.items
    assert isinstance(item, ast.Definition) and item.doc == "First line,\n  second."
    assert file.doc == "About the file."


def test_a_comment_at_the_head_belongs_to_the_definition_below_it() -> None:
    file = parse(Source("a.res", "# ResNet.\nmodel a { }\nmodel b { }"))
    first, second = file.items
    assert isinstance(first, ast.Definition) and first.doc == "ResNet."
    assert isinstance(second, ast.Definition) and second.doc == ""
    assert file.doc == ""


def test_a_comment_above_an_import_is_the_files() -> None:
    assert parse(Source("a.res", '#ResNet.\nimport "b.res"\n')).doc == "ResNet."
