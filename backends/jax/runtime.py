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
    add_xla_flag,
    denormals,
    load_source,
)

from .masks import inject

if TYPE_CHECKING:
    from .probes import ProbedJaxNetwork

Tree = dict[str, jax.Array]

#: The smallest normal float32.
TINY = 2.0**-126
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
        add_xla_flag(f"--xla_allow_excess_precision={str(not policy.exact_rounding).lower()}")
        if policy.device == "cuda":
            # It implies the first choice of kernels too, instead of the one that ran fastest.
            deterministic = str(policy.deterministic).lower()
            add_xla_flag(f"--xla_gpu_deterministic_ops={deterministic}")
            add_xla_flag("--xla_gpu_ftz=false")
        jax.config.update("jax_platforms", policy.device)
        jax.config.update("jax_enable_x64", policy.dtype == "float64")
        # For matrix products and convolutions alike.
        precision = "tensorfloat32" if policy.tf32 else "highest"
        jax.config.update("jax_default_matmul_precision", precision)
        try:
            device = jax.devices()[0]
        except (RuntimeError, AssertionError) as failure:  # without CUDA's plugin it asserts
            raise Unavailable(
                f"JAX {jax.__version__} finds no GPU here",
                "use `--device cpu`, or install `jax[cuda12]`",
            ) from failure
        return self._in_force(policy, device)

    def _in_force(self, policy: Policy, device: Any) -> dict[str, Any]:
        precision = jax.config.jax_default_matmul_precision
        flags = os.environ["XLA_FLAGS"]
        return {
            "versions": {"jax": jax.__version__, "optax": optax.__version__},
            "device": device.device_kind if policy.device == "cuda" else device.platform,
            "dtype": str(jnp.zeros((), policy.dtype).dtype),
            "x64": jax.config.jax_enable_x64,
            "threads": int(os.environ["NPROC"]),
            "deterministic": device.platform == "cpu" or "deterministic_ops=true" in flags,
            "tf32 matmul": precision == "tensorfloat32",
            "tf32 conv": precision == "tensorfloat32",
            "default precision": precision,
            "excess precision": "excess_precision=true" in flags,
            "denormals": denormals(float(jnp.full((), TINY, jnp.float32) * 0.5)),
            "xla flags": flags,
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
        # Batch norms sum in their statistics' precision, and sums in bfloat16 can be far off.
        sums = jnp.promote_types(self._dtype, jnp.float32)
        for name, variable, axes in module.named_weights(model):
            self._axes[name] = axes
            dtype = sums if name in facts.statistics else self._dtype
            held[name] = jnp.asarray(variable.get_value(), dtype)
        self._parameters = {name: held[name] for name in facts.parameters}
        self._statistics = {name: held[name] for name in facts.statistics}
        self._slots: Any = None
        #: The masks of each layer in the present trace, one for every time that it runs.
        self._masks: dict[str, list[jax.Array]] = {}
        inject(model, module, facts, lambda path, _: self._masks[path].pop(0))
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
            self._begin_run(network, masks)
            result = network(*(inputs[i.name] for i in self._facts.inputs))
            results = result if isinstance(result, tuple | list) else (result,)
            outputs = dict(zip((o.name for o in self._facts.outputs), results, strict=True))
            return outputs, {name: variables[name].get_value() for name in statistics}

        return run

    def _begin_run(self, network: nnx.Module, masks: Tree) -> None:
        """The model of a trace is there, and is about to run."""
        self._masks = {path: [*map(masks.get, names)] for path, names in self._facts.masked.items()}

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

    def _native(self, arrays: Arrays) -> Tree:
        return {name: jnp.asarray(channels_last(a), self._dtype) for name, a in arrays.items()}

    def _arrays(self, tensors: Tree) -> Arrays:
        return {name: channels_first(as_numpy(value)) for name, value in tensors.items()}

    def _canonical(self, name: str, value: jax.Array) -> Array:
        return as_numpy(value).transpose(np.argsort(self._axes[name]))


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


def as_numpy(value: jax.Array) -> Array:
    """As NumPy has it, which has no bfloat16: float32 holds its numbers as they are."""
    return np.asarray(value.astype(jnp.float32) if value.dtype == jnp.bfloat16 else value)


def channels_last(array: Array) -> Array:
    return np.moveaxis(array, 1, -1) if array.ndim > 2 else array


def channels_first(array: Array) -> Array:
    return np.moveaxis(array, -1, 1) if array.ndim > 2 else array
