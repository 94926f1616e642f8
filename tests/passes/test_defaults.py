"""`defaults`: lexical, the nearest wins, and the prelude reads the file's."""

from collections.abc import Callable

import pytest

from resdsl.ir.graph import Graph
from resdsl.ops.conv import Conv

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
        "let n = 2\ndefaults { conv(stride = n) }\nblock f(n) { conv(3, 3) }\n===f(1)"
    ) == ["R0203"]
    assert codes("===let n = 2; defaults { conv(stride = n) }; for n in [1] { conv(3, 3) }") == [
        "R0203"
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("defaults { cnv(stride = 2) }", "R0205"),
        ("defaults { group_norm(eps = 1) }", "R0205"),
        ("defaults { projection(norm = relu) }", "R0205"),
        ("defaults { conv(strde = 2) }", "R0206"),
        ("defaults { conv(3) }", "R0209"),
        ("defaults { conv(stride = 1, stride = 2) }", "R0208"),
        ("defaults { conv(stride = 0) }", "R0401"),
        ("defaults torchvision", "R0221"),
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
