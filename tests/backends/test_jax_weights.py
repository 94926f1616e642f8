"""Weights of generated Flax NNX: canonical names, files in and out, models that are made from a
file, and the distributions that weights start from."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

jax = pytest.importorskip("jax")
nnx = pytest.importorskip("flax.nnx")
np = pytest.importorskip("numpy")

import jax.numpy as jnp  # noqa: E402
from compiled import canonical, definitions, example, graph_of, source_of  # noqa: E402
from jax_networks import quick  # noqa: E402
from safetensors.numpy import load_file, save_file  # noqa: E402

from resdsl.codegen.backend import get_backend  # noqa: E402
from resdsl.ir.graph import Graph  # noqa: E402
from resdsl.ops import OPS  # noqa: E402
from resdsl.weights import draw, draw_all  # noqa: E402

NET = """
model net(classes = 5) {
    input(3, 12, 10)
    train: conv(8, 3, bias = false); batch_norm
    features: {
        relu; max_pool(3, stride = 2)
        for w in [8, 16] { conv(w, 3, groups = 2); batch_norm(affine = false); dropout(0.2) }
    }
    flatten
    dropout(0.3)
    fc: linear(classes)
}
"""


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with quick():
        yield


@pytest.fixture(scope="module")
def graph() -> Graph:
    return graph_of(NET)


@pytest.fixture(scope="module")
def module(graph: Graph) -> ModuleType:
    found = ModuleType("generated")
    found.__dict__.update(definitions(source_of(graph, "jax")))
    return found


@pytest.fixture
def path(graph: Graph, tmp_path: Path) -> str:
    save_file(dict(draw_all(graph.weights, seed=3)), tmp_path / "weights.safetensors")
    return str(tmp_path / "weights.safetensors")


def forward(model: Any, x: Any) -> Any:
    return nnx.jit(lambda model, x: model(x))(model, x)


def values(module: ModuleType, model: Any) -> dict[str, Any]:
    return {n: np.asarray(v.get_value()) for n, v, _ in module.named_weights(model)}


# ---- names and files -----------------------------------------------------------------------------


def test_names_and_shapes(graph: Graph, module: ModuleType) -> None:
    model = module.Net(rngs=nnx.Rngs(0))
    shapes = {
        name: variable.shape if axes is None else tuple(variable.shape[i] for i in np.argsort(axes))
        for name, variable, axes in module.named_weights(model)
    }
    assert shapes == canonical(graph)
    assert list(shapes) == list(canonical(graph)), "in the order of the network"


def test_layers_by_path(graph: Graph, module: ModuleType) -> None:
    layers = dict(module.named_layers(module.Net(rngs=nnx.Rngs(0))))
    assert isinstance(layers["train"], nnx.Conv)
    dropouts = {path for path, layer in layers.items() if isinstance(layer, nnx.Dropout)}
    assert dropouts == {node.path for node in graph.nodes if node.op.stochastic}


def test_round_trip(module: ModuleType, path: str, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.safetensors")
    module.save_weights(module.load(path), copy)
    first, second = load_file(path), load_file(copy)
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert second[name].dtype == value.dtype
        assert second[name].tobytes() == value.tobytes(), name


def test_loads_into_a_model_that_exists(module: ModuleType, path: str) -> None:
    model = module.Net(rngs=nnx.Rngs(0))
    module.load_weights(model, path)
    loaded = values(module, module.load(path))
    assert all((value == loaded[name]).all() for name, value in values(module, model).items())


@pytest.mark.parametrize("change", ["missing", "unknown", "shape", "rank"])
def test_other_weights_are_refused(module: ModuleType, path: str, change: str) -> None:
    weights = load_file(path)
    if change == "missing":
        del weights["fc.bias"]
    elif change == "unknown":
        weights["fc.more"] = weights["fc.bias"]
    elif change == "shape":
        weights["fc.bias"] = weights["fc.bias"][:-1]
    else:
        weights["fc.weight"] = weights["fc.weight"][None]
    save_file(weights, path)
    model = module.Net(rngs=nnx.Rngs(0))
    before = values(module, model)
    with pytest.raises((KeyError, ValueError), match=r"fc\.|axes"):
        module.load_weights(model, path)
    after = values(module, model)
    assert all((value == after[name]).all() for name, value in before.items())


# ---- a model made from a file --------------------------------------------------------------------


def test_loaded_model_is_whole(module: ModuleType, path: str) -> None:
    model = module.load(path)
    made = module.Net(rngs=nnx.Rngs(0))
    assert jax.tree.structure(nnx.state(model)) == jax.tree.structure(nnx.state(made))
    assert all(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(nnx.state(model)))


def test_loaded_model_takes_arguments(module: ModuleType, tmp_path: Path) -> None:
    path = str(tmp_path / "weights.safetensors")
    save_file(dict(draw_all(graph_of(NET, classes=2).weights, seed=0)), path)
    model = module.load(path, classes=2)
    assert forward(model, jnp.ones((2, 12, 10, 3))).shape == (2, 2)


def test_dropout_draws_after_loading(module: ModuleType, path: str) -> None:
    model = module.load(path)
    x = jnp.ones((2, 12, 10, 3))
    model.train()
    assert not np.array_equal(forward(model, x), forward(model, x))
    keys = [
        layer.rngs.key.get_value()
        for _, layer in module.named_layers(model)
        if isinstance(layer, nnx.Dropout)
    ]
    assert len({tuple(np.asarray(jax.random.key_data(key))) for key in keys}) == 3
    model.eval()
    assert np.array_equal(forward(model, x), forward(model, x))


def test_train_and_eval(module: ModuleType, path: str) -> None:
    model = module.load(path)
    x = jax.random.normal(jax.random.key(0), (4, 12, 10, 3))
    model.eval()
    before = values(module, model)
    forward(model, x)
    assert all((value == before[n]).all() for n, value in values(module, model).items())
    model.train()
    forward(model, x)
    changed = {n for n, value in values(module, model).items() if (value != before[n]).any()}
    assert changed == {n for n in before if n.endswith(("running_mean", "running_var"))}


def test_deep_network_is_ready_soon(tmp_path: Path) -> None:
    # Flax's own way to an abstract model takes time that grows with the square of the layers: two
    # seconds for these 110 would be minutes for 1202. Nothing may be drawn or counted.
    graph = graph_of(example("resnet_cifar.res"), "resnet110")
    module = definitions(source_of(graph, "jax"))
    keys: list[int] = []
    own = nnx.RngStream.__call__

    def counted(stream: Any) -> Any:
        keys.append(1)
        return own(stream)

    path = str(tmp_path / "weights.safetensors")
    save_file(dict(draw_all(graph.weights, seed=0)), path)
    nnx.RngStream.__call__ = counted
    try:
        model = module["load"](path)
    finally:
        nnx.RngStream.__call__ = own
    assert not keys
    assert len(list(module["named_layers"](model))) == 2 * 109 + 1


# ---- initial values ------------------------------------------------------------------------------

INITIALIZERS = [
    'he_normal(fan = "out")',
    'he_normal(fan = "average", truncated = true)',
    "he_uniform",
    "xavier_normal(gain = 1.5)",
    "lecun_normal(truncated = true)",
    "normal(0.02)",
    "normal(0.02, mean = 0.5)",
    "truncated_normal(0.3, mean = 1)",
    "uniform(-0.2, 0.7)",
    "constant(0.25)",
    'variance_scaling(1 / 3, fan = "in", distribution = "uniform")',
]
ALL = """
model net {{
    input(24, 4, 4)
    conv: conv(512, [1, 3], groups = 2, init = {0}, bias_init = {0})
    bn: batch_norm(init = {0}, bias_init = {0})
    global_avg_pool
    fc: linear(600, init = {0}, bias_init = {0})
}}
"""
SOME = """
model net {{
    input(24, 4, 4)
    conv1: conv(512, 3, init = {0}, bias_init = {0}); conv2: conv(256, 3); conv3: conv(256, 3)
    bn1: batch_norm(init = {0}, bias_init = {0}); bn2: batch_norm; bn3: batch_norm
    global_avg_pool
    fc1: linear(600, init = {0}, bias_init = {0}); fc2: linear(600); fc3: linear(9, bias = false)
}}
"""


@pytest.mark.parametrize("text", [ALL, SOME], ids=["all alike", "one unlike"])
@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_initial_values(initializer: str, text: str) -> None:
    graph = graph_of(text.format(initializer))
    module = definitions(source_of(graph, "jax"))
    model = module["Net"](rngs=nnx.Rngs(0))
    got = {n: np.asarray(v.get_value()) for n, v, _ in module["named_weights"](model)}
    for named in graph.weights:
        assert got[named.name].dtype == np.float32
        assert_same_distribution(got[named.name], draw(named.weight, named.name, 0), named.name)


def assert_same_distribution(got: Any, expected: Any, name: str) -> None:
    """Moments and bounds within what so many numbers allow; 2% where there are enough."""
    few = 5 / np.sqrt(got.size)
    spread = expected.std()
    assert got.std() == pytest.approx(spread, rel=max(0.02, few), abs=1e-7), name
    assert got.mean() == pytest.approx(expected.mean(), abs=2 * few * spread + 1e-7), name
    for bound in (np.min, np.max):
        wide = (0.02 + few) * (expected.max() - expected.min())
        # A normal distribution ends nowhere; the others all end at the same place.
        normal = abs(bound(expected) - expected.mean()) > 2.4 * spread
        assert bound(got) == pytest.approx(
            bound(expected), abs=(0.4 * spread if normal else 0) + 2 * wide + 1e-7
        ), name


def test_layers_start_differently(module: ModuleType) -> None:
    model = module.Net(rngs=nnx.Rngs(0))
    weights = values(module, model)
    again = values(module, module.Net(rngs=nnx.Rngs(0)))
    other = values(module, module.Net(rngs=nnx.Rngs(1)))
    assert (weights["features.2.weight"] == again["features.2.weight"]).all()
    assert (weights["features.2.weight"] != other["features.2.weight"]).all()


# ---- the tables ----------------------------------------------------------------------------------


def test_every_operation_has_a_rule() -> None:
    from resdsl.backends.jax.rules import APPLICATIONS, FUNCTIONS, LAYERS

    tables = (LAYERS, APPLICATIONS, FUNCTIONS)
    assert not [name for name, op in OPS.items() if not any(op in table for table in tables)]


def test_members_are_those_of_flax() -> None:
    from resdsl.backends.jax.members import MEMBERS

    public = {n for n in {*dir(nnx.Module), *dir(nnx.Sequential)} if not n.startswith("_")}
    assert public == MEMBERS


def test_declares_no_framework() -> None:
    backend = get_backend("jax")
    assert backend.file_name("resnet50") == "resnet50_jax.py"
    assert {"jax", "flax"} <= set(backend.requires)
