"""The printed `Trainer` of PyTorch: every option of a recipe against its formula in NumPy."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from trainers import (
    CALM,
    MOMENTUM,
    RECIPES,
    ROWS,
    TINY,
    State,
    batch,
    first_state,
    import_files,
    tiny,
    updated,
)

from resdsl.codegen.trainer import undecayed
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe
from resdsl.records import replace

pytest.importorskip("torch")

import torch

STEPS = 12
TOLERANCE = 1e-12


def trainer_of(module: ModuleType, graph: Graph, state: State | None = None) -> Any:
    """A trainer of a script, with the weights of a state."""
    model = next(value for name, value in vars(module).items() if name.lower() == graph.name)
    trainer = module.Trainer(model())
    if state is not None:
        trainer.load_state(state)
    return trainer


class Gradients:
    """What the framework computed in the last step, before anything clips it."""

    def __init__(self, trainer: Any) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        for name, parameter in trainer.model.named_parameters():
            self.arrays[name] = np.zeros(tuple(parameter.shape))
            parameter.register_post_accumulate_grad_hook(self._keep(name))

    def _keep(self, name: str) -> Any:
        def keep(parameter: torch.Tensor) -> None:
            assert parameter.grad is not None
            self.arrays[name] = parameter.grad.numpy().copy()

        return keep


@pytest.mark.parametrize("name", RECIPES)
def test_a_step_is_the_formula(name: str, tmp_path: Path) -> None:
    graph, recipe = tiny(), RECIPES[name]
    state = first_state(graph, recipe)
    trainer = trainer_of(import_files(graph, recipe, "torch", tmp_path), graph, state)
    gradients = Gradients(trainer)
    for step in range(STEPS):
        rate = recipe.optimizer.lr / (1 + step)
        trainer.train_step(*batch(graph, recipe, step), rate)
        expected = updated(graph, recipe, state, gradients.arrays, rate)
        state = trainer.state()
        follow_statistics(graph, recipe, expected, state)
        compare(expected, state)


def follow_statistics(graph: Graph, recipe: Recipe, expected: State, found: State) -> None:
    """Running statistics are the network's; only their average is the trainer's."""
    for named in graph.weights:
        if not named.weight.trainable:
            statistic = found[f"weights/{named.name}"]
            assert not np.array_equal(statistic, expected[f"weights/{named.name}"])
            expected[f"weights/{named.name}"] = statistic
            if recipe.average is not None:
                d, key = recipe.average.decay, f"average/{named.name}"
                expected[key] = d * expected[key] + (1 - d) * statistic


def compare(expected: State, found: State) -> None:
    assert found.keys() == expected.keys()
    for key, array in expected.items():
        assert found[key].shape == array.shape and found[key].dtype == array.dtype
        assert np.abs(found[key] - array).max() <= TOLERANCE, key


@pytest.mark.parametrize("name", ["sgd", "accumulate", "all"])
def test_gradients_are_those_of_the_loss(name: str, tmp_path: Path) -> None:
    """Of the mean over the batch of -sum(t log softmax(y)), t smoothed, each part of the batch by
    itself in the batch norms."""
    graph, recipe = tiny(CALM), RECIPES[name]
    state = first_state(graph, recipe)
    module = import_files(graph, recipe, "torch", tmp_path)
    trainer = trainer_of(module, graph, state)
    gradients = Gradients(trainer)
    images, labels = batch(graph, recipe, 0)
    loss, correct = trainer.train_step(images, labels, 0.1)

    model = trainer_of(module, graph, state).model.train()
    targets = labels if labels.ndim == 2 else np.eye(3)[labels]
    smoothing = recipe.loss.label_smoothing
    t = torch.tensor((1 - smoothing) * targets.astype(np.float64) + smoothing / 3)
    x = torch.tensor(images.astype(np.float64)).movedim(-1, 1)
    losses, right = [], 0
    for part, target in zip(x.chunk(recipe.accumulate), t.chunk(recipe.accumulate), strict=True):
        y = model(part)
        losses.append(-(target * (y - y.logsumexp(1, keepdim=True))).sum(1).mean())
        right += int((y.argmax(1) == target.argmax(1)).sum())
    expected = torch.stack(losses).mean()
    expected.backward()
    assert float(loss) == pytest.approx(expected.item(), abs=TOLERANCE) and int(correct) == right
    for key, parameter in model.named_parameters():
        assert np.abs(parameter.grad.numpy() - gradients.arrays[key]).max() <= TOLERANCE
    for key, statistic in model.named_buffers():
        if statistic.is_floating_point():
            found = trainer.state()[f"weights/{key}"]
            assert np.abs(found - statistic.numpy()).max() <= TOLERANCE


MANY = "model many {{ input(8){}; fc: linear(3) }}".format(
    "".join(f"; fc{i}: linear(8); norm{i}: layer_norm; relu" for i in range(5))
)
ODD = "model odd { input(2, 6, 6); train: conv(4, 3, bias = true); float: layer_norm; type: scale; \
    flatten; eval: linear(3) }"


@pytest.mark.parametrize("text", [TINY, ROWS, MANY, ODD], ids=["tiny", "rows", "many", "odd"])
@pytest.mark.parametrize("kinds", [("bias",), ("norm",), ("bias", "norm")], ids="-".join)
def test_groups_are_those_of_the_recipe(text: str, kinds: tuple[str, ...], tmp_path: Path) -> None:
    """Whatever rule is printed for them; names are the canonical ones."""
    graph = tiny(text)
    recipe = replace(RECIPES["decay"], optimizer=replace(MOMENTUM, no_decay=kinds))
    trainer = trainer_of(import_files(graph, recipe, "torch", tmp_path), graph)
    decaying, other = trainer.optimizer.param_groups
    assert (decaying["weight_decay"], other["weight_decay"]) == (0.01, 0.0)
    weights = {k: t for k, t in trainer._tensors().items() if k.startswith("weights/")}
    assert weights.keys() == {f"weights/{named.name}" for named in graph.weights}
    names = {tensor.data_ptr(): key.removeprefix("weights/") for key, tensor in weights.items()}
    assert {names[p.data_ptr()] for p in other["params"]} == undecayed(graph, recipe)


def test_what_no_output_depends_on_decays(tmp_path: Path) -> None:
    """Its gradient counts as zero."""
    text = CALM.replace("    shift: offset", "    tap: relu; unused: conv(4, 1); from tap; offset")
    graph, recipe = tiny(text), RECIPES["momentum"]
    trainer = trainer_of(import_files(graph, recipe, "torch", tmp_path), graph)
    before = trainer.state()
    for step in range(2):
        trainer.train_step(*batch(graph, recipe, step), 0.1)
    w = before["weights/unused.weight"]
    once = w - 0.1 * 0.01 * w
    twice = once - 0.1 * (0.9 * 0.01 * w + 0.01 * once)
    assert np.abs(trainer.state()["weights/unused.weight"] - twice).max() <= TOLERANCE


@pytest.mark.parametrize("name", ["sgd", "all", "adamw_betas"])
def test_a_state_is_all_there_is(name: str, tmp_path: Path) -> None:
    """To go on from a state is to go on, bit by bit, in float32 too and with dropout."""
    graph, recipe = tiny(TINY), replace(RECIPES[name], precision="float32")
    module = import_files(graph, recipe, "torch", tmp_path)
    trainer = trainer_of(module, graph)
    for step in range(3):
        trainer.train_step(*batch(graph, recipe, step), 0.1)
    kept = trainer.state()
    other = trainer_of(module, graph, kept)
    results = []
    for each in (trainer, other):
        for step in range(3, 6):
            each.train_step(*batch(graph, recipe, step), 0.1)
        results.append(each.state())
    first, second = results
    assert first.keys() == second.keys() and int(kept["step"]) == 3
    assert all(array.tobytes() == second[key].tobytes() for key, array in first.items())
    assert all(array.flags.c_contiguous and array.flags.owndata for array in first.values())
    assert first["weights/conv.weight"].tobytes() != kept["weights/conv.weight"].tobytes()


def test_a_state_of_another_network_is_refused(tmp_path: Path) -> None:
    graph, recipe = tiny(), RECIPES["sgd"]
    module = import_files(graph, recipe, "torch", tmp_path)
    state = first_state(graph, recipe)
    state["weights/fc.bias"] = state["weights/fc.bias"][:1]
    with pytest.raises(ValueError, match=r"weights/fc\.bias"):
        trainer_of(module, graph, state)


def test_evaluation(tmp_path: Path) -> None:
    """With the averaged weights, without smoothing or dropout; the label -1 counts for nothing."""
    graph, recipe = tiny(), RECIPES["all"]
    state = first_state(graph, recipe)
    average = {key: array for key, array in state.items() if key.startswith("average/")}
    other = {key: array * 1.5 for key, array in state.items() if key.startswith("weights/")}
    module = import_files(graph, recipe, "torch", tmp_path)
    trainer = trainer_of(module, graph, state | other)
    images, _ = batch(graph, recipe, 0)
    labels = np.array([0, 1, 2, 0, 1, 2, -1, -1])
    loss, correct = trainer.evaluate(images, labels)

    model = trainer_of(module, graph, state).model.eval()
    assert average.keys() == {f"average/{key.removeprefix('weights/')}" for key in other}
    with torch.no_grad():
        y = model(torch.tensor(images.astype(np.float64)).movedim(-1, 1))[:6]
    logs = (y - y.logsumexp(1, keepdim=True)).numpy()
    assert float(loss) == pytest.approx(-logs[np.arange(6), labels[:6]].sum(), abs=TOLERANCE)
    assert int(correct) == (logs.argmax(1) == labels[:6]).sum()


def test_dropout_follows_from_the_seed_and_the_step(tmp_path: Path) -> None:
    losses = {}
    for seed in (0, 1):
        recipe = replace(RECIPES["sgd"], seed=seed)
        graph = tiny()
        module = import_files(graph, recipe, "torch", tmp_path)
        for step in (0, 1):
            for time in (0, 1):
                state = first_state(graph, recipe) | {"step": np.array(step)}
                trainer = trainer_of(module, graph, state)
                torch.manual_seed(time)
                loss, _ = trainer.train_step(*batch(graph, recipe, 0), 0.1)
                losses[seed, step, time] = float(loss)
    assert all(losses[seed, step, 0] == losses[seed, step, 1] for seed in (0, 1) for step in (0, 1))
    assert len(set(losses.values())) == 4


@pytest.mark.parametrize("precision", ["float32", "tf32", "bfloat16"])
def test_weights_statistics_and_loss_stay_float32(precision: str, tmp_path: Path) -> None:
    text = TINY.replace("norm1: batch_norm", 'norm1: batch_norm(variance = "population")')
    graph, recipe = tiny(text), replace(RECIPES["all"], precision=precision)
    trainer = trainer_of(import_files(graph, recipe, "torch", tmp_path), graph)
    loss, _ = trainer.train_step(*batch(graph, recipe, 0), 0.1)
    assert loss.dtype == torch.float32
    arrays = [array for key, array in trainer.state().items() if key != "step"]
    assert all(array.dtype == np.float32 for array in arrays)
