"""`resdsl compile`: a network as source files and as ONNX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from resdsl.cli.network import network, network_and_recipe, network_options
from resdsl.cli.output import say
from resdsl.records import dataclass

if TYPE_CHECKING:
    from resdsl.codegen.backend import Backend
    from resdsl.ir.graph import Graph
    from resdsl.recipes.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be written."""

    folder: Path
    weights: Path | None
    seed: int | None
    training: bool
    batch: int | None
    external_data: bool
    recipe: Recipe | None = None
    distributed: bool = False


@click.command()
@network_options
@click.option(
    "--backend",
    "backends",
    metavar="NAMES",
    required=True,
    help="torch, jax, tensorflow, onnx, several of them with commas between, or all.",
)
@click.option(
    "-o", "--output", metavar="DIR", default=".", help="Folder to write to, by default this one."
)
@click.option(
    "--weights",
    metavar="FILE",
    help="Weights, canonical safetensors: inside the ONNX file, beside the source files.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), help="The same with weights drawn from this seed."
)
@click.option("--training", is_flag=True, help="ONNX: the form that returns new statistics.")
@click.option("--batch", type=click.IntRange(min=1), help="ONNX: a fixed size of batch.")
@click.option("--external-data", is_flag=True, help="ONNX: the weights in a file of their own.")
@click.option(
    "--with-trainer", is_flag=True, help="Beside a source file, the script that trains it."
)
@click.option(
    "--recipe",
    "recipe_name",
    metavar="NAME",
    help="The recipe of that script: one of the file, one of the library, or FILE.res:NAME. By "
    "default the only one of the file, or `digits`.",
)
@click.option(
    "--distributed", is_flag=True, help="That script for several devices, which share every batch."
)
def compile(
    target: str,
    settings: tuple[str, ...],
    input_shape: str | None,
    backends: str,
    output: str,
    weights: str | None,
    seed: int | None,
    training: bool,
    batch: int | None,
    external_data: bool,
    with_trainer: bool,
    recipe_name: str | None,
    distributed: bool,
) -> None:
    """Write a network as PyTorch, JAX (Flax NNX), TensorFlow (Keras 3) or ONNX.

    Source files need no weights: they initialise themselves as the .res file declares. ONNX holds
    its weights, drawn from seed 0 unless --weights or --seed say otherwise.

    --with-trainer writes train_MODEL_BACKEND.py as well, a script that trains the network by a
    recipe, without resdsl. --set changes that recipe too: --set optimizer.lr=0.05.
    """
    if weights is not None and seed is not None:
        raise click.UsageError("--weights and --seed exclude each other.")
    if training and batch is None:
        raise click.UsageError("--training needs the size of the batch: --batch 32.")
    if recipe_name is not None and not with_trainer:
        raise click.UsageError("--recipe is for the script that --with-trainer asks for.")
    if distributed and not with_trainer:
        raise click.UsageError("--distributed is for the script that --with-trainer asks for.")
    recipe = None
    if with_trainer:
        graph, recipe = network_and_recipe(target, settings, input_shape, recipe_name)
    else:
        graph = network(target, settings, input_shape)
    request = Request(
        folder=Path(output),
        weights=Path(weights) if weights else None,
        seed=seed,
        training=training,
        batch=batch,
        external_data=external_data,
        recipe=recipe,
        distributed=distributed,
    )
    chosen = _chosen(backends)
    if with_trainer:
        _insist_on_trainers(chosen, distributed)
    if request.weights is not None:
        from resdsl.weights import load_weights

        # A file that does not fit is found before anything is written.
        load_weights(request.weights, graph.weights)
    _write(graph, chosen, request)


def _chosen(names: str) -> list[Backend]:
    from resdsl.codegen.backend import backend_names, get_backend

    wanted = [name.strip() for name in names.split(",")]
    if wanted == ["all"]:
        wanted = backend_names()
    backends = [get_backend(name) for name in dict.fromkeys(wanted)]
    for backend in backends:
        if backend.export is not None:
            _insist_installed(backend)
    return backends


def _insist_installed(backend: Backend) -> None:
    """Source is only text; a binary file is written by the packages of its format."""
    from importlib.util import find_spec

    from resdsl.diagnostics import error

    missing = [name for name in backend.requires if find_spec(name) is None]
    if missing:
        raise error(
            "R0505",
            f"writing {backend.title} needs {', '.join(missing)}, which is not installed",
            help=f"`pip install 'resdsl[{backend.extra}]'`",
        )


def _insist_on_trainers(backends: Iterable[Backend], distributed: bool) -> None:
    from resdsl.codegen.backend import backend_names, get_backend
    from resdsl.diagnostics import error

    what = "training scripts for several devices" if distributed else "training scripts"
    for backend in backends:
        if backend.trainer(distributed) is None:
            able = [n for n in backend_names() if get_backend(n).trainer(distributed) is not None]
            raise error(
                "R0506",
                f"the backend `{backend.name}` writes no {what}",
                help=f"`--backend {','.join(able)}`",
            )


def _write(graph: Graph, backends: Iterable[Backend], request: Request) -> None:
    """All that can go wrong with a network does so before the first source file is written."""
    from resdsl.files import write_text

    backends = list(backends)
    texts = list(_texts(graph, backends, request))
    for backend in backends:
        if backend.export is not None:
            _export(graph, backend, request)
    for name, title, text in texts:
        path = request.folder / name
        write_text(path, text)
        say(f"{path}: {title}, {text.count(chr(10))} lines")
    if texts and (request.weights is not None or request.seed is not None):
        _write_weights(graph, request)


def _texts(
    graph: Graph, backends: Iterable[Backend], request: Request
) -> Iterator[tuple[str, str, str]]:
    """Source files: the name, what it is, the text."""
    for backend in backends:
        if backend.emit is not None:
            yield backend.file_name(graph.name), backend.title, backend.emit(graph)
        emit, recipe = backend.trainer(request.distributed), request.recipe
        if emit is not None and recipe is not None:
            title = f"{backend.title}, `{recipe.name}`"
            yield backend.trainer_name(graph.name), title, emit(graph, recipe)


def _export(graph: Graph, backend: Backend, request: Request) -> None:
    from resdsl.weights.canonical import arrays_of

    assert backend.export is not None
    path = request.folder / backend.file_name(graph.name)
    backend.export(
        graph,
        path,
        arrays_of(graph, request.weights, request.seed),
        training=request.training,
        batch=request.batch,
        external_data=True if request.external_data else None,
    )
    say(f"{path}: {backend.title}, weights {_origin(request)}")


def _write_weights(graph: Graph, request: Request) -> None:
    from resdsl.weights.canonical import write_canonical

    path = request.folder / f"{graph.name}.safetensors"
    write_canonical(graph, path, request.weights, request.seed)
    say(f"{path}: weights {_origin(request)}")


def _origin(request: Request) -> str:
    if request.weights is not None:
        return f"from {request.weights}"
    return f"drawn from seed {request.seed or 0}"
