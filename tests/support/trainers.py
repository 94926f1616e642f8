"""Networks and recipes that trainers are tested with, printed scripts as modules, and the formulas
of a recipe's optimizer in NumPy.

The formulas are read from `resdsl.recipes.recipe` alone. No framework is imported here.
"""

import importlib.util
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from types import ModuleType

import numpy as np
from compiled import graph_of

from resdsl.codegen.backend import get_backend
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import (
    AdamW,
    Cifar,
    Clip,
    Constant,
    Cosine,
    CrossEntropy,
    Digits,
    Ema,
    Flip,
    Mixup,
    MultiStep,
    Normalize,
    PadCrop,
    Recipe,
    Schedule,
    Sgd,
    Synthetic,
    Warmup,
)
from resdsl.records import replace

State = dict[str, np.ndarray]
Gradients = Mapping[str, np.ndarray]

#: All that a trainer has to tell apart, and small: `unused` has no gradient, `shift` is additive
#: without being called a bias, `drop` draws random numbers, `norm` has running statistics.
TINY = """
model tiny(classes = 3) {
    input(2, 6, 6)
    conv: conv(4, 3); norm: batch_norm; relu
    residual {
        conv1: conv(4, 3, bias = true); norm1: batch_norm; relu
    }
    shift: offset
    global_avg_pool
    drop: dropout(0.25)
    fc: linear(classes)
}
"""
#: The same without anything random, for gradients.
CALM = TINY.replace("    drop: dropout(0.25)\n", "")
#: Rows of numbers; norms alone are spared, which no rule of a line says.
ROWS = """
model rows(classes = 4) {
    input(16)
    fc1: linear(32); norm1: layer_norm; gelu
    fc2: linear(classes)
}
"""

_BATCH = 8
PLAIN = Recipe(
    "plain",
    Synthetic(samples=40, batch=_BATCH),
    Schedule(Constant(), 12, "steps"),
    Sgd(lr=0.1, momentum=0.0),
    precision="float64",
)
MOMENTUM = Sgd(lr=0.1, momentum=0.9, weight_decay=0.01)

#: Every option of an optimizer, and everything beside it, by the name of a test.
RECIPES: dict[str, Recipe] = {
    "sgd": PLAIN,
    "decay": replace(PLAIN, optimizer=Sgd(0.1, 0.0, weight_decay=0.1)),
    "momentum": replace(PLAIN, optimizer=MOMENTUM),
    "nesterov": replace(PLAIN, optimizer=replace(MOMENTUM, nesterov=True)),
    "no_bias": replace(PLAIN, optimizer=replace(MOMENTUM, no_decay=("bias",))),
    "no_norm": replace(PLAIN, optimizer=replace(MOMENTUM, no_decay=("norm",))),
    "neither": replace(PLAIN, optimizer=replace(MOMENTUM, no_decay=("bias", "norm"))),
    "clip": replace(PLAIN, optimizer=MOMENTUM, clip=Clip(0.05)),
    "accumulate": replace(PLAIN, optimizer=MOMENTUM, accumulate=4),
    "average": replace(PLAIN, optimizer=MOMENTUM, average=Ema(0.8)),
    "adamw": replace(PLAIN, optimizer=AdamW(lr=0.01, weight_decay=0.1)),
    "adamw_betas": replace(
        PLAIN, optimizer=AdamW(0.01, 0.8, 0.95, 1e-6, 0.1, no_decay=("bias", "norm"))
    ),
    "adamw_bare": replace(PLAIN, optimizer=AdamW(lr=0.01, weight_decay=0.0)),
    "all": replace(
        PLAIN,
        optimizer=replace(MOMENTUM, nesterov=True, no_decay=("bias", "norm")),
        loss=CrossEntropy(0.1),
        mix=Mixup(),
        clip=Clip(0.05),
        average=Ema(0.8),
        accumulate=2,
        seed=3,
    ),
}

#: The recipe of He et al. 2015 for CIFAR-10, with the warm-up of its ResNet-110.
CIFAR = Recipe(
    "cifar10",
    Cifar(10, "cifar-10-batches-bin"),
    Schedule(MultiStep((32_000, 48_000)), 64_000, "steps", Warmup(400, 0.01, "constant")),
    Sgd(0.1, 0.9, weight_decay=1e-4),
    augment=(PadCrop(4), Flip()),
    normalize=Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)),
)
#: Whatever a script can have.
EVERYTHING = Recipe(
    "everything",
    Digits(batch=96),
    Schedule(Cosine(1e-5), 20, "epochs", Warmup(2.5, 1e-4)),
    AdamW(weight_decay=0.05, no_decay=("bias", "norm")),
    CrossEntropy(0.1),
    augment=(PadCrop(2),),
    normalize=Normalize((0.5,), (0.5,)),
    mix=Mixup(),
    clip=Clip(1.0),
    average=Ema(0.99),
    accumulate=2,
    precision="bfloat16",
    seed=7,
)

_numbers = count()


def tiny(text: str = TINY) -> Graph:
    """One of the small networks."""
    return graph_of(text)


def script_of(graph: Graph, recipe: Recipe, backend: str) -> str:
    """The training script that a backend prints."""
    emit = get_backend(backend).emit_trainer
    assert emit is not None
    return emit(graph, recipe)


def write_files(graph: Graph, recipe: Recipe, backend: str, folder: Path) -> Path:
    """The model's file and the script beside it; returns the script."""
    chosen = get_backend(backend)
    assert chosen.emit is not None
    (folder / chosen.file_name(graph.name)).write_text(chosen.emit(graph))
    script = folder / chosen.trainer_name(graph.name)
    script.write_text(script_of(graph, recipe, backend))
    return script


def import_files(graph: Graph, recipe: Recipe, backend: str, folder: Path) -> ModuleType:
    """The script as a module that has found the model's file beside it."""
    script = write_files(graph, recipe, backend, folder)
    model = get_backend(backend).file_name(graph.name).removesuffix(".py")
    sys.path.insert(0, str(folder))
    try:
        sys.modules.pop(model, None)
        spec = importlib.util.spec_from_file_location(f"script_{next(_numbers)}", script)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(model, None)
    return module


def batch(graph: Graph, recipe: Recipe, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of a step: probabilities where the recipe mixes."""
    rng = np.random.default_rng([9, step])
    channels, *positions = graph.input_types[0].numbers
    size = recipe.data.batch
    images = rng.standard_normal((size, *positions, channels)).astype(np.float32)
    classes = graph.output_types[0].channels
    if recipe.mix is None:
        return images, rng.integers(classes, size=size)
    return images, rng.dirichlet([1.0] * classes, size).astype(np.float32)


def first_state(graph: Graph, recipe: Recipe) -> State:
    """The state of a trainer before its first step, with weights of some size everywhere."""
    rng = np.random.default_rng(4)
    state: State = {"step": np.array(0, np.int64)}
    for named in graph.weights:
        weight = rng.standard_normal(named.weight.shape) * 0.5
        if not named.weight.trainable:
            weight = abs(weight) + 0.5
        state[f"weights/{named.name}"] = weight
        if recipe.average is not None:
            state[f"average/{named.name}"] = weight
        if named.weight.trainable:
            for moment in moments(recipe):
                state[f"{moment}/{named.name}"] = np.zeros_like(weight)
    return state


def moments(recipe: Recipe) -> tuple[str, ...]:
    """What the optimizer keeps for each parameter."""
    if isinstance(recipe.optimizer, AdamW):
        return "first_moment", "second_moment"
    return ("momentum",) if recipe.optimizer.momentum else ()


def spared(graph: Graph, recipe: Recipe) -> set[str]:
    """Parameters of the small networks that do not decay."""
    kinds = {
        "bias": {"conv.bias", "conv1.bias", "fc.bias", "norm.bias", "norm1.bias", "shift"},
        "norm": {"norm.weight", "norm.bias", "norm1.weight", "norm1.bias"},
    }
    names = {name for kind in recipe.optimizer.no_decay for name in kinds[kind]}
    return names & {named.name for named in graph.weights}


def updated(graph: Graph, recipe: Recipe, state: State, gradients: Gradients, rate: float) -> State:
    """The state after one step, by the formulas of `resdsl.recipes.recipe`.

    Running statistics are left as they were, and so are their averages.
    """
    after = dict(state)
    t = int(state["step"]) + 1
    after["step"] = np.array(t, np.int64)
    names = [named.name for named in graph.weights if named.weight.trainable]
    scale = 1.0
    if recipe.clip is not None:
        total = np.sqrt(sum((g**2).sum() for g in gradients.values()))
        scale = min(1.0, recipe.clip.norm / (total + 1e-6))
    for name in names:
        p, g = state[f"weights/{name}"], gradients[name] * scale
        decay = 0.0 if name in spared(graph, recipe) else recipe.optimizer.weight_decay
        if isinstance(recipe.optimizer, AdamW):
            after |= _adamw(recipe.optimizer, name, state, p, g, rate, decay, t)
        else:
            after |= _sgd(recipe.optimizer, name, state, p, g, rate, decay)
        if recipe.average is not None:
            a, w = state[f"average/{name}"], after[f"weights/{name}"]
            after[f"average/{name}"] = recipe.average.decay * a + (1 - recipe.average.decay) * w
    return after


def _sgd(
    sgd: Sgd, name: str, state: State, p: np.ndarray, g: np.ndarray, rate: float, decay: float
) -> State:
    d = g + decay * p
    b = sgd.momentum * state.get(f"momentum/{name}", np.zeros_like(p)) + d
    step = d + sgd.momentum * b if sgd.nesterov else b
    found = {f"weights/{name}": p - rate * step}
    return found | ({f"momentum/{name}": b} if sgd.momentum else {})


def _adamw(
    adamw: AdamW,
    name: str,
    state: State,
    p: np.ndarray,
    g: np.ndarray,
    rate: float,
    decay: float,
    t: int,
) -> State:
    b1, b2 = adamw.beta1, adamw.beta2
    m = b1 * state[f"first_moment/{name}"] + (1 - b1) * g
    v = b2 * state[f"second_moment/{name}"] + (1 - b2) * g * g
    p = p - rate * decay * p
    p = p - rate * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + adamw.eps)
    return {f"weights/{name}": p, f"first_moment/{name}": m, f"second_moment/{name}": v}
