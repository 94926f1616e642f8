"""`scale` and `offset`, where the generated code has no place for a weight beside the layers."""

import pytest
from compiled import graph_of, source_of

from resdsl.diagnostics import CompileError

HANDED = "block chain(last: block) { relu; last }\nmodel net { input(4, 5, 6); chain(scale) }"
MIXED = """
model net {
    input(4, 5, 6)
    y[0]: scale
    y[1]: conv(4, 1)
}
"""
UNEQUAL = """
block gain(learned) { a: scale(2, learned = learned); conv(4, 1) }
model net { input(4, 5, 6); g: gain(true); h: gain(false) }
"""


def refused(text: str, backend: str) -> str:
    with pytest.raises(CompileError) as caught:
        source_of(graph_of(text), backend)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0503" and diagnostic.primary is not None
    return diagnostic.message


@pytest.mark.parametrize(("backend", "framework"), [("torch", "PyTorch"), ("jax", "Flax")])
def test_a_weight_is_no_item_of_a_sequence(backend: str, framework: str) -> None:
    message = f"a learned `scale` is no layer in {framework}, and cannot stand in a sequence"
    assert refused(HANDED, backend).startswith(message)


def test_in_keras_it_is_a_layer() -> None:
    assert "layers.ReLU(), Scale()" in source_of(graph_of(HANDED), "tensorflow")


@pytest.mark.parametrize("backend", ["torch", "jax", "tensorflow"])
def test_a_list_holds_layers_or_weights(backend: str) -> None:
    assert "`y`, a list of layers and of learned numbers" in refused(MIXED, backend)


@pytest.mark.parametrize("backend", ["torch", "jax", "tensorflow"])
def test_all_uses_of_a_block_learn_or_none(backend: str) -> None:
    assert "`learned` of `scale` differs between the uses" in refused(UNEQUAL, backend)
