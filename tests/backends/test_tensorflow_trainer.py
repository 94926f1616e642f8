"""The printed Keras trainer: its text, its numbers against the recipe's formulas, its states."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from compiled import example, graph_of
from keras_trainers import Gradients, batches, script_of, settings
from recipe_formulas import Arrays, Formulas

from resdsl.codegen.backend import get_backend
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import (
    AdamW,
    Cifar,
    Clip,
    Constant,
    Cosine,
    CrossEntropy,
    CutMix,
    Digits,
    Ema,
    Flip,
    Mixup,
    MultiStep,
    Normalize,
    OneCycle,
    Optimizer,
    PadCrop,
    Recipe,
    Schedule,
    Sgd,
    Warmup,
)

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"

# `side` is read by nobody: its gradient is zero, and it decays all the same.
TINY = """
model tiny {
    input(3, 8, 8)
    conv1: conv(4, 3, bias = false); bn1: batch_norm; relu
    tap: identity
    side: conv(2, 1)
    from tap
    residual { conv2: conv(4, 3, bias = false); bn2: batch_norm }
    relu
    global_avg_pool
    fc: linear(5)
}
"""

DROPPING = """
model tiny {
    input(3, 8, 8)
    conv1: conv(4, 3); relu
    residual { conv2: conv(4, 3, bias = false); bn2: batch_norm; drop_path(0.3) }
    residual { conv3: conv(4, 3, bias = false); bn3: batch_norm; drop_path(0) }
    global_avg_pool
    dropout(0.2)
    fc: linear(5)
}
"""

STEPS = Schedule(MultiStep((4, 8)), 12, "steps")


def recipe(optimizer: Optimizer, schedule: Schedule = STEPS, **more: Any) -> Recipe:
    more = {"data": Digits(batch=8), "precision": "float64", "seed": 3} | more
    return Recipe("tried", schedule=schedule, optimizer=optimizer, **more)


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    with settings():
        yield


def text_of(graph: Graph, trained: Recipe) -> str:
    emit = get_backend("tensorflow").emit_trainer
    assert emit is not None
    return emit(graph, trained)


# ---- the text ------------------------------------------------------------------------------------

PLAIN = Recipe(
    "cifar10",
    data=Cifar(classes=10, path="cifar-10"),
    schedule=Schedule(MultiStep((32_000, 48_000)), 64_000, "steps"),
    optimizer=Sgd(weight_decay=1e-4),
    augment=(PadCrop(), Flip()),
    normalize=Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)),
)
EVERYTHING = Recipe(
    "everything",
    data=Digits(batch=64),
    schedule=Schedule(Cosine(1e-5), 20, warmup=Warmup(2)),
    optimizer=AdamW(no_decay=("bias", "norm")),
    loss=CrossEntropy(0.1),
    mix=Mixup(),
    clip=Clip(1.0),
    average=Ema(),
    accumulate=4,
    precision="bfloat16",
)
#: What the printed lines depend on, all of it somewhere.
OTHERS = {
    "no momentum": recipe(Sgd(momentum=0), loss=CrossEntropy(0.1)),
    "nesterov": recipe(Sgd(nesterov=True, weight_decay=1e-2, no_decay=("norm",))),
    "bias": recipe(Sgd(weight_decay=1e-2, no_decay=("bias",)), precision="tf32", average=Ema()),
    "mixed": recipe(AdamW(weight_decay=0), mix=CutMix(), accumulate=2),
}
TEXTS = {
    "resnet20": (example("resnet_cifar.res"), "resnet20", PLAIN),
    "dropping": (DROPPING, "tiny", EVERYTHING),
    **{name: (TINY, "tiny", made) for name, made in OTHERS.items()},
}


@pytest.mark.parametrize("name", ["resnet20", "dropping"])
def test_the_script_is_the_one_reviewed(name: str, golden: Any) -> None:
    program, model, trained = TEXTS[name]
    text = text_of(graph_of(program, model), trained)
    golden(GOLDEN / f"train_{name}_tensorflow.py", text)


@pytest.mark.parametrize("name", TEXTS)
def test_ruff_has_nothing_to_say(name: str, tmp_path: Path) -> None:
    program, model, trained = TEXTS[name]
    text = text_of(graph_of(program, model), trained)
    assert max(map(len, text.splitlines())) <= 100
    (tmp_path / f"train_{model}_tensorflow.py").write_text(text)
    # The network's file stands beside the script, which says so in its imports.
    (tmp_path / f"{model}_tensorflow.py").touch()
    # It prints, as scripts do.
    for command in (["format", "--check"], ["check", "--quiet", "--extend-ignore", "T201"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", ROOT / "pyproject.toml", "."],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


# ---- the numbers ---------------------------------------------------------------------------------

NUMBERS = {
    "sgd": recipe(Sgd(weight_decay=1e-2)),
    "sgd without momentum": recipe(
        Sgd(momentum=0, weight_decay=1e-2, no_decay=("bias",)),
        loss=CrossEntropy(0.1),
        clip=Clip(0.5),
    ),
    "nesterov": recipe(
        Sgd(nesterov=True, weight_decay=1e-2, no_decay=("bias", "norm")),
        Schedule(Cosine(0.01), 12, "steps", Warmup(3)),
        accumulate=4,
        average=Ema(0.9),
    ),
    "clip": recipe(
        Sgd(nesterov=True, weight_decay=1e-2, no_decay=("norm",)),
        Schedule(OneCycle(), 12, "steps"),
        clip=Clip(0.5),
        mix=Mixup(),
    ),
    "adamw": recipe(AdamW(lr=1e-2, weight_decay=0.1, no_decay=("bias", "norm")), average=Ema(0.9)),
    "adamw mixed": recipe(
        AdamW(lr=1e-2, beta1=0.8, beta2=0.95, eps=1e-3),
        Schedule(Constant(), 12, "steps", Warmup(2, 1e-3, "constant")),
        accumulate=2,
        clip=Clip(0.1),
        mix=CutMix(),
        loss=CrossEntropy(0.2),
    ),
    "adamw without decay": recipe(AdamW(lr=1e-2, weight_decay=0), loss=CrossEntropy(0.1)),
}


def spared(trained: Recipe) -> set[str]:
    """What does not decay of the tiny network."""
    kinds = {
        "bias": {"bn1.bias", "side.bias", "bn2.bias", "fc.bias"},
        "norm": {f"{norm}.{what}" for norm in ("bn1", "bn2") for what in ("weight", "bias")},
    }
    return {name for kind in trained.optimizer.no_decay for name in kinds[kind]}


@pytest.mark.parametrize("name", NUMBERS)
def test_twelve_steps_are_the_formulas(name: str, tmp_path: Path) -> None:
    trained = NUMBERS[name]
    script = script_of(graph_of(TINY), trained, tmp_path)
    trainer = script.Trainer(script.Tiny())
    measure = Gradients(script, script.Tiny(), trained)
    first = {key.removeprefix("weights/"): v for key, v in trainer.state().items() if "/" in key}
    weights = {name: value for name, value in first.items() if name in measure.weights()}
    formulas = Formulas(trained, weights, measure.parameters, sorted(spared(trained)))
    for step, (images, labels) in enumerate(batches(12, 8, trained.mix is not None)):
        rate = script.learning_rate(step, 4)
        loss, correct = trainer.train_step(images, labels, rate)
        losses, rights, gradients = [], 0, []
        parts = (np.split(a, trained.accumulate) for a in (images, labels))
        for part in zip(*parts, strict=True):
            part_loss, right, found, statistics = measure(formulas.weights, *part)
            losses.append(part_loss)
            rights += right
            gradients.append(found)
            formulas.weights.update(statistics)
        formulas.update(gradients, rate)
        assert float(loss) == pytest.approx(np.mean(losses), rel=1e-12)
        assert int(correct) == rights
        assert_close(trainer.state(), formulas.state())
    traced = [v for name, v in vars(trainer).items() if name.startswith("_run_")]
    assert all(function.experimental_get_tracing_count() <= 1 for function in traced)


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("mix", [None, Mixup()])
def test_float32_is_the_same_but_for_its_own_rounding(
    mix: Mixup | None, accumulate: int, tmp_path: Path
) -> None:
    """Lines that only float32 prints are right as well."""
    trained = recipe(
        Sgd(), loss=CrossEntropy(0.1), mix=mix, accumulate=accumulate, precision="float32"
    )
    script = script_of(graph_of(TINY), trained, tmp_path)
    trainer = script.Trainer(script.Tiny())
    measure = Gradients(script, script.Tiny(), trained)
    ((images, labels),) = batches(1, 8, mix is not None)
    weights = measure.weights()
    trainer.load_state(trainer.state() | {f"weights/{n}": v for n, v in weights.items()})
    parts = zip(*(np.split(a, accumulate) for a in (images, labels)), strict=True)
    expected = np.mean([measure(weights, *part)[0] for part in parts])
    assert float(trainer.train_step(images, labels, 0.1)[0]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", ["sgd", "nesterov"])
def test_evaluation_counts_no_padding(name: str, tmp_path: Path) -> None:
    trained = NUMBERS[name]
    script = script_of(graph_of(TINY), trained, tmp_path)
    trainer = script.Trainer(script.Tiny())
    for images, labels in batches(3, 8):
        trainer.train_step(images, labels, 0.1)
    state = trainer.state()
    held = "weights" if trained.average is None else "average"
    weights = {k.removeprefix(f"{held}/"): v for k, v in state.items() if k.startswith(held)}
    ((images, labels),) = batches(1, 8)
    labels[5:] = -1
    loss, correct = trainer.evaluate(images, labels)
    measure = Gradients(script, script.Tiny(), trained)
    expected_loss, expected_correct = measure.evaluated(weights, images, labels)
    assert float(loss) == pytest.approx(expected_loss, rel=1e-12)
    assert int(correct) == expected_correct
    assert_equal(trainer.state(), state)


def assert_close(found: Arrays, expected: Arrays) -> None:
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        error = np.abs(found[key] - value).max() / max(1.0, float(np.abs(value).max()))
        assert error <= 1e-12, f"{key}: {error}"


def assert_equal(found: Arrays, expected: Arrays) -> None:
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key].dtype == value.dtype, key
        assert np.array_equal(found[key], value), key


# ---- another framework ---------------------------------------------------------------------------

TOGETHER = {name: NUMBERS[name] for name in ("nesterov", "clip", "adamw mixed")}


@pytest.mark.parametrize("name", TOGETHER)
def test_pytorch_trains_to_the_same_state(name: str, tmp_path: Path) -> None:
    trained = TOGETHER[name]
    trainers = [
        script_of(graph_of(TINY), trained, folder_in(tmp_path, backend), backend)
        for backend in ("tensorflow", "torch")
    ]
    keras_trainer, torch_trainer = (script.Trainer(script.Tiny()) for script in trainers)
    first = torch_trainer.state()
    keras_trainer.load_state(first)
    assert_equal(keras_trainer.state(), first)
    for step, (images, labels) in enumerate(batches(12, 8, trained.mix is not None)):
        results = [
            trainer.train_step(images, labels, script.learning_rate(step, 4))
            for script, trainer in zip(trainers, (keras_trainer, torch_trainer), strict=True)
        ]
        (loss, correct), (torch_loss, torch_correct) = results
        assert float(loss) == pytest.approx(float(torch_loss), rel=1e-12)
        assert int(correct) == int(torch_correct)
        assert_close(keras_trainer.state(), torch_trainer.state())
    last = keras_trainer.state()
    torch_trainer.load_state(last)
    assert_equal(torch_trainer.state(), last)


def folder_in(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made


# ---- states --------------------------------------------------------------------------------------

RESUMED = {
    "dropping": recipe(Sgd(weight_decay=1e-4), precision="float32", accumulate=2, average=Ema(0.9)),
    "bfloat16": recipe(AdamW(), precision="bfloat16"),
}


def trained_from(script: ModuleType, state: Arrays | None, steps: int, compile: bool) -> Arrays:
    """The state after so many steps from another one, with a trainer of its own."""
    trainer = script.Trainer(script.Tiny(), compile=compile)
    trainer.load_state(state or trainer.state())
    for images, labels in batches(6, 8)[trainer.step : trainer.step + steps]:
        trainer.train_step(images, labels, 0.1)
    state = trainer.state()
    assert all(v.dtype == np.float32 for key, v in state.items() if key != "step")
    return state


@pytest.mark.parametrize(
    ("name", "compile"), [("dropping", False), ("dropping", True), ("bfloat16", False)]
)
def test_a_resumed_run_ends_with_the_same_bits(name: str, compile: bool, tmp_path: Path) -> None:
    script = script_of(graph_of(DROPPING), RESUMED[name], tmp_path)
    first = script.Trainer(script.Tiny()).state()
    whole = trained_from(script, first, 6, compile)
    half = trained_from(script, first, 3, compile)
    assert half["step"] == 3
    assert_equal(trained_from(script, half, 3, compile), whole)


def test_another_seed_drops_other_paths(tmp_path: Path) -> None:
    script = script_of(graph_of(DROPPING), RESUMED["dropping"], tmp_path)
    first = script.Trainer(script.Tiny()).state()
    whole = trained_from(script, first, 1, compile=False)
    script.SEED += 1
    other = trained_from(script, first, 1, compile=False)
    assert not np.array_equal(other["weights/fc.weight"], whole["weights/fc.weight"])


def test_layers_draw_apart_and_anew_in_every_step(tmp_path: Path) -> None:
    """Seen in the states of the generators, from which the masks follow."""
    trained = recipe(Sgd(), precision="float32")
    script = script_of(graph_of(DROPPING), trained, tmp_path)
    trainer = script.Trainer(script.Tiny())
    assert [layer.rate for layer in trainer.dropouts] == [0.3, 0.2]
    seen = set()
    for images, labels in batches(3, 8):
        trainer.train_step(images, labels, 0.1)
        seen |= {tuple(d.seed_generator.state.numpy()) for d in trainer.dropouts}
    assert len(seen) == 6


def test_a_state_of_another_recipe_is_refused(tmp_path: Path) -> None:
    script = script_of(graph_of(TINY), NUMBERS["sgd"], tmp_path)
    trainer = script.Trainer(script.Tiny())
    state = trainer.state()
    del state["momentum/fc.weight"]
    with pytest.raises(ValueError, match="not a state of this network and recipe"):
        trainer.load_state(state)


def test_bfloat16_computes_layers_and_nothing_else(tmp_path: Path) -> None:
    losses, first = {}, None
    for precision in ("float32", "bfloat16"):
        trained = recipe(Sgd(lr=0.01), precision=precision)
        with settings():
            script = script_of(graph_of(TINY), trained, folder_in(tmp_path, precision))
            trainer = script.Trainer(script.Tiny())
            first = first or trainer.state()
            trainer.load_state(first)
            results = [trainer.train_step(i, x, 0.01)[0] for i, x in batches(6, 8)]
            losses[precision] = [float(loss) for loss in results]
            assert results[0].dtype == "float32"
            kinds = {layer.compute_dtype for _, layer in script_layers(trainer)}
            assert kinds == {precision}
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=2e-2)
    assert losses["bfloat16"] != losses["float32"]


def script_layers(trainer: Any) -> Any:
    """The layers of a trainer's model with weights."""
    module = sys.modules[type(trainer.model).__module__]
    return module.named_layers(trainer.model)


# ---- the script alone ----------------------------------------------------------------------------


def test_the_script_runs_alone(tmp_path: Path) -> None:
    graph = graph_of(DROPPING.replace("linear(5)", "linear(10)"))
    trained = recipe(Sgd(), Schedule(MultiStep((1,)), 2), precision="float32", data=Digits(256))
    backend = get_backend("tensorflow")
    assert backend.emit is not None
    (tmp_path / "tiny_tensorflow.py").write_text(backend.emit(graph))
    script = tmp_path / "train_tiny_tensorflow.py"
    script.write_text(text_of(graph, trained))
    blocked = tmp_path / "resdsl.py"
    blocked.write_text("raise ImportError('a script stands alone')\n")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, script.name, "--device", "cpu", *arguments],
            cwd=tmp_path,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "step 3 of 3" in run("--steps", "3", "--save", "three.safetensors")
    resumed = run("--resume", "three.safetensors", "--save", "end.safetensors")
    assert "step 10 of 10" in resumed
