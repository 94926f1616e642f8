"""Runs a generated Flax NNX file for parity: eval, train mode, gradients and SGD steps.

Imported by a worker process only. Outside are NumPy arrays, channels first, under canonical names;
inside NHWC, and weights in Flax's layouts, moved by the axes that the file's `named_weights` gives.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from resdsl.codegen.runtime import (
    Array,
    Arrays,
    Batch,
    Facts,
    Outcome,
    Policy,
    Unavailable,
    Update,
    load_source,
)

if TYPE_CHECKING:
    from .probes import ProbedJaxNetwork

Tree = dict[str, jax.Array]

#: A network with more is deep.
MANY_WEIGHTS = 1000


def is_deep(facts: Facts) -> bool:
    """Whether one large compilation takes too long.

    It grows faster than the network: of the 1202 layers of the deepest CIFAR network, XLA compiles
    the forward pass in minutes, while layer by layer it runs in seconds.
    """
    return len(facts.weights) > MANY_WEIGHTS


class JaxRuntime:
    """JAX in this process."""

    def apply(self, policy: Policy) -> dict[str, Any]:
        # All of this is read when the first device is asked for, not when JAX is imported.
        os.environ["NPROC"] = str(policy.threads)
        if policy.device == "cuda" and policy.deterministic:
            flags = os.environ.get("XLA_FLAGS", "")
            os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()
        jax.config.update("jax_platforms", policy.device)
        jax.config.update("jax_enable_x64", policy.dtype == "float64")
        jax.config.update("jax_default_matmul_precision", "highest")
        try:
            device = jax.devices()[0]
        except (RuntimeError, AssertionError) as failure:  # without CUDA's plugin it asserts
            raise Unavailable(
                f"JAX {jax.__version__} finds no GPU here",
                "use `--device cpu`, or install `jax[cuda12]`",
            ) from failure
        return {
            "versions": {"jax": jax.__version__, "optax": optax.__version__},
            "device": device.device_kind if policy.device == "cuda" else device.platform,
            "dtype": str(jnp.zeros((), policy.dtype).dtype),
            "x64": jax.config.jax_enable_x64,
            "threads": policy.threads,
            "matmul precision": jax.config.jax_default_matmul_precision,
            "xla flags": os.environ.get("XLA_FLAGS", ""),
        }

    def load(self, source: Path, facts: Facts, weights: Path, policy: Policy) -> JaxNetwork:
        module, _ = load_source(source, facts.class_name)
        model = module.load(str(weights))
        return JaxNetwork(model, module, facts, policy)

    def load_probed(
        self, source: Path, facts: Facts, weights: Path, policy: Policy
    ) -> ProbedJaxNetwork:
        from .probes import ProbedJaxNetwork

        module, _ = load_source(source, facts.class_name)
        return ProbedJaxNetwork(module.load(str(weights)), module, facts, policy)


class JaxNetwork:
    """A module as pure functions of named arrays, compiled once for eval and once for training."""

    def __init__(self, model: nnx.Module, module: ModuleType, facts: Facts, policy: Policy) -> None:
        self._facts = facts
        self._module = module
        self._dtype = jnp.dtype(policy.dtype)
        self._axes: dict[str, tuple[int, ...]] = {}
        held: Tree = {}
        for name, variable, axes in module.named_weights(model):
            self._axes[name] = axes
            held[name] = jnp.asarray(variable.get_value(), self._dtype)
        self._parameters = {name: held[name] for name in facts.parameters}
        self._statistics = {name: held[name] for name in facts.statistics}
        self._slots: Any = None
        self._check_dropouts(model)
        model.train()
        self._train = self._function(model)
        model.eval()
        self._eval = self._function(model)
        self._infer = self._eval if is_deep(facts) else jax.jit(self._eval)
        self._step: Callable[..., Any] | None = None

    def infer(self, inputs: Arrays) -> Arrays:
        outputs, _ = self._infer(self._parameters, self._statistics, self._native(inputs), {})
        return self._arrays(outputs)

    def step(self, batch: Batch, update: Update) -> Outcome:
        rate = jnp.asarray(update.rate, self._dtype)
        if self._step is None:
            optimizer = self._optimizer(update)
            self._slots = optimizer.init(self._parameters)
            # The old state is given up for the new one: a network's weights once, not twice.
            self._step = jax.jit(self._training(optimizer, batch.loss), donate_argnums=(0, 1, 2))
        self._slots.hyperparams["learning_rate"] = rate
        result = self._step(
            self._parameters,
            self._statistics,
            self._slots,
            self._native(batch.inputs),
            self._native(batch.targets),
            self._native(batch.masks),
        )
        loss, outputs, gradients, self._parameters, self._statistics, self._slots = result

        def copies() -> Iterator[tuple[str, Array]]:
            for name in self._facts.parameters:
                yield name, self._canonical(name, gradients[name])

        return Outcome(self._arrays(outputs), float(loss), copies)

    def state(self, names: frozenset[str]) -> Iterator[tuple[str, Array]]:
        for weight in self._facts.weights:
            if weight.name in names:
                held = self._parameters if weight.trainable else self._statistics
                yield weight.name, self._canonical(weight.name, held[weight.name])

    def _function(self, model: nnx.Module) -> Callable[..., tuple[Tree, Tree]]:
        """The model in its present mode: outputs and new statistics from named arrays."""
        graphdef, state = nnx.split(model)
        # Shapes alone: arrays here would become constants of the compiled function.
        shapes = jax.eval_shape(lambda: state)

        def run(parameters: Tree, statistics: Tree, inputs: Tree, masks: Tree) -> tuple[Tree, Tree]:
            # Merged inside the trace: Flax lets a variable change only where it was made.
            network = nnx.merge(graphdef, shapes, copy=True)
            values = {**parameters, **statistics}
            variables = {name: v for name, v, _ in self._module.named_weights(network)}
            for name, variable in variables.items():
                variable.set_value(values[name])
            self._inject(network, masks)
            result = network(*(inputs[i.name] for i in self._facts.inputs))
            results = result if isinstance(result, tuple | list) else (result,)
            outputs = dict(zip((o.name for o in self._facts.outputs), results, strict=True))
            return outputs, {name: variables[name].get_value() for name in statistics}

        return run

    def _training(self, optimizer: Any, loss_name: str) -> Callable[..., Any]:
        def step(
            parameters: Tree, statistics: Tree, slots: Any, inputs: Tree, targets: Tree, masks: Tree
        ) -> Any:
            def loss_of(parameters: Tree) -> Any:
                outputs, new_statistics = self._train(parameters, statistics, inputs, masks)
                return loss_of_outputs(outputs, targets, loss_name), (outputs, new_statistics)

            differentiate = jax.value_and_grad(loss_of, has_aux=True)
            (loss, (outputs, new_statistics)), gradients = differentiate(parameters)
            updates, slots = optimizer.update(gradients, slots, parameters)
            parameters = optax.apply_updates(parameters, updates)
            return loss, outputs, gradients, parameters, new_statistics, slots

        return step

    def _optimizer(self, update: Update) -> Any:
        """PyTorch's SGD: decay joins the gradient before momentum, the rate stays outside."""

        def sgd(learning_rate: Any) -> Any:
            return optax.chain(
                optax.add_decayed_weights(update.decay),
                optax.sgd(learning_rate, momentum=update.momentum),
            )

        return optax.inject_hyperparams(sgd)(learning_rate=jnp.asarray(update.rate, self._dtype))

    def _check_dropouts(self, model: nnx.Module) -> None:
        layers = dict(self._module.named_layers(model))
        for path in self._facts.masked:
            if not isinstance(layers.get(path), nnx.Dropout):
                raise Unavailable(
                    f"`{path}` is no nnx.Dropout of the module",
                    "parity puts the same masks into every framework by the layer's path",
                )

    def _inject(self, network: nnx.Module, masks: Tree) -> None:
        """Give the dropout layers of this trace their masks.

        Python looks `__call__` up on the type, so the type is changed, and instances are told
        apart by identity: they are new in every trace.
        """
        if not self._facts.dropouts:
            return
        rates = self._facts.rates
        # One for every time that a layer runs.
        own = {path: [*map(masks.get, names)] for path, names in self._facts.masked.items()}
        paths = {id(layer): path for path, layer in self._module.named_layers(network)}

        def call(layer: Any, x: jax.Array, *_: Any, **__: Any) -> jax.Array:
            path = paths[id(layer)]
            return x if layer.deterministic else x * own[path].pop(0) / (1 - rates[path])

        nnx.Dropout.__call__ = call

    def _native(self, arrays: Arrays) -> Tree:
        return {name: jnp.asarray(channels_last(a), self._dtype) for name, a in arrays.items()}

    def _arrays(self, tensors: Tree) -> Arrays:
        return {name: channels_first(np.asarray(value)) for name, value in tensors.items()}

    def _canonical(self, name: str, value: jax.Array) -> Array:
        array = np.asarray(value)
        return array.transpose(np.argsort(self._axes[name]))


def loss_of_outputs(outputs: Tree, targets: Tree, name: str) -> jax.Array:
    parts = []
    for output, t in targets.items():
        y = outputs[output]
        if name == "cross_entropy":
            # The maximum only keeps exp() in range; its gradient would cancel.
            y = y - jax.lax.stop_gradient(y.max(axis=1, keepdims=True))
            parts.append(-(t * (y - jnp.log(jnp.exp(y).sum(axis=1, keepdims=True)))).sum(1).mean())
        else:
            parts.append(jnp.square(y - t).mean() / 2)
    return jnp.stack(parts).sum()


def channels_last(array: Array) -> Array:
    return np.moveaxis(array, 1, -1) if array.ndim > 2 else array


def channels_first(array: Array) -> Array:
    return np.moveaxis(array, -1, 1) if array.ndim > 2 else array
