"""Initial values that only some frameworks can be told to draw."""

import pytest
from compiled import graph_of, source_of

from resdsl.diagnostics import CompileError

SCALED = [
    "conv(4, 3, bias_init = xavier_uniform)",
    "batch_norm(init = he_normal)",
    'group_norm(3, bias_init = lecun_uniform(fan = "out"))',
]


@pytest.mark.parametrize("layer", SCALED)
def test_pytorch_scales_no_vector_by_the_fans_of_its_layer(layer: str) -> None:
    graph = graph_of(f"model net {{ input(3, 8, 8); {layer} }}")
    with pytest.raises(CompileError) as caught:
        source_of(graph)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0503" and diagnostic.primary is not None
    assert "by its layer's fans" in diagnostic.message
    assert source_of(graph, "jax")


def test_where_there_is_no_such_vector_nothing_is_refused() -> None:
    layers = "conv(4, 3, bias = false, bias_init = he_normal)"
    layers += "; batch_norm(affine = false, init = he_normal)"
    assert source_of(graph_of(f"model net {{ input(3, 8, 8); {layers} }}"))
