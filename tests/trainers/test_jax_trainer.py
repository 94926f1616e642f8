"""The printed `Trainer` of JAX: every option of a recipe against its formula in NumPy."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from trainers import (
    CALM,
    RECIPES,
    TINY,
    State,
    batch,
    first_state,
    import_files,
    tiny,
    updated,
)

from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe
from resdsl.records import replace

pytest.importorskip("flax")

import jax
import jax.numpy as jnp
import optax
from flax import nnx

ROOT = Path(__file__).parents[2]
#: Without biases in front of norms, whose gradients are noise that AdamW makes large.
UNBIASED = CALM.replace("conv(4, 3)", "conv(4, 3, bias = false)").replace("true", "false")
STEPS = 12
TOLERANCE = 1e-12


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    """JAX as it was: a trainer sets the precision of its process."""
    before = jax.config.jax_enable_x64, jax.config.jax_default_matmul_precision
    yield
    jax.config.update("jax_enable_x64", before[0])
    jax.config.update("jax_default_matmul_precision", before[1])


def model_of(module: ModuleType, graph: Graph) -> Any:
    """A model of a script."""
    made = next(value for name, value in vars(module).items() if name.lower() == graph.name)
    return made(rngs=nnx.Rngs(0))


def trainer_of(module: ModuleType, graph: Graph, state: State | None = None) -> Any:
    """A trainer of a script, with the weights of a state."""
    trainer = module.Trainer(model_of(module, graph))
    if state is not None:
        trainer.load_state(state)
    return trainer


class Reference:
    """The loss of a recipe, its gradients, and running statistics, without the script."""

    def __init__(self, module: ModuleType, graph: Graph, recipe: Recipe) -> None:
        model = model_of(module, graph)
        self.module, self.recipe = module, recipe
        self.axes = {name: axes for name, _, axes in module.named_weights(model)}
        self.trained = [n.name for n in graph.weights if n.weight.trainable]
        self.classes = graph.output_types[0].numbers[0]
        model.train()
        self.graphdef, self.variables = nnx.split(model)
        self.differentiate = jax.jit(jax.value_and_grad(self.loss, has_aux=True))

    def __call__(
        self, state: State, images: np.ndarray, labels: np.ndarray
    ) -> tuple[float, int, State, State]:
        """Mean loss, right answers, gradients, and running statistics after all parts."""
        targets = labels if labels.ndim == 2 else np.eye(self.classes)[labels]
        smoothing = self.recipe.loss.label_smoothing
        t = (1 - smoothing) * targets.astype(np.float64) + smoothing / self.classes
        values = {
            name: state[f"weights/{name}"].transpose(axes) for name, axes in self.axes.items()
        }
        parameters = {name: values.pop(name) for name in self.trained}
        count = self.recipe.accumulate
        losses, right, gradients = [], 0, dict.fromkeys(parameters, 0.0)
        for x, y in zip(np.split(images, count), np.split(t, count), strict=True):
            (loss, (correct, values)), new = self.differentiate(parameters, values, x, y)
            losses.append(float(loss))
            right += int(correct)
            gradients = {name: g + new[name] / count for name, g in gradients.items()}
        return (
            float(np.mean(losses)),
            right,
            {name: self.canonical(name, g) for name, g in gradients.items()},
            {name: self.canonical(name, v) for name, v in values.items()},
        )

    def loss(self, parameters: Any, statistics: Any, x: Any, t: Any) -> Any:
        model = nnx.merge(self.graphdef, self.variables, copy=True)
        found = {name: variable for name, variable, _ in self.module.named_weights(model)}
        for name, value in {**parameters, **statistics}.items():
            found[name].set_value(value)
        y = model(x.astype(jnp.float64))
        logs = y - jax.scipy.special.logsumexp(y, axis=1, keepdims=True)
        correct = (y.argmax(1) == t.argmax(1)).sum()
        kept = {name: found[name].get_value() for name in statistics}
        return -(t * logs).sum(1).mean(), (correct, kept)

    def canonical(self, name: str, value: Any) -> np.ndarray:
        return np.asarray(value).transpose(np.argsort(self.axes[name]))


@pytest.mark.parametrize("name", RECIPES)
def test_a_step_is_the_formula(name: str, tmp_path: Path) -> None:
    graph, recipe = tiny(CALM), RECIPES[name]
    state = first_state(graph, recipe)
    module = import_files(graph, recipe, "jax", tmp_path)
    trainer = trainer_of(module, graph, state)
    reference = Reference(module, graph, recipe)
    for step in range(STEPS):
        rate = recipe.optimizer.lr / (1 + step)
        given = batch(graph, recipe, step)
        loss, correct = trainer.train_step(*given, rate)
        wanted, right, gradients, statistics = reference(state, *given)
        assert float(loss) == pytest.approx(wanted, abs=TOLERANCE) and int(correct) == right
        expected = updated(graph, recipe, state, gradients, rate)
        for key, value in statistics.items():
            expected[f"weights/{key}"] = value
            if recipe.average is not None:
                d, old = recipe.average.decay, expected[f"average/{key}"]
                expected[f"average/{key}"] = d * old + (1 - d) * value
        state = trainer.state()
        compare(expected, state)


def compare(expected: State, found: State, tolerance: float = TOLERANCE) -> None:
    assert found.keys() == expected.keys()
    for key, array in expected.items():
        assert found[key].shape == array.shape and found[key].dtype == array.dtype, key
        assert np.abs(found[key] - array).max() <= tolerance, key


@pytest.mark.parametrize("name", ["nesterov", "adamw_betas", "all"])
def test_torch_does_the_same(name: str, tmp_path: Path) -> None:
    """From the same state, to the same states; and a state goes to PyTorch and back unchanged."""
    pytest.importorskip("torch")
    graph, recipe = tiny(UNBIASED), RECIPES[name]
    first = first_state(graph, recipe)
    ours = trainer_of(import_files(graph, recipe, "jax", tmp_path), graph, first)
    module = import_files(graph, recipe, "torch", tmp_path)
    model = next(v for n, v in vars(module).items() if n.lower() == graph.name)
    theirs = module.Trainer(model())
    theirs.load_state(first)
    for step in range(STEPS):
        given = batch(graph, recipe, step)
        one, other = ours.train_step(*given, 0.05), theirs.train_step(*given, 0.05)
        assert float(one[0]) == pytest.approx(float(other[0]), abs=TOLERANCE)
        assert int(one[1]) == int(other[1])
        compare(theirs.state(), ours.state())
    left, right = ours.evaluate(*labelled(graph, recipe)), theirs.evaluate(*labelled(graph, recipe))
    assert float(left[0]) == pytest.approx(float(right[0]), abs=TOLERANCE)
    assert int(left[1]) == int(right[1])

    state = theirs.state()
    ours.load_state(state)
    theirs.load_state(ours.state())
    same(state, ours.state())
    same(state, theirs.state())


def labelled(graph: Graph, recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
    """Images of which the last two are none."""
    return batch(graph, recipe, 0)[0], np.array([0, 1, 2, 0, 1, 2, -1, -1])


def same(first: State, second: State) -> None:
    assert first.keys() == second.keys()
    assert all(array.tobytes() == second[key].tobytes() for key, array in first.items())


@pytest.mark.parametrize("name", ["sgd", "all", "adamw_betas"])
def test_a_state_is_all_there_is(name: str, tmp_path: Path) -> None:
    """To go on from a state is to go on, bit by bit, in float32 too and with dropout."""
    graph, recipe = tiny(TINY), replace(RECIPES[name], precision="float32")
    module = import_files(graph, recipe, "jax", tmp_path)
    trainer = trainer_of(module, graph)
    for step in range(3):
        trainer.train_step(*batch(graph, recipe, step), 0.1)
    kept = trainer.state()
    copies = {key: array.copy() for key, array in kept.items()}
    other = trainer_of(module, graph, kept)
    results = []
    for each in (trainer, other):
        for step in range(3, 6):
            each.train_step(*batch(graph, recipe, step), 0.1)
        results.append(each.state())
    same(*results)
    same(copies, kept)
    first = results[0]
    assert int(kept["step"]) == 3 and int(first["step"]) == 6
    assert all(array.flags.c_contiguous and array.flags.owndata for array in first.values())
    assert first["weights/conv.weight"].tobytes() != kept["weights/conv.weight"].tobytes()


def test_the_model_keeps_its_weights(tmp_path: Path) -> None:
    graph, recipe = tiny(), RECIPES["all"]
    module = import_files(graph, recipe, "jax", tmp_path)
    model = model_of(module, graph)
    before = {name: np.array(v.get_value()) for name, v, _ in module.named_weights(model)}
    module.Trainer(model).train_step(*batch(graph, recipe, 0), 0.1)
    for name, variable, _ in module.named_weights(model):
        assert np.array_equal(variable.get_value(), before[name])


def test_a_state_of_another_network_is_refused(tmp_path: Path) -> None:
    graph, recipe = tiny(), RECIPES["sgd"]
    module = import_files(graph, recipe, "jax", tmp_path)
    state = first_state(graph, recipe)
    state["weights/fc.weight"] = state["weights/fc.weight"][:1]
    words = r"weights/fc\.weight is \(1, 4\), and here it is \(3, 4\)"
    with pytest.raises(ValueError, match=words):
        trainer_of(module, graph, state)


def test_evaluation(tmp_path: Path) -> None:
    """With the averaged weights, without smoothing or dropout; the label -1 counts for nothing."""
    graph, recipe = tiny(), RECIPES["all"]
    state = first_state(graph, recipe)
    other = {key: array * 1.5 for key, array in state.items() if key.startswith("weights/")}
    module = import_files(graph, recipe, "jax", tmp_path)
    trainer = trainer_of(module, graph, state | other)
    images, labels = labelled(graph, recipe)
    images[-1] = np.nan
    loss, correct = trainer.evaluate(images, labels)
    shorter = trainer.evaluate(images[:6], labels[:6])
    assert trainer._test._cache_size() == 1

    model = model_of(module, graph)
    for name, variable, axes in module.named_weights(model):
        variable.set_value(jnp.asarray(state[f"average/{name}"].transpose(axes)))
    model.eval()
    y = np.asarray(model(jnp.asarray(images[:6], jnp.float64)))
    logs = y - np.log(np.exp(y).sum(1, keepdims=True))
    for found in ((loss, correct), shorter):
        wanted = -logs[np.arange(6), labels[:6]].sum()
        assert float(found[0]) == pytest.approx(wanted, abs=TOLERANCE)
        assert int(found[1]) == (logs.argmax(1) == labels[:6]).sum()


def test_dropout_follows_from_the_seed_and_the_step(tmp_path: Path) -> None:
    losses = {}
    graph = tiny()
    for seed in (0, 1):
        recipe = replace(RECIPES["sgd"], seed=seed)
        module = import_files(graph, recipe, "jax", tmp_path)
        trainer = trainer_of(module, graph)
        for time in (0, 1):
            for step in (0, 1):
                trainer.load_state(first_state(graph, recipe) | {"step": np.array(step)})
                loss, _ = trainer.train_step(*batch(graph, recipe, 0), 0.1)
                losses[seed, step, time] = float(loss)
    assert all(losses[seed, step, 0] == losses[seed, step, 1] for seed in (0, 1) for step in (0, 1))
    assert len(set(losses.values())) == 4


def test_layers_drop_independently(tmp_path: Path) -> None:
    """Also those of a model whose streams of keys have names."""
    graph = tiny("model twice { input(64); a: dropout(0.5); b: dropout(0.5); fc: linear(64) }")
    module = import_files(graph, RECIPES["sgd"], "jax", tmp_path)
    weights = {"fc.weight": jnp.eye(64), "fc.bias": jnp.zeros(64)}
    for rngs in (nnx.Rngs(0), nnx.Rngs(params=0, dropout=1)):
        trainer = module.Trainer(module.Twice(rngs=rngs))
        kept = trainer._train(weights, jnp.ones((64, 64)), jax.random.key(0)) > 0
        # A quarter of 4,096: a half, if both masks were one.
        assert 900 < int(kept.sum()) < 1150


@pytest.mark.parametrize("name", ["sgd", "all", "adamw"])
def test_nothing_is_compiled_twice(name: str, tmp_path: Path) -> None:
    graph, recipe = tiny(), replace(RECIPES[name], precision="float32")
    trainer = trainer_of(import_files(graph, recipe, "jax", tmp_path), graph)
    for step, rate in enumerate((0, 0.1, np.float64(0.05), np.float32(0.01))):
        trainer.train_step(*batch(graph, recipe, step), rate)
        trainer.load_state(trainer.state())
        trainer.evaluate(*labelled(graph, recipe))
    compiled = [trainer._update, trainer._test]
    compiled += [trainer._add] if recipe.accumulate > 1 else []
    assert [function._cache_size() for function in compiled] == [1] * len(compiled)


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16"])
def test_weights_statistics_and_loss_stay_float32(precision: str, tmp_path: Path) -> None:
    graph, recipe = tiny(), replace(RECIPES["all"], precision=precision)
    trainer = trainer_of(import_files(graph, recipe, "jax", tmp_path), graph)
    loss, _ = trainer.train_step(*batch(graph, recipe, 0), 0.1)
    assert loss.dtype == jnp.float32
    arrays = [array for key, array in trainer.state().items() if key != "step"]
    assert all(array.dtype == np.float32 for array in arrays)


def test_bfloat16_is_for_products_and_what_lies_between_them(tmp_path: Path) -> None:
    graph, recipe = tiny(CALM), replace(RECIPES["sgd"], precision="bfloat16")
    module = import_files(graph, recipe, "jax", tmp_path)
    trainer = trainer_of(module, graph)
    weights = trainer._state.parameters | trainer._state.statistics
    text = str(jax.make_jaxpr(trainer._train)(weights, jnp.ones((8, 6, 6, 2))))
    products = [line for line in text.splitlines() if "conv_general" in line or "dot_gen" in line]
    assert len(products) == 3 and all("bf16[" in line.split("=")[0] for line in products)


def test_optax_has_the_same_formulas(tmp_path: Path) -> None:
    """The field's own optimizers, where they are the contract's."""
    chains = {
        "nesterov": optax.chain(
            optax.add_decayed_weights(0.01), optax.sgd(0.1, momentum=0.9, nesterov=True)
        ),
        "adamw": optax.adamw(0.01, weight_decay=0.1),
    }
    for name, chain in chains.items():
        graph, recipe = tiny(UNBIASED), RECIPES[name]
        state = first_state(graph, recipe)
        module = import_files(graph, recipe, "jax", tmp_path)
        trainer = trainer_of(module, graph, state)
        reference = Reference(module, graph, recipe)
        parameters = {n: jnp.asarray(state[f"weights/{n}"]) for n in reference.trained}
        slots = chain.init(parameters)
        for step in range(STEPS):
            given = batch(graph, recipe, step)
            _, _, gradients, _ = reference(trainer.state(), *given)
            trainer.train_step(*given, recipe.optimizer.lr)
            changes, slots = chain.update(gradients, slots, parameters)
            parameters = optax.apply_updates(parameters, changes)
        found = trainer.state()
        for key, value in parameters.items():
            assert np.abs(found[f"weights/{key}"] - value).max() <= TOLERANCE


@pytest.mark.parametrize(
    ("name", "batch_norm"),
    [
        ("all", "synchronized"),
        ("adamw_betas", "synchronized"),
        ("nesterov", "local"),
        ("average", "local"),
    ],
)
def test_two_devices_do_what_one_does(name: str, batch_norm: str, tmp_path: Path) -> None:
    """Synchronized: the same, dropout included. Local: the mean of what each half would do."""
    script = Path(__file__).with_name("two_devices.py")
    folders = [str(ROOT), str(ROOT / "tests" / "support")]
    settings = {
        "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
        "JAX_PLATFORMS": "cpu",
        "PYTHONPATH": os.pathsep.join(folders),
    }
    done = subprocess.run(
        [sys.executable, str(script), name, batch_norm, str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, **settings},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) <= 1e-9
