"""The batches of a script that stands alone.

Transforms are functions of the data pipeline, copied from its text: they need nothing but NumPy,
and nothing is imported for that.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from resdsl.codegen.trainer.facts import classes
from resdsl.codegen.trainer.text import indented, laid_out, number, numbers, split
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import CenterCrop, CutMix, Mix, Normalize, Recipe, Resize, Transform
from resdsl.records import fields

_TO_FLOAT = '''
def to_float(images: np.ndarray) -> np.ndarray:
    """float32; bytes on a scale of 0 to 1."""
    return images.astype(np.float32) / (255 if images.dtype == np.uint8 else 1)
'''

_TRAINING = '''
def training_batches(data: dict[str, np.ndarray], start: int, end: int) -> Iterator[Batch]:
    """The batches of the steps from `start` to before `end`: each follows from the seed and the
    number of its step alone."""
    steps_per_epoch = len(data["train_images"]) // BATCH
    for step in range(start, end):
        epoch, place = divmod(step, steps_per_epoch)
        if place == 0 or step == start:
            shuffling = np.random.default_rng([SEED, 0, epoch])
            order = shuffling.permutation(len(data["train_images"]))
        chosen = order[place * BATCH : (place + 1) * BATCH]
        images = data["train_images"][chosen]
        labels = data["train_labels"][chosen].astype(np.int64)
'''

_TEST = '''
def test_batches(data: dict[str, np.ndarray]) -> Iterator[Batch]:
    """The test set in order."""
    for start in range(0, len(data["test_images"]), BATCH):
        images = data["test_images"][start : start + BATCH]
        labels = data["test_labels"][start : start + BATCH].astype(np.int64)
'''


def batch_functions(graph: Graph, recipe: Recipe) -> list[list[str]]:
    """`training_batches` and `test_batches` with what they call, each a list of lines."""
    steps = [*recipe.augment, *recipe.evaluate, recipe.normalize, recipe.mix]
    names = dict.fromkeys(_function(step) for step in steps if step is not None)
    sections = [_texts()[name] for name in names]
    if recipe.normalize is None:
        sections.append(split(_TO_FLOAT))
    return [*sections, _training_batches(graph, recipe), _test_batches(recipe)]


def _training_batches(graph: Graph, recipe: Recipe) -> list[str]:
    body = []
    if recipe.mix is not None or any(map(_is_random, recipe.augment)):
        body.append("rng = np.random.default_rng([SEED, 1, step])")
    for step in recipe.augment:
        body += _applied(step)
    body += _finished(recipe)
    if recipe.mix is not None:
        call = f"{_function(recipe.mix)}(images, targets, rng, {_arguments(recipe.mix)})"
        body += [
            f"targets = np.eye({classes(graph)}, dtype=np.float32)[labels]",
            f"yield {call}",
        ]
    else:
        body.append("yield images, labels")
    return [*split(_TRAINING), *indented(body, 2)]


def _test_batches(recipe: Recipe) -> list[str]:
    body = [line for step in recipe.evaluate for line in _applied(step)]
    return [*split(_TEST), *indented([*body, *_finished(recipe), "yield images, labels"], 2)]


def _applied(step: Transform) -> list[str]:
    draws = "rng, " if _is_random(step) else ""
    return laid_out(f"images = {_function(step)}(images, {draws}{_arguments(step)})", 2)


def _finished(recipe: Recipe) -> list[str]:
    """float32, as the network takes it."""
    if recipe.normalize is None:
        return ["images = to_float(images)"]
    mean, std = numbers(recipe.normalize.mean), numbers(recipe.normalize.std)
    return laid_out(f"images = normalize(images, mean={mean}, std={std})", 2)


def _is_random(step: Transform) -> bool:
    return not isinstance(step, Resize | CenterCrop)


def _function(step: Transform | Normalize | Mix) -> str:
    """`PadCrop` is done by `pad_crop`."""
    if isinstance(step, CutMix):
        return "cutmix"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(step).__name__).lower()


def _arguments(step: Transform | Mix) -> str:
    """All of them by name: what they are is worth reading."""
    return ", ".join(f"{f.name}={number(getattr(step, f.name))}" for f in fields(step))


@cache
def _texts() -> dict[str, list[str]]:
    """The text of every transform by its name."""
    path = Path(__file__).parents[2] / "training" / "data" / "transforms.py"
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    return {
        node.name: lines[node.lineno - 1 : node.end_lineno]
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }
