"""The canonical weights of a generated file: the walk over its layers, loading and saving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resdsl.codegen.plan import Attribute, ListItem, ModulePlan
from resdsl.codegen.python.layers import (
    homes_of,
    instance_test,
    layers_of,
    renamed_attributes,
)
from resdsl.sizes import Dim


def weights_section(
    plan: ModulePlan,
    input_shapes: Sequence[tuple[Dim | None, ...]],
    convolutions: Iterable[str],
) -> list[str]:
    """The functions that name, load and save weights, as this file needs them; `convolutions` are
    the classes of its own."""
    homes = list(homes_of(plan))
    keyed = any(isinstance(home, ListItem) and home.keyed for home in homes)
    private = any(isinstance(h, Attribute | ListItem) and h.name[0] == "_" for h in homes)
    renamed = renamed_attributes(plan)
    bare = sorted({x.op.kind.name.capitalize() for x in layers_of(plan) if x.bare}, reverse=True)
    inputs = ", ".join(f"keras.Input({shape})" for shape in input_shapes)
    marks = {
        "CHILDREN": _DICTIONARIES if keyed else _LISTS,
        "OWN": _UNDERSCORED if private else _OWN,
        "KINDS": "layers.Layer | list | dict" if keyed else "layers.Layer | list",
        "NOTE": _RENAMED_NOTE if renamed else "",
        "PATH": _RENAMED_PATH if renamed else _PATH,
        "INPUTS": inputs if len(input_shapes) == 1 else f"[{inputs}]",
        "BARE_LAYERS": _BARE_LAYERS if bare else "",
        "BARE_WEIGHTS": _BARE_WEIGHTS if bare else "",
        "BARE": " | ".join(bare),
        "LAYERS": "\n".join(_layers(plan, convolutions)),
    }
    text = _WEIGHTS
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text.strip("\n").split("\n")


#: What has weights or a mask in every file, and what has them where a file has such layers.
_LAYERS = ("layers.Dense", "layers.BatchNormalization", "layers.Dropout")
_MORE = {
    "group_norm": "layers.GroupNormalization",
    "layer_norm": "layers.LayerNormalization",
    "attend": "RelativeAttention",
    "channel_conv": "ChannelConv",
}


def _layers(plan: ModulePlan, convolutions: Iterable[str]) -> list[str]:
    """The test for layers with weights of their own."""
    kinds = {layer.op.kind.name for layer in layers_of(plan)}
    classes = [*convolutions, *_LAYERS, *(name for kind, name in _MORE.items() if kind in kinds)]
    return instance_test("model", classes)


#: Where the parts of a layer are; lists whose layers are not made in order are dictionaries.
_LISTS = """    numbered = isinstance(model, keras.Sequential | list)
    children = enumerate(getattr(model, "layers", model)) if numbered else vars(model).items()
    for name, child in children:
OWN"""
_DICTIONARIES = """    if isinstance(model, dict):
        children = model.items()
    elif isinstance(model, keras.Sequential | list):
        children = enumerate(getattr(model, "layers", model))
    else:
        children = vars(model).items()
    for name, child in children:
OWN"""

#: Which of them are the network's: some labels may begin with `_`, as Keras's own names do.
_OWN = """        if isinstance(child, KINDS) and str(name)[0] != "_":
"""
_UNDERSCORED = """        private = str(name)[0] == "_" and name[-1] != "_"
        if isinstance(child, KINDS) and not private:
"""

#: Paths, where attributes bear their labels and where some could not.
_PATH = 'f"{path}.{name}" if path else str(name)'
_RENAMED_PATH = 'f"{path}.{name}".rstrip("_").lstrip(".")'
_RENAMED_NOTE = """ An attribute ends in
    `_` where Keras or Python has taken its name."""

#: Layers of one weight, which bears their name.
_BARE_LAYERS = """    if isinstance(model, BARE):
        yield path, model
        return
"""
_BARE_WEIGHTS = """        if isinstance(layer, BARE):  # the weight has the layer's name
            yield path, layer.value, (*range(1, len(layer.value.shape)), 0)
            continue
"""

_WEIGHTS = '''
def named_layers(model: layers.Layer, path: str = "") -> Iterator[tuple[str, layers.Layer]]:
    """Yield the layers with weights, and dropouts, by canonical path.NOTE"""
LAYERS
        yield path, model
        return
BARE_LAYERSCHILDREN            yield from named_layers(child, PATH)


def named_weights(model: keras.Model) -> Iterator[tuple[str, keras.Variable, tuple]]:
    """Yield canonical names, variables, and the axes that lead from canonical layouts to these."""
    names = {"kernel": "weight", "gamma": "weight", "beta": "bias"}
    names |= {"moving_mean": "running_mean", "moving_variance": "running_var"}
    if not model.built:
        model(INPUTS)
    for path, layer in named_layers(model):
BARE_WEIGHTS        for variable in layer.weights:
            name = names.get(variable.name, variable.name)
            axes = tuple(range(len(variable.shape)))
            if variable.name == "kernel":
                axes = (*axes[2:], 1, 0)  # from (out, in, …)
            yield f"{path}.{name}", variable, axes


def load_weights(model: keras.Model, path: str) -> None:
    """Fill a model from canonical weights. Nothing is set unless all names and shapes fit."""
    values = load_file(path)
    wanted = {name: (variable, axes) for name, variable, axes in named_weights(model)}
    if values.keys() != wanted.keys():
        raise ValueError(f"other weights than the model's: {sorted(values.keys() ^ wanted.keys())}")
    for name, (variable, axes) in wanted.items():
        shape = tuple(variable.shape[i] for i in np.argsort(axes))
        if values[name].shape != shape:
            raise ValueError(f"{name} is {values[name].shape} there and {shape} in the model")
    for name, (variable, axes) in wanted.items():
        variable.assign(values[name].transpose(axes))


def save_weights(model: keras.Model, path: str) -> None:
    """Write the weights of a model under canonical names and in canonical layouts."""
    values = {}
    for name, variable, axes in named_weights(model):
        value = variable.numpy().transpose(np.argsort(axes))
        values[name] = np.ascontiguousarray(value)
    save_file(values, path)
'''
