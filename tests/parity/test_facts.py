"""What is taken from a graph: facts as JSON, and the biases that what follows absorbs."""

import json
from collections.abc import Callable

import pytest

from resdsl.ir.graph import Graph
from resdsl.ops import OPS
from resdsl.parity.facts import (
    TRANSPARENT,
    absorbed,
    facts_from_json,
    facts_of,
    facts_to_json,
)

Network = Callable[[str], Graph]


def test_facts_survive_json(small: Graph) -> None:
    facts = facts_of(small)
    assert facts_from_json(json.loads(json.dumps(facts_to_json(facts)))) == facts


def test_facts_of_a_network(small: Graph) -> None:
    facts = facts_of(small)
    assert facts.class_name == "Small"
    assert [(i.name, i.shape) for i in facts.inputs] == [("input", (3, 16, 16))]
    assert [(o.name, o.shape) for o in facts.outputs] == [("output", (10,))]
    assert [(d.name, d.shape) for d in facts.dropouts] == [("drop", (16,))]
    assert facts.rates == {"drop": 0.3}
    assert "conv1.bias" in facts.parameters
    assert "bn1.running_var" in facts.statistics and "bn1.running_var" not in facts.parameters


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param("a: conv(4, 3); b: batch_norm; relu", {"a.bias"}, id="VGG"),
        pytest.param("a: conv(4, 3, bias = false); b: batch_norm; relu", set(), id="no bias"),
        pytest.param("a: conv(4, 3); relu; b: batch_norm; relu", set(), id="a ReLU between"),
        pytest.param("a: conv(4, 3); b: batch_norm; add(a); relu", set(), id="read elsewhere"),
        pytest.param("a: conv(4, 3)", set(), id="the output"),
        pytest.param(
            "a: conv(4, 3); max_pool(3, stride = 2); b: batch_norm; relu", {"a.bias"}, id="a pool"
        ),
        pytest.param(
            "a: batch_norm; b: conv(4, 1, bias = false); c: batch_norm; relu",
            {"a.bias"},
            id="a norm behind a norm",
        ),
        pytest.param(
            "a: batch_norm; b: conv(4, 3, bias = false); c: batch_norm; relu",
            set(),
            id="zeros at the border",
        ),
        pytest.param(
            "a: conv(4, 1); b: conv(4, 1); add(a); c: batch_norm; relu",
            {"a.bias", "b.bias"},
            id="a sum",
        ),
        pytest.param(
            'a: conv(4, 1); s: scale; o: offset(per = "tensor"); b: batch_norm; relu',
            {"a.bias", "o"},
            id="learned numbers",
        ),
        pytest.param(
            'a: conv(4, 1); o: offset(per = "entry"); b: batch_norm; relu', set(), id="an embedding"
        ),
        pytest.param(
            "a: conv(4, 1); b: conv(4, 1); mul(a); c: batch_norm; relu", set(), id="a product"
        ),
        pytest.param(
            "q: conv(4, 1); from in; k: conv(4, 1); from in; v: conv(4, 1); attend(q, k, v); relu",
            {"k.bias"},
            id="the key of an attention",
        ),
        pytest.param(
            "q: conv(4, 1); v: conv(4, 1); attend(q, q, v); c: batch_norm; relu",
            {"v.bias"},
            id="the value of an attention",
        ),
        pytest.param(
            "a: conv(4, 1); drop_path(0.1); b: batch_norm; relu", {"a.bias"}, id="a dropped path"
        ),
        pytest.param("a: conv(4, 1); group_norm(4); relu", {"a.bias"}, id="instance norm"),
        pytest.param("a: conv(4, 1); group_norm(2); relu", set(), id="group norm"),
        pytest.param(
            "a: conv(4, 1); upsample(2); b: batch_norm; relu", {"a.bias"}, id="upsampling"
        ),
    ],
)
def test_absorbed_biases(network: Network, body: str, found: set[str]) -> None:
    graph = network(f"input(3, 8, 8); {body}")
    assert set(absorbed(graph)) == found
    for name, weight in absorbed(graph).items():
        assert weight == {"o": "s"}.get(name, name.replace("bias", "weight"))


def test_transparent_operations_exist() -> None:
    assert OPS.keys() >= TRANSPARENT
