"""The printed `Trainer` of Keras: its numbers against the recipe's formulas and against PyTorch's
trainer, its states, and what is drawn in a step."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from trainers import CALM, RECIPES, State, batch, first_state, import_files, tiny, updated

from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import AdamW, CrossEntropy, Mixup, Recipe, Sgd
from resdsl.records import replace

pytest.importorskip("tensorflow")

from keras_trainers import Gradients, loss_of, model_of, settings

STEPS = 12
TOLERANCE = 1e-12
#: Without biases in front of batch norms. The gradient of those is rounding around zero, which
#: AdamW makes as large as any other.
STEADY = CALM.replace("conv: conv(4, 3)", "conv: conv(4, 3, bias = false)").replace(
    "bias = true", "bias = false"
)
#: Two layers that draw, and one that does not.
DROPPING = """
model tiny(classes = 3) {
    input(2, 6, 6)
    conv: conv(4, 3); relu
    residual { conv1: conv(4, 3, bias = false); norm1: batch_norm; drop_path(0.3) }
    residual { conv2: conv(4, 3, bias = false); norm2: batch_norm; drop_path(0) }
    global_avg_pool
    dropout(0.2)
    fc: linear(classes)
}
"""


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    with settings():
        yield


def trainer_of(script: ModuleType, graph: Graph, state: State | None = None, **options: Any) -> Any:
    """A trainer of a script, with the weights of a state."""
    trainer = script.Trainer(model_of(script, graph), **options)
    if state is not None:
        trainer.load_state(state)
    return trainer


def within(state: Mapping[str, np.ndarray], group: str) -> State:
    """The arrays of a group by their canonical names."""
    return {k.removeprefix(f"{group}/"): v for k, v in state.items() if k.startswith(f"{group}/")}


def assert_close(found: State, expected: State) -> None:
    assert found.keys() == expected.keys()
    for key, array in expected.items():
        assert found[key].shape == array.shape and found[key].dtype == array.dtype
        assert np.abs(found[key] - array).max() <= TOLERANCE, key


def assert_equal(found: State, expected: State) -> None:
    assert found.keys() == expected.keys()
    assert all(found[key].tobytes() == array.tobytes() for key, array in expected.items())


# ---- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RECIPES)
def test_twelve_steps_are_the_formulas(name: str, tmp_path: Path) -> None:
    """From one state on, with gradients of a loss in NumPy; nothing is taken from the trainer."""
    graph, recipe = tiny(STEADY), RECIPES[name]
    script = import_files(graph, recipe, "tensorflow", tmp_path)
    state = first_state(graph, recipe)
    trainer = trainer_of(script, graph, state)
    gradients = Gradients(script, graph, recipe.loss.label_smoothing)
    for step in range(STEPS):
        images, labels = batch(graph, recipe, step)
        rate = recipe.optimizer.lr / (1 + step)
        loss, correct = trainer.train_step(images, labels, rate)
        losses, rights, state = stepped(graph, recipe, gradients, state, images, labels, rate)
        assert float(loss) == pytest.approx(np.mean(losses), rel=TOLERANCE)
        assert int(correct) == rights
        assert_close(trainer.state(), state)
    compiled = [v for name, v in vars(trainer).items() if name.startswith("_run_")]
    assert max(function.experimental_get_tracing_count() for function in compiled) == 1


def stepped(
    graph: Graph,
    recipe: Recipe,
    gradients: Gradients,
    state: State,
    images: np.ndarray,
    labels: np.ndarray,
    rate: float,
) -> tuple[list[float], int, State]:
    """One step by the formulas: losses of micro-batches, right answers, the state afterwards."""
    losses, rights, found = [], 0, []
    weights = within(state, "weights")
    for part in zip(*(np.split(a, recipe.accumulate) for a in (images, labels)), strict=True):
        loss, right, of_part, statistics = gradients(weights, *part)
        losses.append(loss)
        rights += right
        found.append(of_part)
        weights |= statistics
    mean = {name: sum(part[name] for part in found) / len(found) for name in found[0]}
    after = updated(graph, recipe, state, mean, rate)
    for name, statistic in statistics.items():
        after[f"weights/{name}"] = statistic
        if recipe.average is not None:
            kept = recipe.average.decay * state[f"average/{name}"]
            after[f"average/{name}"] = kept + (1 - recipe.average.decay) * statistic
    return losses, rights, after


@pytest.mark.parametrize("name", ["nesterov", "no_norm", "adamw_betas", "all"])
def test_pytorch_trains_to_the_same_state(name: str, tmp_path: Path) -> None:
    """From the same weights on the same batches; states go from one to the other bit by bit."""
    pytest.importorskip("torch")
    graph, recipe = tiny(STEADY), RECIPES[name]
    ours = trainer_of(import_files(graph, recipe, "tensorflow", tmp_path), graph)
    other = trainer_of(import_files(graph, recipe, "torch", tmp_path), graph)
    first = other.state()
    ours.load_state(first)
    assert_equal(ours.state(), first)
    for step in range(STEPS):
        images, labels = batch(graph, recipe, step)
        losses = [float(t.train_step(images, labels, 0.05)[0]) for t in (ours, other)]
        assert losses[0] == pytest.approx(losses[1], rel=TOLERANCE)
        assert_close(ours.state(), other.state())
    last = ours.state()
    other.load_state(last)
    assert_equal(other.state(), last)


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("mix", [None, Mixup()])
def test_float32_is_the_same_but_for_its_rounding(
    mix: Mixup | None, accumulate: int, tmp_path: Path
) -> None:
    """Some lines are printed for float32 alone."""
    recipe = replace(
        RECIPES["sgd"],
        precision="float32",
        loss=CrossEntropy(0.1),
        mix=mix,
        accumulate=accumulate,
    )
    graph = tiny(STEADY)
    script = import_files(graph, recipe, "tensorflow", tmp_path)
    state = first_state(graph, recipe)
    trainer = trainer_of(script, graph, state)
    images, labels = batch(graph, recipe, 0)
    loss, correct = trainer.train_step(images, labels, 0.1)
    gradients = Gradients(script, graph, 0.1)
    losses, rights, state = stepped(graph, recipe, gradients, state, images, labels, 0.1)
    assert float(loss) == pytest.approx(np.mean(losses), rel=1e-6)
    assert int(correct) == rights
    for key, array in trainer.state().items():
        assert np.abs(array - state[key]).max() <= 1e-5, key


def test_what_no_output_depends_on_decays(tmp_path: Path) -> None:
    """Its gradient counts as zero."""
    text = CALM.replace("    shift: offset", "    tap: relu; unused: conv(4, 1); from tap; offset")
    graph, recipe = tiny(text), RECIPES["momentum"]
    trainer = trainer_of(import_files(graph, recipe, "tensorflow", tmp_path), graph)
    before = trainer.state()["weights/unused.weight"]
    trainer.train_step(*batch(graph, recipe, 0), 0.1)
    after = trainer.state()["weights/unused.weight"]
    assert np.abs(after - (before - 0.1 * 0.01 * before)).max() <= TOLERANCE


@pytest.mark.parametrize("name", ["sgd", "all"])
def test_evaluation(name: str, tmp_path: Path) -> None:
    """With the averaged weights if there are some, without smoothing; -1 counts for nothing."""
    graph, recipe = tiny(DROPPING), RECIPES[name]
    script = import_files(graph, recipe, "tensorflow", tmp_path)
    state = first_state(graph, recipe)
    held = "average" if recipe.average else "weights"
    state |= {key: array * 1.5 for key, array in state.items() if key.startswith(held)}
    trainer = trainer_of(script, graph, state)
    images, _ = batch(graph, recipe, 0)
    labels = np.array([0, 1, 2, 0, 1, 2, -1, -1])
    loss, correct = trainer.evaluate(images, labels)
    logits = Gradients(script, graph, 0.0).logits(within(state, held), images)
    mean, _, right = loss_of(logits[:6], labels[:6], 0.0)
    assert float(loss) == pytest.approx(6 * mean, rel=TOLERANCE)
    assert int(correct) == right
    assert_equal(trainer.state(), state)


# ---- states --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "precision", "compile"),
    [("all", "float32", False), ("all", "float32", True), ("adamw", "bfloat16", False)],
)
def test_a_state_is_all_there_is(name: str, precision: str, compile: bool, tmp_path: Path) -> None:
    """To go on from a state is to go on, bit by bit, whatever is dropped and however compiled."""
    graph, recipe = tiny(DROPPING), replace(RECIPES[name], precision=precision)
    script = import_files(graph, recipe, "tensorflow", tmp_path)
    trainer = trainer_of(script, graph, compile=compile)
    for step in range(3):
        trainer.train_step(*batch(graph, recipe, step), 0.1)
    kept = trainer.state()
    bits = {key: array.tobytes() for key, array in kept.items()}
    other = trainer_of(script, graph, kept, compile=compile)
    for step in range(3, 6):
        for each in (trainer, other):
            each.train_step(*batch(graph, recipe, step), 0.1)
    last = trainer.state()
    assert_equal(other.state(), last)
    assert int(kept["step"]) == 3 and int(last["step"]) == 6
    assert bits == {key: array.tobytes() for key, array in kept.items()}
    assert bits["weights/fc.weight"] != last["weights/fc.weight"].tobytes()
    assert all(array.flags.c_contiguous and array.flags.owndata for array in kept.values())


def test_a_state_of_another_network_is_refused(tmp_path: Path) -> None:
    graph, recipe = tiny(), RECIPES["sgd"]
    script = import_files(graph, recipe, "tensorflow", tmp_path)
    state = first_state(graph, recipe)
    state["weights/fc.bias"] = state["weights/fc.bias"][:1]
    with pytest.raises(ValueError, match=r"weights/fc\.bias is \(1,\), and here it is \(3,\)"):
        trainer_of(script, graph, state)


# ---- what is drawn, and what is rounded ----------------------------------------------------------


def test_masks_follow_from_the_seed_and_the_step(tmp_path: Path) -> None:
    graph = tiny(DROPPING)
    losses = {}
    for seed in (0, 1):
        recipe = replace(RECIPES["sgd"], seed=seed)
        script = import_files(graph, recipe, "tensorflow", tmp_path)
        trainer = trainer_of(script, graph)
        for step in (0, 1, 0, 1):
            trainer.load_state(first_state(graph, recipe) | {"step": np.array(step)})
            loss, _ = trainer.train_step(*batch(graph, recipe, 0), 0.1)
            losses.setdefault((seed, step), set()).add(float(loss))
    assert all(len(found) == 1 for found in losses.values())
    assert len(set.union(*losses.values())) == 4


def test_layers_and_micro_batches_draw_apart(tmp_path: Path) -> None:
    """Masks follow from where a layer's generator is, and no two of them are at one place."""
    graph, recipe = tiny(DROPPING), replace(RECIPES["sgd"], accumulate=2)
    script = import_files(graph, recipe, "tensorflow", tmp_path)
    trainer = trainer_of(script, graph)
    assert [layer.rate for layer in trainer.dropouts] == [0.3, 0.2]
    run, places = trainer._run_part, set()

    def watched(*part: Any) -> Any:
        result = run(*part)
        places.update(tuple(layer.seed_generator.state.numpy()) for layer in trainer.dropouts)
        return result

    trainer._run_part = watched
    for step in range(3):
        trainer.train_step(*batch(graph, recipe, step), 0.1)
    assert len(places) == 2 * 2 * 3


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16"])
def test_weights_statistics_and_loss_stay_float32(precision: str, tmp_path: Path) -> None:
    graph, recipe = tiny(), replace(RECIPES["all"], precision=precision)
    script = import_files(graph, recipe, "tensorflow", tmp_path)
    trainer = trainer_of(script, graph)
    loss, _ = trainer.train_step(*batch(graph, recipe, 0), 0.1)
    assert loss.dtype == "float32"
    assert all(v.dtype == np.float32 for key, v in trainer.state().items() if key != "step")
    computed = {layer.compute_dtype for _, layer in script.named_layers(trainer.model)}
    assert computed == {"bfloat16" if precision == "bfloat16" else "float32"}


@pytest.mark.parametrize("optimizer", [Sgd(lr=0.01), AdamW()])
def test_bfloat16_is_near_float32(optimizer: Sgd | AdamW, tmp_path: Path) -> None:
    graph = tiny(CALM)
    losses = []
    for precision in ("float32", "bfloat16"):
        recipe = replace(RECIPES["sgd"], optimizer=optimizer, precision=precision)
        with settings():
            script = import_files(graph, recipe, "tensorflow", tmp_path)
            trainer = trainer_of(script, graph, first_state(graph, recipe))
            steps = (trainer.train_step(*batch(graph, recipe, s), 0.01)[0] for s in range(6))
            losses.append([float(loss) for loss in steps])
    assert losses[1] == pytest.approx(losses[0], rel=0.02) and losses[1] != losses[0]
