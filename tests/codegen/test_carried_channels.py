"""Channels that a choice or a loop moves on, read by the forward pass: it needs what they were
where the operation stands, not what the constructor has come to when it is done."""

import pytest
from agreement import check_agreement
from compiled import graph_of, source_of
from constructed import check_constructor

from resdsl.diagnostics import CompileError

SIZE = "input(2, 8)"
GROWN = "grown: { if flag { linear(width) } else { linear(8) } }"
MORE = "more: { if flag { linear(width) } else { linear(9) } }"
PADDED = "residual { tanh } shortcut { pad_channels(branch.channels) }"


def network(*statements: str) -> str:
    body = "\n    ".join(statements)
    return f"model net(flag = true, width = 4) {{\n    {body}\n}}\n"


@pytest.mark.parametrize(
    "text",
    [
        network(SIZE, GROWN, PADDED),
        network(SIZE, GROWN, PADDED, MORE, "conv(3, 1)"),
        network(SIZE, GROWN, f"if flag {{ {PADDED} }}", MORE, "relu"),
        network(SIZE, GROWN, "residual { tanh } shortcut zero_pad", MORE),
        network(SIZE, GROWN, "if in.length > 7 { relu }", PADDED, MORE, PADDED),
        network(SIZE, GROWN, "a: tanh", MORE, "from a", "residual { } shortcut zero_pad"),
    ],
)
def test_what_they_were_where_it_stands(text: str) -> None:
    for arguments in ({}, {"flag": False}, {"width": 5}):
        check_agreement(graph_of(text, **arguments), source_of(graph_of(text)), **arguments)
        for backend in ("jax", "tensorflow"):
            check_constructor(graph_of(text), graph_of(text, **arguments), backend, **arguments)


def test_in_every_round_of_a_loop() -> None:
    """There is no one number to keep."""
    loop = "for i in range(2) { c[i]: linear(6 + i); " + PADDED + "; relu }"
    text = network(SIZE, "b: linear(width)", loop)
    check_agreement(graph_of(text), source_of(graph_of(text)))
    loop = "for i in range(2) { " + PADDED + "; c[i]: linear(6 + i) }"
    with pytest.raises(CompileError) as caught:
        source_of(graph_of(network(SIZE, "b: linear(width)", loop)))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0503" and diagnostic.primary is not None
