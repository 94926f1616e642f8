"""Puts given masks into the dropout layers of a live module, in place of those that it draws."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import cycle
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.experimental import io_callback

from resdsl.codegen.drawn import check_drawn
from resdsl.codegen.runtime import Array, Facts, MaskSource, Unavailable

#: The mask of a layer, by its path, for what comes into it.
Take = Callable[[str, jax.Array], jax.Array]

#: How a dropout layer draws by itself, and what models are given instead, by their number.
_OWN: Callable[..., Any] = nnx.Dropout.__call__
_GIVEN: list[tuple[Take, Facts]] = []


def give(model: nnx.Module, module: ModuleType, facts: Facts, draw: MaskSource) -> None:
    """Let every layer that draws in training take what `draw` has for it."""
    names = {path: cycle(runs) for path, runs in facts.masked.items()}
    shapes = {fact.name: _last((0, *fact.shape)) for fact in facts.dropouts}

    def take(path: str, x: jax.Array) -> jax.Array:
        name = next(names[path])
        wanted = jax.ShapeDtypeStruct((x.shape[0], *shapes[name][1:]), jnp.uint8)
        # Compiled code asks for it in every run: with no effect, it would be asked for once.
        return io_callback(partial(_drawn, draw, name, x.shape[0]), wanted).astype(x.dtype)

    inject(model, module, facts, take)


def _last(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[0], *shape[2:], shape[1]) if len(shape) > 2 else shape


def _drawn(draw: MaskSource, name: str, samples: int) -> Array:
    mask = draw(name, samples)
    return np.moveaxis(mask, 1, -1) if mask.ndim > 2 else mask


def _left(layer: nnx.Dropout, ones: Array, training: bool) -> Array:
    """What a layer leaves by itself."""
    left = layer(jnp.asarray(ones), deterministic=not training, rngs=nnx.Rngs(0))
    return np.asarray(left)


def inject(model: nnx.Module, module: ModuleType, facts: Facts, take: Take) -> None:
    """Replace the call of dropout layers: in training, masks are taken.

    Python looks `__call__` up on the type, so the type is changed, and instances are told apart by
    what they carry, also into the copies of every trace: their path, and the number of their model.
    """
    layers = dict(module.named_layers(model))
    number = len(_GIVEN)
    for path in facts.masked:
        layer = layers.get(path)
        if not isinstance(layer, nnx.Dropout):
            raise Unavailable(
                f"`{path}` is no nnx.Dropout of the module",
                "parity puts the same masks into every framework by the layer's path",
            )
        check_drawn(facts, path, partial(_left, layer))
        layer.mask_path, layer.mask_model = path, number
    _GIVEN.append((take, facts))
    nnx.Dropout.__call__ = _masked


def _masked(layer: Any, x: jax.Array, *inputs: Any, **options: Any) -> jax.Array:
    """The call of a dropout layer: its own, unless it is one that is given masks."""
    if not hasattr(layer, "mask_model"):
        return _OWN(layer, x, *inputs, **options)
    if layer.deterministic:
        return x
    take, facts = _GIVEN[layer.mask_model]
    return x * take(layer.mask_path, x) / (1 - facts.rates[layer.mask_path])
