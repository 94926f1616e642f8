"""`defaults`: lexical, the nearest wins, and the prelude reads the file's."""

from collections.abc import Callable

import pytest

from resdsl.ir.graph import Graph
from resdsl.ops import Op
from resdsl.ops.conv import Conv
from resdsl.passes.resolve.traditions import TRADITIONS

Graphs = Callable[..., Graph]
Codes = Callable[[str], list[str]]


def strides(network: Graph) -> list[object]:
    return [node.op.stride for node in network.nodes if isinstance(node.op, Conv)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # At file level: anywhere in the file, also above.
        ("defaults { conv(stride = 2) }\n===conv(3, 3)", [2]),
        ("block f { conv(3, 3) }\ndefaults { conv(stride = 2) }\n===f", [2]),
        ("defaults { conv(stride = 2) }\ndefaults { conv(stride = 4) }\n===conv(3, 3)", [4]),
        ("defaults { conv(stride = 2) }\ndefaults { conv(bias = false) }\n===conv(3, 3)", [2]),
        # In a body: below, in this body and the bodies inside.
        ("===conv(3, 3); defaults { conv(stride = 2) }; conv(3, 3)", [1, 2]),
        ("===if 1 < 2 { defaults { conv(stride = 2) }; conv(3, 3) }; conv(3, 3)", [2, 1]),
        ("===defaults { conv(stride = 2) }; a: { conv(3, 3) }", [2]),
        ("defaults { conv(stride = 4) }\n===defaults { conv(stride = 2) }; conv(3, 3)", [2]),
        # An explicit argument wins over all.
        ("defaults { conv(stride = 4) }\n===conv(3, 3, stride = 1)", [1]),
        ("defaults { conv(kernel = 3) }\n===conv(3)", [1]),
        # It does not reach into blocks: a block means the same whoever calls it.
        ("block f { conv(3, 3) }\n===defaults { conv(stride = 2) }; f", [1]),
        # A value of an operation takes those of the place where it stands.
        ("block f(unit: block) { unit }\n===defaults { conv(stride = 2) }; f(conv(3, 3))", [2]),
        ("block f(unit: block) { unit(3, 3) }\n===defaults { conv(stride = 2) }; f(conv)", [2]),
        # A stage's stride is one that its call gives, not the defaults'.
        ("defaults { conv(stride = 2) }\n===stage 2 x conv(3, 3)", [2, 2]),
    ],
)
def test_where_defaults_reach(text: str, expected: list[int], graph: Graphs) -> None:
    assert strides(graph(text)) == expected


def test_the_prelude_takes_the_files(graph: Graphs) -> None:
    text = """
defaults { conv(bias = true, init = zeros); batch_norm(eps = 1e-3) }
===residual { conv(8, 3, stride = 2) } shortcut projection
"""
    nodes = {node.path: node.op for node in graph(text).nodes}
    projection = nodes["shortcut.0"]
    assert isinstance(projection, Conv)
    assert not projection.bias  # The prelude says so itself.
    assert str(projection.init) == "Constant(value=0.0)"
    assert "eps=0.001" in str(nodes["shortcut.1"])


def test_the_prelude_does_not_take_those_of_a_body(graph: Graphs) -> None:
    text = """
===defaults { batch_norm(eps = 1e-3) }; residual { conv(8, 3, stride = 2) } shortcut projection
"""
    assert "eps=1e-05" in str({node.path: node.op for node in graph(text).nodes}["shortcut.1"])


def test_values_are_those_of_the_place_where_defaults_stand(graph: Graphs, codes: Codes) -> None:
    assert strides(graph("===let n = 2; defaults { conv(stride = n) }; conv(3, 3)")) == [2]
    assert codes(
        "block f(n) { defaults { conv(stride = n) }; for n in [1, 2] { conv(3, 3) } }\n===f(1)"
    ) == ["R0203"]
    assert codes("===let n = 2; defaults { conv(stride = n) }; for n in [1] { conv(3, 3) }") == [
        "R0203"
    ]


def test_a_constant_is_taken_for_no_parameter(graph: Graphs) -> None:
    text = "let n = 2\ndefaults { conv(stride = n) }\nblock f(n) { conv(3, 3) }\n===f(1)"
    assert strides(graph(text)) == [2]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("defaults { cnv(stride = 2) }", "R0205"),
        ("defaults { projection(norm = relu) }", "R0205"),
        ("defaults { conv(strde = 2) }", "R0206"),
        ("defaults { conv(3) }", "R0209"),
        ("defaults { conv(stride = 1, stride = 2) }", "R0208"),
        ("defaults { conv(stride = 0) }", "R0401"),
        ("defaults pytorch", "R0221"),
        ("defaults keras\ndefaults flax", "R0221"),
    ],
)
def test_what_defaults_cannot_say(text: str, code: str, codes: Codes) -> None:
    assert codes(f"{text}\n===relu") == [code]


def test_mistakes_in_one_statement_are_all_told(codes: Codes) -> None:
    assert codes("defaults { cnv(a = 1); conv(b = 2, stride = 0); relu(c = n) }\n===relu") == [
        "R0205",
        "R0206",
        "R0401",
        "R0206",
        "R0201",
    ]


# ---- traditions ----------------------------------------------------------------------------------

LAYERS = "===conv(4, 3); batch_norm; max_pool(2)"


def layers(found: Graph) -> dict[str, Op]:
    return {node.op.name: node.op for node in found.nodes}


@pytest.mark.parametrize(
    ("name", "conv", "norm", "shape"),
    [
        ("torchvision", ("same", False), (1e-5, 0.1, "unbiased"), (4, 4, 4)),
        ("keras", ("valid", True), (1e-3, 0.01, "population"), (4, 3, 3)),
        ("flax", ("tf_same", True), (1e-5, 0.01, "population"), (4, 7, 7)),
        ("caffe", (0, True), (1e-5, 0.001, "unbiased"), (4, 5, 5)),
    ],
)
def test_traditions(name: str, conv: object, norm: object, shape: object, graph: Graphs) -> None:
    found = graph(f"defaults {name}\n{LAYERS}")
    ops = layers(found)
    assert (ops["conv"].pad, ops["conv"].bias) == conv  # type: ignore[attr-defined]
    assert (ops["batch_norm"].eps, ops["batch_norm"].momentum, ops["batch_norm"].variance) == norm  # type: ignore[attr-defined]
    assert found.output_types[0].shape == shape


def test_weights_start_as_in_the_tradition(graph: Graphs) -> None:
    starts = {
        name: str(layers(graph(f"defaults {name}\n===conv(4, 3)"))["conv"].init)  # type: ignore[attr-defined]
        for name in TRADITIONS
    }
    assert "scale=2.0, fan='out', distribution='normal'" in starts["torchvision"]
    assert "scale=1.0, fan='average', distribution='uniform'" in starts["keras"]
    assert "fan='in', distribution='normal', truncated=True" in starts["flax"]
    assert "scale=2.0, fan='in', distribution='normal'" in starts["caffe"]


def test_what_the_author_says_wins_over_the_tradition(graph: Graphs) -> None:
    texts = [
        "defaults keras { batch_norm(eps = 0.5) }",
        "defaults keras\ndefaults { batch_norm(eps = 0.5) }",
        "defaults { batch_norm(eps = 0.5) }\ndefaults keras",
    ]
    for text in texts:
        norm = layers(graph(f"{text}\n===batch_norm"))["batch_norm"]
        assert (norm.eps, norm.momentum) == (0.5, 0.01)  # type: ignore[attr-defined]


def test_a_body_starts_afresh(graph: Graphs) -> None:
    text = "defaults { conv(stride = 2) }\n===defaults keras; conv(4, 3); batch_norm"
    ops = layers(graph(text))
    assert ops["conv"].stride == 1  # type: ignore[attr-defined]
    assert ops["batch_norm"].eps == 1e-3  # type: ignore[attr-defined]


def test_the_prelude_follows_the_tradition_of_its_file(graph: Graphs) -> None:
    text = "defaults keras\n===residual { conv(8, 3, pad = 1) } shortcut projection"
    assert layers(graph(text))["batch_norm"].eps == 1e-3  # type: ignore[attr-defined]


def test_a_tradition_knows_nothing_of_the_author(codes: Codes) -> None:
    assert codes("defaults keras\ndef zeros(n) = n\n===conv(4, 3)") == ["R0222"]
