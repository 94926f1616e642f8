"""Puts given masks into the dropout layers of a live model, in place of those that it draws."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import cycle
from types import ModuleType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from resdsl.codegen.drawn import check_drawn
from resdsl.codegen.runtime import Array, Facts, MaskSource, Unavailable

#: The mask of a layer, by its path, for what comes into it.
Take = Callable[[str, Any], Any]


def give(model: Any, module: ModuleType, facts: Facts, draw: MaskSource) -> None:
    """Let every layer that draws in training take what `draw` has for it."""
    names = {path: cycle(runs) for path, runs in facts.masked.items()}

    def take(path: str, x: Any) -> Any:
        # Drawn outside of the graph each time that it runs; such calls keep their order.
        drawn = partial(_drawn, draw, next(names[path]))
        mask = tf.numpy_function(drawn, [tf.shape(x)[0]], tf.uint8)
        mask.set_shape([None] * x.shape.rank)
        return tf.cast(mask, x.dtype)

    inject(dict(module.named_layers(model)), facts, take)


def _drawn(draw: MaskSource, name: str, samples: Any) -> Array:
    mask = draw(name, int(samples))
    return np.moveaxis(mask, 1, -1) if mask.ndim > 2 else mask


def _left(layer: Any, ones: Array, training: bool) -> Array:
    """What a layer leaves by itself."""
    left: Array = np.asarray(layer(tf.constant(ones), training=training))
    return left


def inject(layers: dict[str, Any], facts: Facts, take: Take) -> None:
    """Replace the call of dropout layers: in training, masks are taken."""
    for path in facts.masked:
        layer = layers.get(path)
        if not isinstance(layer, keras.layers.Dropout):
            raise Unavailable(
                f"`{path}` is no keras.layers.Dropout of the model",
                "parity puts the same masks into every framework by the layer's path",
            )
        check_drawn(facts, path, partial(_left, layer))
        # An instance's own `call` wins over its class's.
        layer.call = _dropout(path, facts.rates[path], take)


def _dropout(path: str, rate: float, take: Take) -> Callable[..., Any]:
    def call(inputs: Any, training: bool = False) -> Any:
        return inputs * take(path, inputs) / (1 - rate) if training else inputs

    return call
