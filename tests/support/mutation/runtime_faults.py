"""Faults of the training step: the optimizer's update and the loss, which are in no file.

For the time of one plan they are put into the place of the right ones in a backend's runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any, TypeAlias
from unittest.mock import patch

import numpy as np

from resdsl.codegen.runtime import Batch, Update
from resdsl.records import dataclass

Tensor: TypeAlias = Any
#: `(p, g, b, rate, update, is_first)` to the new parameter and the new buffer.
Rule: TypeAlias = Callable[[Tensor, Tensor, Tensor, Any, Update, bool], tuple[Tensor, Tensor]]


def right(p: Tensor, g: Tensor, b: Tensor, rate: Any, u: Update, first: bool) -> Any:
    """What all backends do."""
    b = u.momentum * b + (g + u.decay * p)
    return p - rate * b, b


def rate_in_velocity(p: Tensor, g: Tensor, b: Tensor, rate: Any, u: Update, first: bool) -> Any:
    b = u.momentum * b + rate * (g + u.decay * p)
    return p - b, b


def decoupled(p: Tensor, g: Tensor, b: Tensor, rate: Any, u: Update, first: bool) -> Any:
    b = u.momentum * b + g
    return p - rate * (b + u.decay * p), b


def nesterov(p: Tensor, g: Tensor, b: Tensor, rate: Any, u: Update, first: bool) -> Any:
    d = g + u.decay * p
    b = u.momentum * b + d
    return p - rate * (d + u.momentum * b), b


def dampened(p: Tensor, g: Tensor, b: Tensor, rate: Any, u: Update, first: bool) -> Any:
    b = u.momentum * b + (0.9 if not first else 1.0) * (g + u.decay * p)
    return p - rate * b, b


def averaged(p: Tensor, g: Tensor, b: Tensor, rate: Any, u: Update, first: bool) -> Any:
    b = u.momentum * b + (1 - u.momentum) * (g + u.decay * p)
    return p - rate * b, b


def rounded_momentum(p: Tensor, g: Tensor, b: Tensor, rate: Any, u: Update, first: bool) -> Any:
    b = float(np.float32(u.momentum)) * b + (g + u.decay * p)
    return p - rate * b, b


def spared(p: Tensor, g: Tensor, b: Tensor, rate: Any, u: Update, first: bool) -> Any:
    """No decay for biases and norms."""
    decay = u.decay if len(p.shape) > 1 else 0.0
    b = u.momentum * b + (g + decay * p)
    return p - rate * b, b


def undecayed(p: Tensor, g: Tensor, b: Tensor, rate: Any, u: Update, first: bool) -> Any:
    b = u.momentum * b + g
    return p - rate * b, b


def hard(target: np.ndarray) -> np.ndarray:
    """Labels that are not smoothed."""
    return np.eye(target.shape[1], dtype=target.dtype)[target.argmax(axis=1)]


def smoother(target: np.ndarray) -> np.ndarray:
    """Smoothed twice."""
    return (0.9 * target + 0.1 / target.shape[1]).astype(target.dtype)


@dataclass(frozen=True, slots=True)
class RuntimeFault:
    """One fault. `rule` replaces the update, `factor` scales the loss, `targets` changes them."""

    id: str
    means: str
    rule: Rule | None = None
    factor: Callable[[Batch], float] | None = None
    targets: Callable[[np.ndarray], np.ndarray] | None = None


def _classes(batch: Batch) -> int:
    return int(next(iter(batch.targets.values())).shape[1])


def _samples(batch: Batch) -> int:
    return int(next(iter(batch.targets.values())).shape[0])


RUNTIME_FAULTS = [
    RuntimeFault("sgd-rate-in-velocity", "the learning rate inside the velocity, as in Keras",
                 rate_in_velocity),
    RuntimeFault("sgd-decoupled", "decay beside the momentum, as in AdamW and Keras", decoupled),
    RuntimeFault("sgd-nesterov", "Nesterov's momentum", nesterov),
    RuntimeFault("sgd-dampened", "a dampening of 0.1", dampened),
    RuntimeFault("sgd-averaged", "a velocity that is a running average", averaged),
    RuntimeFault("sgd-momentum-float32", "the momentum went through float32, as in Keras",
                 rounded_momentum),
    RuntimeFault("sgd-spared", "no decay for biases and norms", spared),
    RuntimeFault("sgd-undecayed", "no decay at all", undecayed),
    RuntimeFault("loss-sum", "the sum over samples in place of the mean", factor=_samples),
    RuntimeFault("loss-class-mean", "the mean over classes too",
                 factor=lambda batch: 1 / _classes(batch)),
    RuntimeFault("loss-unsmoothed", "labels that are not smoothed", targets=hard),
    RuntimeFault("loss-smoothed-twice", "labels that are smoothed twice", targets=smoother),
]  # fmt: skip


@contextmanager
def in_force(backend: str, name: str) -> Iterator[None]:
    """Until the `with` body ends, one fault is in a backend's runtime."""
    fault = next(f for f in RUNTIME_FAULTS if f.id == name)
    runtime = import_module(f"resdsl.backends.{backend}.runtime")
    network = {"torch": "TorchNetwork", "jax": "JaxNetwork", "tensorflow": "TensorFlowNetwork"}
    kind = getattr(runtime, network[backend])
    if fault.rule is not None:
        with _UPDATES[backend](runtime, kind, fault.rule):
            yield
    elif fault.targets is not None:
        with _with_batch(kind, fault.targets):
            yield
    else:
        assert fault.factor is not None
        with _with_loss(backend, runtime, kind, fault.factor):
            yield


# ---- the update ----------------------------------------------------------------------------------


def _torch_update(runtime: Any, kind: Any, rule: Rule) -> Any:
    import torch

    held: dict[Any, Tensor] = {}

    @torch.no_grad()
    def update(self: Any, update: Update) -> None:
        for parameter in self._model.parameters():
            buffer = held.get(parameter)
            found, held[parameter] = rule(
                parameter,
                parameter.grad,
                torch.zeros_like(parameter) if buffer is None else buffer,
                update.rate,
                update,
                buffer is None,
            )
            parameter.copy_(found)

    return patch.object(kind, "_update", update)


def _jax_update(runtime: Any, kind: Any, rule: Rule) -> Any:
    import jax
    import jax.numpy as jnp
    import optax

    def optimizer(self: Any, update: Update) -> Any:
        def make(learning_rate: Any) -> Any:
            def init(parameters: Any) -> Any:
                return jax.tree.map(jnp.zeros_like, parameters), jnp.zeros((), bool)

            def change(gradients: Any, state: Any, parameters: Any) -> Any:
                buffers, later = state
                new, kept = {}, {}
                for name, p in parameters.items():
                    both = [
                        rule(p, gradients[name], buffers[name], learning_rate, update, first)
                        for first in (False, True)
                    ]
                    found = [jnp.where(later, a, b) for a, b in zip(*both, strict=True)]
                    new[name], kept[name] = found[0] - p, found[1]
                return new, (kept, jnp.ones((), bool))

            return optax.GradientTransformation(init, change)

        rate = jnp.asarray(update.rate, self._dtype)
        return optax.inject_hyperparams(make)(learning_rate=rate)

    return patch.object(kind, "_optimizer", optimizer)


def _tensorflow_update(runtime: Any, kind: Any, rule: Rule) -> Any:
    import tensorflow as tf

    def sgd(parameter: Any, gradient: Any, velocity: Any, rate: Any, update: Update) -> None:
        first = tf.reduce_all(velocity == 0)
        both = [
            rule(parameter.value(), gradient, velocity.value(), rate, update, early)
            for early in (True, False)
        ]
        found = [tf.where(first, a, b) for a, b in zip(*both, strict=True)]
        parameter.assign(found[0])
        velocity.assign(found[1])

    return patch.object(runtime, "sgd", sgd)


_UPDATES: dict[str, Callable[[Any, Any, Rule], Any]] = {
    "torch": _torch_update,
    "jax": _jax_update,
    "tensorflow": _tensorflow_update,
}


# ---- the loss ------------------------------------------------------------------------------------


def _with_batch(kind: Any, change: Callable[[np.ndarray], np.ndarray]) -> Any:
    step = kind.step

    def changed(self: Any, batch: Batch, update: Update) -> Any:
        targets = {name: change(np.asarray(t)) for name, t in batch.targets.items()}
        return step(self, replace(batch, targets=targets), update)

    return patch.object(kind, "step", changed)


@contextmanager
def _with_loss(
    backend: str, runtime: Any, kind: Any, factor: Callable[[Batch], float]
) -> Iterator[None]:
    step = kind.step
    holder, name = (kind, "_loss") if backend == "torch" else (runtime, "loss_of_outputs")
    loss, held = getattr(holder, name), {}

    def changed(self: Any, batch: Batch, update: Update) -> Any:
        held["factor"] = factor(batch)
        return step(self, batch, update)

    def scaled(*arguments: Any) -> Any:
        return held["factor"] * loss(*arguments)

    with patch.object(kind, "step", changed), patch.object(holder, name, scaled):
        yield
