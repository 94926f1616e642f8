"""Canonical names, rule 8 of the language: every kind of item, in every kind of scope."""

from collections.abc import Callable

import pytest

from resdsl.ir.graph import Graph

Names = Callable[..., list[str]]
Refused = Callable[..., str]
Graphs = Callable[..., Graph]

UNIT = "block unit { conv1: conv(8, 3) }\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # Labels.
        ("a: conv(8, 3); b: batch_norm", ["a", "b"]),
        ('let s = "x"; "block-{1 + 1}{s}": conv(8, 3)', ["block-2x"]),
        ('"0": conv(8, 3)', ["0"]),
        ("y[0]: conv(8, 3); y[1]: conv(8, 3)", ["y.0", "y.1"]),
        ("for i in reversed(range(2)) { y[i]: conv(8, 3) }", ["y.1", "y.0"]),
        # Scopes: a block called, a labelled group, a stage.
        ("a: unit", ["a.conv1"]),
        ("a: { b: { c: conv(8, 3) } }", ["a.b.c"]),
        ("stage a: 2 x unit", ["a.0.conv1", "a.1.conv1"]),
        ("stage a[0]: 1 x unit; stage a[1]: 1 x unit", ["a.0.0.conv1", "a.1.0.conv1"]),
        ("stage a: 2 x conv(8, 3)", ["a.0", "a.1"]),
        # Not scopes: if, for, residual, joins.
        ("if 1 < 2 { a: conv(8, 3) }", ["a"]),
        ("residual { a: conv(3, 3) }", ["a"]),
        ("concat { a: conv(8, 3) } { b: conv(8, 3) }", ["a", "b"]),
        ("for i in [0] { residual { mul { a: conv(3, 3) } } }", ["a"]),
        # A sequence counts its calls and stages, each one.
        ("conv(8, 3); relu; conv(8, 3)", ["0", "2"]),
        ("relu; unit; stage 2 x unit; conv(8, 3)", ["1.conv1", "2.0.conv1", "2.1.conv1", "3"]),
        ("a: { relu; conv(8, 3) }", ["a.1"]),
        ("a: { from in; conv(8, 3) }", ["a.0"]),
        ("a: { let n = 8; from in; conv(n, 3) }", ["a.0"]),
        ("a: { if 1 > 2 { relu }; conv(8, 3) }", ["a.0"]),
        ("a: { for i in range(2) { relu; conv(8, 3) } }", ["a.1", "a.3"]),
        ("a: { identity; conv(8, 3); flatten; flatten; linear(4) }", ["a.1", "a.4"]),
        # Labels, joins, residuals and a later `from` make it another scope.
        ("a: { relu; conv(8, 3); from in; conv(8, 3) }", ["a.conv1", "a.conv2"]),
        ("a: { conv(8, 3); b: relu }", ["a.conv1"]),
        ("a: { conv(8, 3); concat(in) }", ["a.conv1"]),
        ("a: { residual { conv(3, 3) } }", ["a.conv1"]),
        ("a: { if 1 < 2 { from in; conv(8, 3) } }", ["a.conv1"]),
        # Automatic names: by kind and place in the text, labelled items counted.
        ("a: relu; conv(8, 3); conv(8, 3); batch_norm", ["conv1", "conv2", "batch_norm1"]),
        ("a: conv(8, 3); conv(8, 3)", ["a", "conv2"]),
        ("a: relu; unit; b: unit; unit", ["unit1.conv1", "b.conv1", "unit3.conv1"]),
        ("a: relu; if 1 > 2 { conv(8, 3) } else { conv(8, 3) }", ["conv2"]),
        ("a: relu; stage 1 x unit", ["stage1.0.conv1"]),
        ("a: relu; for i in range(2) { conv(8, 3) }", ["conv1.0", "conv1.1"]),
        (
            "a: relu; for i in range(2) { for j in range(2) { conv(8, 3) }; conv(8, 3) }",
            ["conv1.0.0", "conv1.0.1", "conv2.0", "conv1.1.0", "conv1.1.1", "conv2.1"],
        ),
        (
            "a: relu; for i in range(2) { b[i]: { conv(8, 3); c: relu } }",
            ["b.0.conv1", "b.1.conv1"],
        ),
        ("a: relu; for i in range(2) { unit }", ["unit1.0.conv1", "unit1.1.conv1"]),
        ("a: relu; for i in range(2) { stage 1 x unit }", ["stage1.0.0.conv1", "stage1.1.0.conv1"]),
        # Shortcuts.
        ("residual { a: conv(8, 3) } shortcut projection", ["a", "shortcut.0", "shortcut.1"]),
        ("residual { a: conv(8, 3) } shortcut s: projection", ["a", "s.0", "s.1"]),
        ("residual { a: conv(8, 3) } shortcut { conv(8, 1) }", ["a", "shortcut.0"]),
        ("residual { a: conv(8, 3) } shortcut s: { c: conv(8, 1) }", ["a", "s.c"]),
        ("residual { a: conv(8, 3) } shortcut conv(8, 1)", ["a", "shortcut"]),
        ("residual { a: conv(3, 3) } shortcut s: projection", ["a"]),
    ],
)
def test_names(body: str, expected: list[str], names: Names) -> None:
    assert names(f"{UNIT}==={body}") == expected


def test_a_parameter_that_holds_a_block_names_its_kind(names: Names) -> None:
    text = "block f(norm: block) { a: relu; conv(8, 3); norm }\n===b: f(batch_norm)"
    assert names(text) == ["b.conv1", "b.norm1"]


def test_a_block_that_is_a_sequence(names: Names) -> None:
    text = "block f { conv(8, 3); batch_norm; relu }\n===f; a: f"
    # The label makes the model another scope.
    assert names(text) == ["f1.0", "f1.1", "a.0", "a.1"]


def test_an_input_with_a_label_leaves_a_sequence(names: Names) -> None:
    assert names("model net { image: input(3, 8, 8); conv(8, 3) }") == ["0"]


@pytest.mark.parametrize(
    "body",
    [
        "a: conv(8, 3); a: conv(8, 3)",
        "for i in range(2) { a: conv(8, 3) }",
        "for i in range(2) { a: relu }",
        "for i in range(2) { a[0]: conv(8, 3) }",
        'a: relu; "a": conv(8, 3)',
        "a: conv(8, 3); a[0]: conv(8, 3)",
        "a[0]: conv(8, 3); a: conv(8, 3)",
        'a[0]: conv(8, 3); "a": conv(8, 3)',
        "residual { conv(3, 3) } shortcut projection; residual { conv(3, 3) } shortcut projection",
    ],
)
def test_one_name_twice(body: str, refused: Refused) -> None:
    assert refused(f"==={body}") == "R0210"


def test_arms_of_an_if_may_share_a_label(names: Names) -> None:
    assert names("===if 1 > 2 { a: conv(8, 3) } else { a: conv(4, 3) }") == ["a"]


def test_a_label_of_one_scope_is_free_in_another(names: Names) -> None:
    assert names("===a: { a: { a: conv(8, 3) } }; b: { a: relu; conv(8, 3) }") == [
        "a.a.a",
        "b.conv1",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "conv2: relu; conv(8, 3); conv(8, 3)",
        "conv(8, 3); conv(8, 3); conv2: relu",
        'conv(8, 3); "conv1": relu',
        "for i in range(2) { conv(8, 3) }; conv1: relu",
        "for i in range(2) { conv(8, 3) }; conv1[0]: relu",
        "unit; unit1: relu",
        "dropout; dropout1: relu",
        "stage 1 x unit; stage1: relu",
    ],
)
def test_a_label_meets_an_automatic_name(body: str, refused: Refused) -> None:
    assert refused(f"{UNIT}===a: relu; {body}") == "R0214"


@pytest.mark.parametrize("body", ["relu; relu1: conv(8, 3)", "relu1: conv(8, 3); relu"])
def test_items_without_weights_give_way(body: str, graph: Graphs) -> None:
    network = graph(f"==={body}")
    assert [w.node.path for w in network.weights] == ["relu1", "relu1"]
    paths = [node.path for node in network.nodes]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize(
    "body",
    [
        "for i in range(3) { if i != 1 { y[i]: relu } }",
        "y[1]: relu",
        "a: relu; for i in range(3) { if i != 1 { conv(8, 3) } }",
        "a: relu; for i in range(3) { if i > 0 { unit } }",
        "a: relu; for i in range(2) { for j in range(2) { if i == 1 { conv(8, 3) } } }",
    ],
)
def test_gaps(body: str, refused: Refused) -> None:
    assert refused(f"{UNIT}==={body}") == "R0215"


@pytest.mark.parametrize(
    "body",
    [
        "a: relu; for i in range(3) { if i != 1 { relu } }",
        "for i in range(3) { if i != 1 { conv(8, 3) } }",
        'a: relu; for i in range(3) { if i != 1 { "b{i}": conv(8, 3) } }',
        "a: relu; for i in range(3) { if i < 2 { conv(8, 3) } }",
    ],
)
def test_no_gaps(body: str, graph: Graphs) -> None:
    graph(f"==={body}")


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("a_", "R0223"),
        ('"a_"', "R0223"),
        ("a_[0]", "R0223"),
        (f'"{"x" * 201}"', "R0223"),
        ('"{s}"', "R0223"),
        ('"{s + s}a_"', "R0223"),
        ('"{1 / 2}"', "R0301"),
        ('"{1 < 2}"', "R0301"),
        ("a[-1]", "R0302"),
        ("a[1.0]", "R0302"),
        ("a[1 < 2]", "R0302"),
    ],
)
def test_labels_that_name_nothing(label: str, code: str, codes: Callable[[str], list[str]]) -> None:
    assert codes(f'===let s = "."; {label}: conv(8, 3)') == [code]


def test_names_have_a_bound(refused: Refused) -> None:
    long = "x" * 190
    nested = "".join(f"{long}: {{ " for _ in range(6)) + "conv(8, 3)" + " }" * 6
    assert refused(f"==={nested}") == "R0223"


def test_every_node_has_a_name_of_its_own(graph: Graphs) -> None:
    network = graph(
        f"{UNIT}===relu; relu1: {{ relu }}; relu; for i in range(2) {{ relu; add {{ relu }} }}"
        "; residual { relu } shortcut { relu }; residual { relu } shortcut { relu }"
    )
    paths = [node.path for node in network.nodes]
    assert len(set(paths)) == len(paths)
