"""A new run: what it needs is checked, then written into its folder before anything is trained."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from resdsl import __version__
from resdsl.codegen.backend import Backend, backend_names, get_backend
from resdsl.codegen.lower.dialect import pascal
from resdsl.codegen.trainer import check_trainable
from resdsl.diagnostics import error
from resdsl.files import write_text
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import AdamW, Recipe
from resdsl.recipes.text import recipe_to_json
from resdsl.records import dataclass
from resdsl.training import fingerprints
from resdsl.training.checkpoints import Checkpoint, read_checkpoint
from resdsl.training.folder import FORMAT, RunFolder, expect_free, free_name, new_folder
from resdsl.training.logs import LOG, cut
from resdsl.training.plan import Subject, subject_to_json
from resdsl.training.settings import Settings, Start, check_backends
from resdsl.weights.canonical import write_canonical

#: What training needs beside a framework, and what for.
PACKAGES = ("grain", "tensorboardX", "matplotlib")


@dataclass(frozen=True, slots=True)
class Request:
    """A new run. `origin` says where the network comes from, for a reader of `run.json`."""

    graph: Graph
    recipe: Recipe
    backends: tuple[str, ...]
    settings: Settings
    start: Start = Start()
    output: Path | None = None
    origin: Mapping[str, Any] | None = None


def begin(request: Request) -> RunFolder:
    """Write the folder of a new run. Raises `CompileError` for whatever keeps it from starting."""
    subject = subject_of(request.graph, request.recipe)
    backends = trainable(request.backends, request.settings.devices)
    expect_shares(request.recipe, request.settings.devices)
    if request.settings.devices > 1:
        expect_compilable(backends, request.settings)
    checkpoint = request.start.checkpoint
    found = None if checkpoint is None else read_checkpoint(checkpoint, subject)
    final = request.output or free_name(request.graph.name)
    expect_free(final)
    with new_folder(final) as folder:
        expect_space(folder.path, request, len(backends))
        _write(folder, request, backends, subject)
        if found is not None:
            _take_over(folder, found, backends)
    return RunFolder(final)


def subject_of(graph: Graph, recipe: Recipe) -> Subject:
    """What is trained. Raises `CompileError` for a network that classifies nothing."""
    check_trainable(graph, recipe)
    if not graph.is_sized:
        raise error(
            "R0850",
            f"`{graph.name}` leaves sizes of its input to the run time",
            help="give the size to train at, as in `--input 3x32x32`",
        )
    return Subject(
        model=graph.name,
        class_name=pascal(graph.name),
        input_shape=graph.input_types[0].numbers,
        classes=graph.output_types[0].numbers[0],
        network=fingerprints.of_network(graph),
        recipe=fingerprints.of_recipe(recipe),
    )


def expect_shares(recipe: Recipe, devices: int) -> None:
    """Raise `CompileError` (`R0861`) unless every device has as much of every micro-batch."""
    batch, parts = recipe.data.batch, recipe.accumulate * devices
    if devices > 1 and batch % parts:
        micro = f" for each of {recipe.accumulate} micro-batches" if recipe.accumulate > 1 else ""
        raise error(
            "R0861",
            f"{devices} devices cannot share a batch of {batch} equally{micro}",
            help=f"`--set data.batch={max(1, round(batch / parts)) * parts}`, or other `--devices`",
        )


def expect_compilable(backends: Iterable[Backend], settings: Settings) -> None:
    """Raise `CompileError` (`R0861`) where steps of several devices are to be compiled by a
    framework that does not."""
    for backend in backends:
        if settings.compile and not backend.compiles_exchange:
            raise error(
                "R0861",
                f"{backend.title} does not compile the steps of several devices",
                help="`--no-compile`",
            )


def trainable(names: tuple[str, ...], devices: int = 1) -> list[Backend]:
    """The backends, with everything installed. Raises `CompileError` otherwise."""
    check_backends(names)
    backends = [get_backend(name) for name in names]
    distributed = devices > 1
    for backend in backends:
        if backend.emit is None or backend.trainer(distributed) is None:
            able = [n for n in backend_names() if get_backend(n).trainer(distributed) is not None]
            raise error(
                "R0850",
                f"the backend `{backend.name}` does not train"
                f"{' on more than one device' if distributed else ''}",
                help=f"those that do are {', '.join(able)}",
            )
        expect_installed(backend.requires, f"`{backend.name}`", backend.extra)
    expect_installed(PACKAGES, "training", "train")
    return backends


def expect_installed(packages: Iterable[str], what: str, extra: str) -> None:
    """Raise `CompileError` (`R0851`) unless all packages are there."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise error(
            "R0851",
            f"{what} needs {', '.join(missing)}, which is not installed",
            help=f"`pip install 'resdsl[{extra}]'`",
        )


def expect_space(folder: Path, request: Request, backends: int) -> None:
    """Raise `CompileError` (`R0860`) where the checkpoints cannot all be kept."""
    recipe = request.recipe
    entries = sum(_entries(w.weight.shape) for w in request.graph.weights)
    arrays = 1 + (2 if isinstance(recipe.optimizer, AdamW) else 1) + (recipe.average is not None)
    one = entries * arrays * (8 if recipe.precision == "float64" else 4)
    # The last ones, the best, and the next while the oldest is still there.
    needed = one * (request.settings.keep_last + 2) * backends
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise error(
            "R0860",
            f"checkpoints of this run take {_size(needed)}, and {_size(free)} are free",
            notes=[f"one takes {_size(one)}"],
            help="`-o` on another disk, or fewer of them: `--keep-last 1`",
        )


def _entries(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _write(
    folder: RunFolder, request: Request, backends: Iterable[Backend], subject: Subject
) -> None:
    graph, recipe = request.graph, request.recipe
    for backend in backends:
        emit_trainer = backend.trainer(distributed=request.settings.devices > 1)
        assert backend.emit is not None and emit_trainer is not None
        write_text(folder.source / backend.file_name(graph.name), backend.emit(graph))
        trainer = emit_trainer(graph, recipe)
        write_text(folder.source / backend.trainer_name(graph.name), trainer)
        folder.of(backend.name).joinpath("checkpoints").mkdir(parents=True)
    write_canonical(graph, folder.weights, request.start.weights, recipe.seed)
    said = {
        "format": FORMAT,
        "resdsl": __version__,
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": sys.argv,
        "subject": subject_to_json(subject),
        "backends": list(request.backends),
        "recipe": recipe_to_json(recipe),
        "settings": request.settings.to_json(),
        "weights": _absolute(request.start.weights),
        "start": _absolute(request.start.checkpoint),
        "network": dict(request.origin or {}),
    }
    write_text(folder.run, json.dumps(said, indent=1) + "\n")


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def _take_over(folder: RunFolder, found: Checkpoint, backends: Iterable[Backend]) -> None:
    """The checkpoint that the run begins with, and the log that led up to it."""
    shutil.copyfile(found.path, folder.start)
    # RUN/torch/checkpoints/step-00000100.safetensors
    log = found.path.resolve().parent.parent / LOG
    if log.is_file():
        for backend in backends:
            shutil.copyfile(log, folder.of(backend.name) / LOG)
            cut(folder.of(backend.name), found.facts.step, found.facts.evaluated)
