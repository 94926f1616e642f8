"""The Python API: `resdsl.load("net.res:resnet50", classes=10)` and the model that it gives.

Top floor, beside the command line. Numbers of the network are here at once; a framework is
imported when a live module is built, and NumPy when weights are drawn.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from resdsl import ir
from resdsl.analysis.summary import Summary, summarize
from resdsl.diagnostics import error
from resdsl.expressions.nodes import Expr
from resdsl.expressions.simplify import literal
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate.boundary import InputShape, Shape
from resdsl.passes.load import (
    definition_of,
    elaborate_with,
    load_program,
    parse_shape,
    pick_model,
    setting,
    split_target,
)
from resdsl.records import dataclass

if TYPE_CHECKING:
    import os

    import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"
Arrays: TypeAlias = "Mapping[str, np.ndarray[Any, Any]]"

#: A parameter's value: a number, a bool, a list of such, a text, or a block written out, such as
#: `"basic(skip = zero_pad)"`.
Value: TypeAlias = "int | float | bool | str | Iterable[Value]"


def load(
    target: str | os.PathLike[str],
    *,
    input: Iterable[int | str] | Mapping[str, Iterable[int | str]] | None = None,
    import_root: str | os.PathLike[str] | None = None,
    **parameters: Value,
) -> Model:
    """The network of a `.res` file, `"net.res"` or `"net.res:model"`.

    `input` is another size of input, channels first: `(3, 64, 64)`, or `(3, "any", "any(32)")` for
    sizes known at run time; of several inputs, sizes by name: `{"left": (3, 64, 64)}`. Imports lead
    to files inside `import_root`, by default the project that the file is in. Other keywords give
    the model's parameters another value. Raises
    `resdsl.diagnostics.CompileError` for whatever is wrong.
    """
    wanted = split_target(str(target))
    program = load_program(wanted.path, None if import_root is None else str(import_root))
    name = pick_model(program, wanted)
    overrides = {key: _expression(program, name, key, v) for key, v in parameters.items()}
    shape: InputShape | None = None
    if isinstance(input, Mapping):
        shape = {key: _shape(sizes) for key, sizes in input.items()}
    elif input is not None:
        shape = _shape(input)
    return Model(elaborate_with(program, name, overrides, shape))


def _shape(sizes: Iterable[int | str]) -> Shape:
    given = tuple(sizes)
    if not given or not all(type(size) in (int, str) for size in given):
        raise error(
            "R0708",
            f"{given} is not a shape",
            help="channels first, without the batch: (3, 64, 64)",
        )
    return parse_shape("x".join(map(str, given)))


def _expression(program: ir.Program, model: str, name: str, value: Value) -> Expr:
    if isinstance(value, str):
        parameter = definition_of(program, model).parameter(name)
        if parameter is None or parameter.type != "text":
            return setting(program, name, value)
    return literal(_concrete(name, value))


def _concrete(name: str, value: Any) -> Any:
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Iterable):
        return tuple(_concrete(name, entry) for entry in value)
    raise error(
        "R0707",
        f"`{name}` cannot be {type(value).__name__}",
        help='a number, a bool, a text, a list, or a block as text: "basic(skip = zero_pad)"',
    )


@dataclass(frozen=True, slots=True)
class Model:
    """One network: its facts, and everything that can be made of it."""

    graph: Graph

    @property
    def name(self) -> str:
        """The model's name in its file."""
        return self.graph.name

    @property
    def parameters(self) -> int:
        """Number of trainable entries."""
        return self.graph.parameters

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates of one sample's forward pass; `None` where they depend on sizes
        known at run time."""
        macs = self.graph.macs
        return macs if isinstance(macs, int) else None

    def summary(self, depth: int = 1, layers: bool = False) -> Summary:
        """The network as a table; `print` shows it. `depth` opens stages and blocks, `layers` shows
        every layer."""
        return summarize(self.graph, depth, layers)

    def source(self, backend: str) -> str:
        """The text of the source file for `torch`, `jax` or `tensorflow`."""
        from resdsl.codegen.backend import get_backend

        emit = get_backend(backend).emit
        if emit is None:
            raise error("R0506", f"`{backend}` is no source code", help="see `save_onnx`")
        return emit(self.graph)

    def build(
        self,
        backend: str,
        *,
        weights: str | os.PathLike[str] | None = None,
        seed: int | None = None,
    ) -> Any:
        """A live module of the framework, made from the generated source.

        It initialises itself, unless `weights` names a canonical safetensors file or `seed` says
        which weights to draw.
        """
        from resdsl.codegen.live import build

        if weights is None and seed is None:
            return build(self.graph, backend)
        if weights is not None:
            _exclude(weights, seed)
            return build(self.graph, backend, Path(weights))
        with tempfile.TemporaryDirectory(prefix="resdsl-") as folder:
            path = Path(folder) / "weights.safetensors"
            self.save_weights(path, seed=seed)
            return build(self.graph, backend, path)

    def init(self, seed: int = 0) -> dict[str, Array]:
        """Initial weights by canonical name, in PyTorch's layout."""
        from resdsl.weights import draw_all

        return dict(draw_all(self.graph.weights, seed))

    def save_weights(
        self,
        path: str | os.PathLike[str],
        *,
        seed: int | None = None,
    ) -> None:
        """Write the initial weights as a canonical safetensors file."""
        from resdsl.weights.canonical import write_canonical

        write_canonical(self.graph, Path(path), seed=seed)

    def save_onnx(
        self,
        path: str | os.PathLike[str],
        *,
        weights: str | os.PathLike[str] | Arrays | None = None,
        seed: int | None = None,
        training: bool = False,
        batch: int | None = None,
        external_data: bool | None = None,
    ) -> None:
        """Write the network as ONNX, with weights from a file or by name, or drawn from a seed.

        `training` writes the form that returns new statistics, for a `batch` of that size.
        """
        from resdsl.codegen.backend import get_backend
        from resdsl.weights.canonical import arrays_of

        _exclude(weights, seed)
        arrays: Any = weights
        if not isinstance(weights, Mapping):
            arrays = arrays_of(self.graph, None if weights is None else Path(weights), seed)
        export = get_backend("onnx").export
        assert export is not None
        export(
            self.graph,
            Path(path),
            arrays,
            training=training,
            batch=batch,
            external_data=external_data,
        )


def _exclude(weights: object, seed: int | None) -> None:
    if weights is not None and seed is not None:
        raise error("R0709", "`weights` and `seed` exclude each other")
