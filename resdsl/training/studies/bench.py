"""Where a run is carried out: the printed trainer, the pipeline's batches, and looks inside."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from resdsl import library
from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.lower.dialect import pascal
from resdsl.codegen.observation import Observation
from resdsl.codegen.runtime import Array, Policy, import_file, model_class, versions_of
from resdsl.files import write_text
from resdsl.ir.graph import Graph
from resdsl.passes.load import load_graph, load_program
from resdsl.passes.recipes import load_recipe
from resdsl.recipes.recipe import Cifar, Recipe
from resdsl.records import dataclass, replace
from resdsl.training.data.dataset import Dataset
from resdsl.training.data.pipeline import Pipeline
from resdsl.training.data.sources import open_dataset
from resdsl.training.studies.study import Run
from resdsl.weights.initialize import draw_all

FOLDER = Path(library.__path__[0]) / "studies"
#: The file whose recipes are in reach beside those of the library.
RECIPES = FOLDER / "residual.res"
BACKEND = "torch"

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Place:
    """Where runs are carried out; `data` is the folder of CIFAR-10, where a recipe wants it."""

    device: str = "cpu"
    threads: int = 1
    data: str | None = None


def graph_of(run: Run) -> Graph:
    """The network of a run."""
    return load_graph(str(FOLDER / run.network), run.settings, run.input)


def recipe_of(run: Run, place: Place) -> Recipe:
    """The recipe of a run, with its seed."""
    recipe = replace(load_recipe(load_program(str(RECIPES)), run.recipe), seed=run.seed)
    if isinstance(recipe.data, Cifar) and place.data is not None:
        recipe = replace(recipe, data=replace(recipe.data, path=place.data))
    return recipe


@dataclass(frozen=True, slots=True)
class Step:
    """One step of training: how many are done with it, its loss and its share of wrong answers."""

    done: int
    loss: float
    wrong: float


class Training:
    """A network with its trainer and its data, before its first step."""

    def __init__(self, graph: Graph, recipe: Recipe, bench: Bench, say: Callable[[int, int], None]):
        self.graph = graph
        self.pipeline = Pipeline(opened(graph, recipe), recipe, graph.input_types[0].numbers)
        self._bench = bench
        self._say = say
        script, self._trainer = bench.trainer(graph, recipe)
        self._rate_of = script.learning_rate
        self.epoch = self.pipeline.steps_per_epoch
        self.total: int = script.total_steps(self.epoch)

    @property
    def classes(self) -> int:
        """How many there are."""
        return self.graph.output_types[0].numbers[0]

    @property
    def model(self) -> Any:
        """The live model that is trained."""
        return self._trainer.model

    def steps(self, start: int = 0, end: int | None = None) -> Iterator[Step]:
        """Train from one step to before another, by default to the recipe's end; each step once it
        is done. What diverges goes on as far as the caller wants."""
        end = self.total if end is None else end
        with self.pipeline.batches(start, end) as batches:
            for step, (images, labels) in enumerate(batches, start):
                rate = self._rate_of(step, self.epoch)
                loss, correct = self._trainer.train_step(images, labels, rate)
                self._say(step + 1, self.total)
                yield Step(step + 1, float(loss), 1 - float(correct) / len(images))

    def train(self, batches: Sequence[tuple[Array, Array]]) -> None:
        """Train on ready batches at the recipe's first rate, to the end of all work."""
        loss = 0.0
        for images, labels in batches:
            loss, _ = self._trainer.train_step(images, labels, self._rate_of(0, self.epoch))
        float(loss)  # On a GPU it is known when the last step is done.

    def test(self) -> tuple[float, float]:
        """Mean loss and share of wrong answers on the test samples."""
        loss = correct = samples = 0.0
        with self.pipeline.test_batches() as batches:
            for images, labels in batches:
                one, right = self._trainer.evaluate(images, labels)
                loss, correct = loss + float(one), correct + float(right)
                samples += int((labels >= 0).sum())
        return loss / samples, 1 - correct / samples

    def observe(self, points: Sequence[str], summary: Callable[[Array], S]) -> Observation[S]:
        """A look at the network as it is, on the recipe's first batch."""
        return self._bench.observe(self.model, *self.pipeline.batch(0), points, summary)


class Bench:
    """One framework in this process, and the runs that are carried out with it."""

    def __init__(self, place: Place, say: Callable[[int, int], None] = lambda done, total: None):
        self.place = place
        self._say = say
        self.backend: Backend = get_backend(BACKEND)
        policy = Policy(
            "float32",
            place.device,
            place.threads,
            deterministic=place.device == "cpu",
            exact_rounding=False,
            flush_denormals=False,
        )
        self.in_force: dict[str, Any] = self.backend.load_runtime()().apply(policy)
        self._observe = self.backend.load_observer()

    @property
    def versions(self) -> dict[str, str]:
        """Of all that takes part."""
        return versions_of(self.backend.requires, self.in_force)

    def training(self, run: Run) -> Training:
        """The network of a run, ready to be trained by its recipe."""
        return Training(graph_of(run), recipe_of(run, self.place), self, self._say)

    def observe(
        self,
        model: Any,
        images: Array,
        labels: Array,
        points: Sequence[str],
        summary: Callable[[Array], S],
    ) -> Observation[S]:
        """A look into a live model; see `resdsl.codegen.observation`."""
        return self._observe(model, images, labels, points, summary)

    def trainer(self, graph: Graph, recipe: Recipe) -> tuple[ModuleType, Any]:
        """The printed training script as a module, and its trainer round the network with the
        canonical weights of the recipe's seed."""
        emit, emit_trainer = self.backend.emit, self.backend.emit_trainer
        assert emit is not None and emit_trainer is not None
        with tempfile.TemporaryDirectory(prefix="resdsl-") as name:
            folder = Path(name)
            source = folder / self.backend.file_name(graph.name)
            path = folder / self.backend.trainer_name(graph.name)
            write_text(source, emit(graph))
            write_text(path, emit_trainer(graph, recipe))
            module, script = _imported(source, path)
        model = self.backend.load_builder()(module, model_class(module, pascal(graph.name)), None)
        trainer = script.Trainer(model, device=self.place.device)
        state = dict(trainer.state())
        state |= {f"weights/{name}": a for name, a in draw_all(graph.weights, recipe.seed)}
        trainer.load_state(state)
        return script, trainer


def _imported(source: Path, script: Path) -> tuple[ModuleType, ModuleType]:
    """The model's module and the training script that imports it. Neither stays where Python looks
    for modules, since the next run's bear the same names."""
    module = import_file(source, source.stem)
    try:
        return module, import_file(script, script.stem)
    finally:
        for name in (script.stem, source.stem):
            sys.modules.pop(name, None)


def described(run: Run, place: Place) -> str:
    """What the data of a run is, in words. Raises `CompileError` where it is not there."""
    return opened(graph_of(run), recipe_of(run, place)).description


def opened(graph: Graph, recipe: Recipe) -> Dataset:
    """The data set of a recipe, for a network."""
    shape, classes = graph.input_types[0].numbers, graph.output_types[0].numbers[0]
    return open_dataset(recipe.data, shape, classes, recipe.seed)
