"""Generated Keras files: their form, the weights they load and save, and their life in Keras."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("keras")
pytest.importorskip("tensorflow")

import keras
import numpy as np
from compiled import EXAMPLES, example, graph_of, lines_over, source_of
from keras_networks import model_of, module_of, policy
from resdsl.backends.tensorflow.members import MEMBERS
from safetensors.numpy import load_file, save_file

from resdsl.ir.graph import Graph
from resdsl.weights.canonical import write_canonical

ROOT = Path(__file__).resolve().parents[2]

EVERYTHING = """
block gate(width) { mul { global_avg_pool; linear(width); softmax } }

block unit(width, stride = 1, keep = true) {
    residual {
        conv1: conv(width, 3, stride = stride, bias = false); bn1: batch_norm; relu
        conv2: conv(width, [3, 5], groups = 2, init = normal(0.1)); drop: dropout(0.1)
    } shortcut zero_pad if keep else none
    relu
    gate: gate(width)
}

model everything(depths = [1, 2], rate = 0.2) {
    input(3, 33, 31)
    stem: {
        conv(8, 3, pad = [1, 0, 1, 0]); lrn(3); max_pool(3, stride = 2, ceil = true)
        conv(8, 3, stride = 2, dilation = 2); avg_pool(3, 1, 1, count_pad = false)
        conv(8, 3, pad = "tf_same"); max_pool(3, stride = 1); pad(1, value = 0.5)
    }
    stage first: depths[0] x unit(8)
    stage second: depths[1] x unit(12, stride = 2, keep = false)
    for i in reversed(range(2)) { taps[i]: batch_norm(variance = "population", eps = 0.1) }
    concat(taps[0], taps[1])
    adaptive_avg_pool([2, 3])
    subsample([1, 2])
    avg_pool(2, ceil = true)
    flatten
    layers: linear(5, bias_init = zeros); dropout(rate); _last: linear(4)
}
"""

SMALL = """
model small {
    input(3, 8, 8)
    conv1: conv(6, 3, groups = 3); bn1: batch_norm; relu
    features: { conv(4, 3, bias = false); batch_norm; max_pool(2) }
    flatten
    fc: linear(5); dropout(0.5)
}
"""


def sources() -> dict[str, str]:
    """A file for every form that the backend knows."""
    found = {"everything": source_of(graph_of(EVERYTHING), "tensorflow")}
    for path in sorted(EXAMPLES.glob("*.res")):
        program = example(path.name)
        # Two of a file: what more there are differ in numbers.
        for name in [n for n in program.models if n[-1].isalnum()][-2:]:
            found[f"{path.stem}_{name}"] = source_of(graph_of(program, name), "tensorflow")
    return found


def test_files_are_as_the_formatter_and_the_linter_want_them(tmp_path: Path) -> None:
    for name, source in sources().items():
        (tmp_path / f"{name}.py").write_text(source)
        assert not lines_over(source), name
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--no-cache", "--config", str(ROOT / "pyproject.toml"), str(tmp_path)]
    subprocess.run([*ruff, "format", "--check", *config], check=True)
    subprocess.run([*ruff, "check", *config], check=True)


def test_files_are_the_same_in_every_process(tmp_path: Path) -> None:
    path = tmp_path / "everything.res"
    path.write_text(EVERYTHING)
    program = (
        "import sys; from compiled import *;"
        "sys.stdout.write(source_of(graph_of(open(sys.argv[1]).read()), 'tensorflow'))"
    )
    printed = set()
    for seed in ("1", "2"):
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths}
        run = [sys.executable, "-c", program, str(path)]
        printed.add(subprocess.run(run, env=environment, capture_output=True, check=True).stdout)
    assert len(printed) == 1


def test_file_needs_nothing_of_ours() -> None:
    for source in sources().values():
        imports = [line for line in source.splitlines() if line.startswith(("import", "from"))]
        assert not any("resdsl" in line for line in imports)


def test_long_networks_are_not_longer() -> None:
    short, long = (
        source_of(graph_of(example("resnet.res"), name), "tensorflow").count("\n")
        for name in ("resnet50", "resnet152")
    )
    assert long <= short + 10


def test_emitting_imports_no_framework() -> None:
    program = (
        "import sys; from compiled import *;"
        "source_of(graph_of(example('resnet.res'), 'resnet18'), 'tensorflow');"
        "assert not {'keras', 'tensorflow', 'torch'} & set(sys.modules)"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
    environment = {**os.environ, "PYTHONPATH": paths}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


# ---- weights -------------------------------------------------------------------------------------


@pytest.fixture
def graph() -> Graph:
    return graph_of(SMALL)


def test_weights_round_trip_bit_for_bit(graph: Graph, tmp_path: Path) -> None:
    path, again = tmp_path / "canonical.safetensors", tmp_path / "again.safetensors"
    write_canonical(graph, path, seed=5)
    module = module_of(graph)
    model = model_of(module, graph)
    module.load_weights(model, path)
    module.save_weights(model, again)
    found, expected = load_file(again), load_file(path)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == value.dtype == np.float32
        assert found[name].tobytes() == value.tobytes()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda w: w.pop("fc.bias"), "fc.bias"),
        (lambda w: w.update(extra=np.zeros(3, np.float32)), "extra"),
        (lambda w: w.update({"fc.bias": np.zeros(6, np.float32)}), "fc.bias"),
        (lambda w: w.update({"fc.weight": w["fc.weight"].T.copy()}), "fc.weight"),
        (lambda w: w.update({"fc.weight": np.zeros(5, np.float32)}), "fc.weight"),
    ],
)
def test_unfit_weights_change_nothing(change, complaint, graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    write_canonical(graph, path, seed=5)
    weights = load_file(path)
    change(weights)
    save_file(weights, path)
    module = module_of(graph)
    model = model_of(module, graph)
    before = {name: variable.numpy() for name, variable, _ in module.named_weights(model)}
    with pytest.raises(ValueError, match=complaint):
        module.load_weights(model, path)
    for name, variable, _ in module.named_weights(model):
        assert np.array_equal(variable.numpy(), before[name])


def test_layers_are_named_as_in_the_graph(graph: Graph) -> None:
    module = module_of(graph)
    named = dict(module.named_layers(model_of(module, graph)))
    kinds = ("conv", "linear", "batch_norm", "dropout")
    assert list(named) == [node.path for node in graph.nodes if node.op.name in kinds]
    assert isinstance(named["dropout1"], keras.layers.Dropout)
    assert isinstance(named["features.1"], keras.layers.BatchNormalization)


# ---- life in Keras -------------------------------------------------------------------------------


def test_policy_makes_every_weight_float64(graph: Graph) -> None:
    with policy("float64"):
        module = module_of(graph)
        model = model_of(module, graph)
        dtypes = {variable.dtype for _, variable, _ in module.named_weights(model)}
        assert dtypes == {"float64"}
        assert model(np.zeros((1, 8, 8, 3))).dtype == "float64"


def test_mixed_precision_keeps_float32_weights(graph: Graph) -> None:
    with policy("mixed_bfloat16"):
        module = module_of(graph)
        model = model_of(module, graph)
        assert model(np.ones((2, 8, 8, 3)), training=True).dtype == "bfloat16"
        assert {v.dtype for _, v, _ in module.named_weights(model)} == {"float32"}


def test_keras_fits_it(graph: Graph) -> None:
    keras.utils.set_random_seed(0)
    module = module_of(graph)
    model = model_of(module, graph)
    model.compile(keras.optimizers.SGD(0.01), keras.losses.MeanSquaredError())
    random = np.random.default_rng(0)
    x, y = random.standard_normal((8, 8, 8, 3)), random.standard_normal((8, 5))
    losses = model.fit(x, y, batch_size=4, epochs=8, verbose=0).history["loss"]
    assert sum(losses[-3:]) < sum(losses[:3])
    # In training mode: Keras asks whether the model's own `call` knows of it.
    assert not np.array_equal(model.bn1.moving_mean.numpy(), np.zeros(6))
    # What compiling and fitting leave on the model are no layers of the network.
    assert {n for n, *_ in module.named_weights(model)} == {w.name for w in graph.weights}


def test_frozen_batch_norm_keeps_its_statistics(graph: Graph) -> None:
    module = module_of(graph)
    model = model_of(module, graph)
    x = np.random.default_rng(0).standard_normal((4, 8, 8, 3))
    norm = dict(module.named_layers(model))["bn1"]
    model(x)
    norm.trainable = False
    model(x, training=True)
    assert np.array_equal(norm.moving_variance.numpy(), np.ones(6))


def test_attributes_of_keras_are_known() -> None:
    class Block(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = keras.layers.Dense(2)

        def call(self, x):
            return self.inner(x)

    class Network(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Block()

        def call(self, x):
            return self.inner(x)

    class Chain(keras.Sequential):
        def __init__(self) -> None:
            super().__init__([Block()])

    public = set()
    for kind in (Block, Network, Chain):
        made = kind()
        made(keras.Input((3,)))
        public |= {name for name in [*dir(kind), *vars(made)] if name[0] != "_"}
    assert public - {"inner"} == MEMBERS
