"""What the layers of generated Keras files start from: the declared distributions.

Every weight of a fresh model is compared with the distribution that its graph declares, by mean,
spread and bounds, in files that say it in different ways.
"""

import math
from typing import Any

import pytest

pytest.importorskip("keras")
pytest.importorskip("tensorflow")

import keras
import numpy as np
from compiled import graph_of, source_of
from keras_networks import model_of, module_of

from resdsl.diagnostics import CompileError
from resdsl.ir.graph import Graph
from resdsl.ops import Constant, Normal, Uniform, VarianceScaling, Weight

BODY = """
    input(16, 6, 6)
    a: conv(64, 3); b: conv(64, 3); c: conv(96, 3, groups = 4)
    global_avg_pool
    d: linear(512); e: linear(512); f: batch_norm
"""
TEXTS = {
    "defaults": f"model net {{ {BODY} }}",
    "alike": f"""
model net {{
    defaults {{
        conv(init = he_normal(fan = "out"), bias_init = zeros)
        linear(init = normal(0.01), bias_init = ones)
        batch_norm(init = zeros, bias_init = constant(0.5))
    }}
    {BODY}
}}
""",
    "biases by default": f"""
model net {{
    defaults {{ conv(init = xavier_uniform(gain = 2)); linear(init = truncated_normal(0.02)) }}
    {BODY}
}}
""",
    "biases by other fans": f"""
model net {{
    defaults {{
        conv(bias_init = he_normal(fan = "out"))
        linear(init = he_uniform(fan = "average"), bias_init = he_uniform(fan = "average"))
    }}
    {BODY}
}}
""",
    "each its own": """
model net {
    input(16, 6, 6)
    a: conv(64, 3); b: conv(64, 3, init = he_normal(truncated = true), bias_init = zeros)
    c: conv(96, 3, init = lecun_uniform, groups = 4, bias_init = normal(0.1, mean = 1))
    batch_norm(init = uniform(0.5, 1.5), bias_init = normal(0.1))
    global_avg_pool
    d: linear(512, init = glorot_uniform); e: linear(512, bias_init = zeros)
    f: linear(512, init = variance_scaling(3, fan = "out", truncated = true), bias = false)
    g: linear(512, init = uniform(-1, 3), bias_init = constant(0.25))
    h: linear(8, init = he_normal(gain = 0))
}
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_declared_distributions(name: str) -> None:
    graph = graph_of(TEXTS[name])
    values = fresh(graph, seed=3)
    for named in graph.weights:
        assert_drawn(values[named.name].ravel(), named.weight, named.name)


@pytest.mark.parametrize("name", TEXTS)
def test_no_two_layers_start_alike(name: str) -> None:
    values = fresh(graph_of(TEXTS[name]), seed=3)
    drawn = {n: v.ravel()[:6] for n, v in values.items() if v.std() > 0}
    assert len({v.tobytes() for v in drawn.values()}) == len(drawn)


def test_seed_of_keras_decides() -> None:
    graph = graph_of(TEXTS["defaults"])
    first, again, other = (fresh(graph, seed=seed) for seed in (1, 1, 2))
    for name, value in first.items():
        assert np.array_equal(value, again[name])
        assert not value.std() or not np.array_equal(value, other[name])


def test_residual_network_says_it_once() -> None:
    graph = graph_of(TEXTS["alike"])
    assert source_of(graph, "tensorflow").count("VarianceScaling") == 1


def test_two_scaled_biases_are_refused() -> None:
    graph = graph_of("model net { input(8); linear(4); linear(4, bias_init = he_normal) }")
    with pytest.raises(CompileError) as refused:
        source_of(graph, "tensorflow")
    assert [d.code for d in refused.value.diagnostics] == ["R0503"]
    assert refused.value.diagnostics[0].primary is not None


def fresh(graph: Graph, seed: int) -> dict[str, Any]:
    """The weights of a new model by canonical name."""
    keras.utils.set_random_seed(seed)
    module = module_of(graph)
    weights = module.named_weights(model_of(module, graph))
    return {name: variable.numpy() for name, variable, _ in weights}


def assert_drawn(values: Any, weight: Weight, name: str) -> None:
    """Mean and spread within five standard errors, and nothing beyond the bounds."""
    mean, std, low, high = expected(weight)
    errors = max(std, 1e-7) / math.sqrt(values.size)
    assert abs(values.mean() - mean) < 5 * errors, name
    assert abs(values.std() - std) < 5 * errors, name
    if low is not None:
        assert low - 1e-6 <= values.min() and values.max() <= high + 1e-6, name


def expected(weight: Weight) -> tuple[float, float, float | None, float | None]:
    """Mean, standard deviation, and bounds where there are any."""
    cut = VarianceScaling.TRUNCATED_STD
    match weight.init:
        case Constant(value=value):
            return value, 0.0, value, value
        case Normal(std=std, mean=mean, truncated=True):
            return mean, cut * std, mean - 2 * std, mean + 2 * std
        case Normal(std=std, mean=mean):
            return mean, std, None, None
        case Uniform(low=low, high=high):
            return (low + high) / 2, (high - low) / math.sqrt(12), low, high
        case VarianceScaling() as scaled:
            std = math.sqrt(scaled.variance(weight.fan_in, weight.fan_out))
            if scaled.distribution == "uniform":
                return 0.0, std, -math.sqrt(3) * std, math.sqrt(3) * std
            reach = 2 * std / cut if scaled.truncated else None
            return 0.0, std, reach and -reach, reach
    raise AssertionError(f"no expectation for {weight.init}")
