"""What stands below the classes: canonical names, and weights from and to a safetensors file."""

from __future__ import annotations

from collections.abc import Collection

from resdsl.codegen.python.layers import instance_test

IMPORTS = frozenset(
    {
        "from collections.abc import Iterator",
        "from typing import Any",
        "import jax",
        "import jax.numpy as jnp",
        "import numpy as np",
        "from safetensors.numpy import load_file, save_file",
    }
)

_WEIGHTS = '''
SIGNATURE
    """Layers by canonical path; an attribute ends in `_` where its name was taken."""
LAYERS
        yield path.removeprefix("."), module
LEAF
    children = module.layers if isinstance(module, nnx.Sequential) else module
    for name, child in vars(children).items():
        if isinstance(child, nnx.Module):
            yield from named_layers(child, f"{path}.{name}".rstrip("_"))
BARE_LAYERS


def named_weights(model: nnx.Module) -> Iterator[tuple[str, nnx.Variable, tuple[int, ...]]]:
    """Variables by canonical name, and the axes that lead from PyTorch's layout to Flax's."""
    names = {"kernel": "weight", "scale": "weight", "bias": "bias"}
    names |= {"mean": "running_mean", "var": "running_var"}
OWN    for path, layer in named_layers(model):
BARE_WEIGHTS
        for native, name in names.items():
            variable = getattr(layer, native, None)
            if isinstance(variable, nnx.Variable):
                axes = tuple(range(variable.ndim))
                yield f"{path}.{name}", variable, (*axes[2:], 1, 0) if native == "kernel" else axes


def load_weights(model: nnx.Module, path: str) -> None:
    """Fill a model, abstract or not, from a safetensors file with canonical names."""
    weights = load_file(path)
    variables = {name: variable for name, variable, _ in named_weights(model)}
    if variables.keys() != weights.keys():
        raise KeyError(f"not the model's weights: {sorted(variables.keys() ^ weights.keys())}")
    for name, variable, axes in named_weights(model):
        weights[name] = weights[name].transpose(axes)
        if weights[name].shape != variable.shape:
            raise ValueError(f"{name}: {weights[name].shape} is not the model's {variable.shape}")
    for name, variable in variables.items():
        variable.set_value(jnp.asarray(weights[name], variable.dtype))


def save_weights(model: nnx.Module, path: str) -> None:
    """Write the weights of a model as a safetensors file with canonical names."""
    weights = {}
    for name, variable, axes in named_weights(model):
        value = np.asarray(variable.get_value())
        weights[name] = np.ascontiguousarray(value.transpose(np.argsort(axes)))
    save_file(weights, path)


class OneKey(nnx.Rngs):
    """Has the same key for every layer: counting them is slow where nothing is drawn."""

    def params(self) -> Array:
        return jax.random.key(0)


def load(path: str, **arguments: Any) -> MODEL:
    """A model with the weights of a file, made without drawing a start first."""
    model = nnx.eval_shape(lambda: MODEL(**arguments, rngs=OneKey(0)))
    load_weights(model, path)
RESEED    return model
'''

_RESEED = "    nnx.reseed(model, default=0)  # the keys of dropout are abstract still\n"


#: What has weights or a mask in every file, and what has them where a file has such layers.
_LAYERS = ("nnx.Conv", "nnx.Linear", "nnx.BatchNorm", "nnx.Dropout")
_MORE = {
    "conv_transpose": "nnx.ConvTranspose",
    "group_norm": "nnx.GroupNorm",
    "layer_norm": "nnx.LayerNorm",
    "attend": "RelativeAttention",
}
#: Weights of the file's own layers, which have their canonical names.
_OWN = {"attend": ("rel_height", "rel_width")}
_SIGNATURE = (
    'def named_layers(module: nnx.Module, path: str = "") -> Iterator[tuple[str, nnx.Module]]:'
)
_BARE_SIGNATURE = """def named_layers(
    module: nnx.Module, path: str = ""
) -> Iterator[tuple[str, nnx.Module | nnx.Param]]:"""
#: Weights beside the layers, where a file has some: names of their own, channels last.
_BARE_LAYERS = """        elif isinstance(child, nnx.Param):
            yield f"{path}.{name}".rstrip("_").removeprefix("."), child
"""
_BARE_WEIGHTS = """        if isinstance(layer, nnx.Param):
            yield path, layer, (*range(1, layer.ndim), 0)
            continue
"""


def epilogue(
    model: str, kinds: Collection[str], *, has_dropout: bool, has_bare_weights: bool
) -> list[str]:
    """The functions for a model of this class name, with layers of these operations."""
    classes = [*_LAYERS, *(name for kind, name in _MORE.items() if kind in kinds)]
    own = [name for kind, names in _OWN.items() if kind in kinds for name in names]
    same = ", ".join(f'"{name}": "{name}"' for name in own)
    marks = {
        "BARE_LAYERS\n": _BARE_LAYERS if has_bare_weights else "",
        "BARE_WEIGHTS\n": _BARE_WEIGHTS if has_bare_weights else "",
        "SIGNATURE": _BARE_SIGNATURE if has_bare_weights else _SIGNATURE,
        "LAYERS": "\n".join(instance_test("module", classes)),
        "LEAF\n": "        return\n" if has_bare_weights else "",
        "OWN": f"    names |= {{{same}}}\n" if own else "",
        "RESEED": _RESEED if has_dropout else "",
        "MODEL": model,
    }
    text = _WEIGHTS
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text.strip("\n").split("\n")
