"""A generated Flax NNX network beside the generated PyTorch one: the same weights, inputs and
masks, in float64, so that what is left between them is rounding."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from compiled import source_of
from flax import nnx
from safetensors.numpy import save_file

from resdsl.codegen.lower.dialect import pascal
from resdsl.ir.graph import Graph

BATCH = 3
_numbers = count()


def module_of(graph: Graph, backend: str) -> ModuleType:
    """The generated file as a module."""
    module = ModuleType(f"generated_{backend}_{next(_numbers)}")
    sys.modules[module.__name__] = module
    source = source_of(graph, backend)
    exec(compile(source, f"<{module.__name__}>", "exec"), module.__dict__)
    return module


def random_weights(graph: Graph) -> dict[str, Any]:
    """Numbers of float32 that keep activations near one, and statistics that are not neutral."""
    random = np.random.default_rng(0)
    found = {}
    for named in graph.weights:
        shape = named.weight.shape
        values = random.standard_normal(shape, np.float32)
        if named.name.endswith("running_var"):
            values = abs(values) + np.float32(0.5)
        elif len(shape) > 1:
            values /= np.float32(np.sqrt(np.prod(shape[1:])))
        found[named.name] = values
    return found


@contextmanager
def quick() -> Iterator[None]:
    """Little optimisation, which would take longer than these networks run."""
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


@contextmanager
def exact() -> Iterator[None]:
    """Quick, and in float64."""
    with quick(), jax.enable_x64(True):
        yield


@dataclass
class Results:
    """What one framework computes, channels first and under canonical names."""

    output: Any
    input_gradient: Any = None
    gradients: dict[str, Any] | None = None
    statistics: dict[str, Any] | None = None


class Networks:
    """One graph in both frameworks."""

    def __init__(self, graph: Graph, **arguments: Any) -> None:
        self.graph = graph
        weights = random_weights(graph)
        self.flax_module = module_of(graph, "jax")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "weights.safetensors"
            save_file(weights, path)
            self.flax = self.flax_module.load(str(path), **arguments)
        for _, variable, _ in self.named_weights():
            variable.set_value(variable.get_value().astype(jnp.float64))
        made = getattr(module_of(graph, "torch"), pascal(graph.name))(**arguments)
        self.torch: torch.nn.Module = made.double()
        with torch.no_grad():
            for name, value in self.torch_state().items():
                value.copy_(torch.from_numpy(weights[name]))
        random = np.random.default_rng(1)
        shape = graph.input_types[0].shape
        self.input = random.standard_normal((BATCH, *shape))
        self.output_gradient = random.standard_normal((BATCH, *graph.output_types[0].shape))
        self.masks = {
            n.path: (random.random((BATCH, *n.op.mask_shape(graph.types[n.output]))) >= 0.5) * 1.0
            for n in graph.nodes
            if n.op.stochastic
        }

    def named_weights(self) -> list[tuple[str, nnx.Variable, tuple[int, ...] | None]]:
        return list(self.flax_module.named_weights(self.flax))

    def torch_state(self) -> dict[str, torch.Tensor]:
        state = self.torch.state_dict()
        return {canonical(n): v for n, v in state.items() if "num_batches" not in n}

    # ---- evaluation -----------------------------------------------------------------------------

    def evaluation(self) -> tuple[Results, Results]:
        """Both in evaluation mode."""
        self.torch.eval()
        with torch.no_grad():
            expected = self.torch(torch.from_numpy(self.input)).numpy()
        self.flax.eval()
        got = nnx.jit(lambda model, x: model(x))(self.flax, native(self.input))
        return Results(foreign(got)), Results(expected)

    # ---- training -------------------------------------------------------------------------------

    def training(self) -> tuple[Results, Results]:
        """One forward and backward pass of both in training mode, with the same masks."""
        return self._train_flax(), self._train_torch()

    def _train_torch(self) -> Results:
        self.torch.train()
        for path, layer in self.torch.named_modules():
            if canonical(path) in self.masks:
                rate = layer.p if isinstance(layer, torch.nn.Dropout) else layer.rate
                factor = torch.from_numpy(self.masks[canonical(path)] / (1 - rate))
                layer.forward = lambda x, factor=factor: x * factor
        x = torch.from_numpy(self.input).requires_grad_()
        y = self.torch(x)
        y.backward(torch.from_numpy(self.output_gradient))
        gradients = {canonical(n): p.grad.numpy() for n, p in self.torch.named_parameters()}
        state = self.torch_state()
        statistics = {n: v.numpy() for n, v in state.items() if n not in gradients}
        return Results(y.detach().numpy(), x.grad.numpy(), gradients, statistics)

    def _train_flax(self) -> Results:
        self.flax.train()
        graphdef, parameters, before, rest = nnx.split(self.flax, nnx.Param, nnx.BatchStat, ...)

        def run(parameters: Any, x: Any) -> Any:
            model = nnx.merge(graphdef, parameters, before, rest, copy=True)
            with self._masked(model):
                return model(x), nnx.state(model, nnx.BatchStat)

        def step(parameters: Any, x: Any, dy: Any) -> Any:
            y, backward, statistics = jax.vjp(run, parameters, x, has_aux=True)
            return y, statistics, *backward(dy)

        y, statistics, gradients, dx = jax.jit(step)(
            parameters, native(self.input), native(self.output_gradient)
        )
        named = self._by_name(nnx.merge(graphdef, gradients, statistics, rest))
        learned = {n for n, v, _ in self.named_weights() if isinstance(v, nnx.Param)}
        return Results(
            foreign(y),
            foreign(dx),
            {n: v for n, v in named.items() if n in learned},
            {n: v for n, v in named.items() if n not in learned},
        )

    def _by_name(self, model: nnx.Module) -> dict[str, Any]:
        found = {}
        for name, variable, axes in self.flax_module.named_weights(model):
            value = np.asarray(variable.get_value())
            found[name] = value.transpose(axes and np.argsort(axes))
        return found

    @contextmanager
    def _masked(self, model: nnx.Module) -> Iterator[None]:
        """Dropout with the masks of this comparison. Python looks `__call__` up on the class."""
        paths = {id(layer): path for path, layer in self.flax_module.named_layers(model)}

        def call(layer: nnx.Dropout, x: Any) -> Any:
            return x * native(self.masks[paths[id(layer)]]) / (1 - layer.rate)

        own = nnx.Dropout.__call__
        nnx.Dropout.__call__ = call
        try:
            yield
        finally:
            nnx.Dropout.__call__ = own


def canonical(name: str) -> str:
    """An attribute ends in `_` where the framework has taken the label."""
    return ".".join(part.rstrip("_") for part in name.split("."))


def native(array: Any) -> Any:
    """Channels last, as JAX has it."""
    return jnp.asarray(np.moveaxis(array, 1, -1) if array.ndim > 2 else array)


def foreign(array: Any) -> Any:
    """Channels first again."""
    array = np.asarray(array)
    return np.moveaxis(array, -1, 1) if array.ndim > 2 else array


def assert_same(got: Results, expected: Results, tolerance: float = 1e-12) -> None:
    """Equal up to rounding, relative to the largest entry."""
    assert_close(got.output, expected.output, "output", tolerance)
    if expected.gradients is None:
        return
    assert_close(got.input_gradient, expected.input_gradient, "input's gradient", tolerance)
    for found, wanted in (
        (got.gradients, expected.gradients),
        (got.statistics, expected.statistics),
    ):
        assert found is not None and wanted is not None
        assert found.keys() == wanted.keys()
        for name, value in wanted.items():
            assert_close(found[name], value, name, tolerance)


def assert_close(got: Any, expected: Any, what: str, tolerance: float) -> None:
    assert got.shape == expected.shape, what
    scale = max(np.abs(expected).max(), 1.0)
    difference = np.abs(got - expected).max() / scale
    assert difference <= tolerance, f"{what}: {difference:.1e} apart"
