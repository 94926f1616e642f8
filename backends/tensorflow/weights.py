"""The canonical weights of a generated file: the walk over its layers, loading and saving."""

#: What stands for `CHILDREN`: how a layer's parts are found, and where lists of layers that are not
#: made in order are dictionaries.
LISTS = """    numbered = isinstance(model, keras.Sequential | list)
    children = enumerate(getattr(model, "layers", model)) if numbered else vars(model).items()
    for name, child in children:
        if name != "_layers" and isinstance(child, layers.Layer | list):
"""
DICTIONARIES = """    if isinstance(model, dict):
        children = model.items()
    elif isinstance(model, keras.Sequential | list):
        children = enumerate(getattr(model, "layers", model))
    else:
        children = vars(model).items()
    for name, child in children:
        if name != "_layers" and isinstance(child, layers.Layer | list | dict):
"""

#: What stands for `PATH` and `NOTE`.
PATH = 'f"{path}.{name}" if path else str(name)'
RENAMED_PATH = 'f"{path}.{name}".rstrip("_").lstrip(".")'
RENAMED_NOTE = """ An attribute ends in
    `_` where Keras or Python has taken its name."""

WEIGHTS = '''
def named_layers(model: layers.Layer, path: str = "") -> Iterator[tuple[str, layers.Layer]]:
    """Yield the layers with weights, and dropouts, by canonical path.NOTE"""
    if isinstance(model, layers.Conv2D | layers.Dense | layers.BatchNormalization | layers.Dropout):
        yield path, model
        return
CHILDREN            yield from named_layers(child, PATH)


def named_weights(model: keras.Model) -> Iterator[tuple[str, keras.Variable, tuple | None]]:
    """Yield canonical names, variables, and the axes that lead from canonical layouts to these."""
    names = {"kernel": "weight", "gamma": "weight", "beta": "bias"}
    names |= {"moving_mean": "running_mean", "moving_variance": "running_var"}
    axes = {4: (2, 3, 1, 0), 2: (1, 0)}  # of (out, in, height, width) and (out, in)
    if not model.built:
        model(keras.Input(SHAPE))
    for path, layer in named_layers(model):
        for variable in layer.weights:
            name = names.get(variable.name, variable.name)
            yield f"{path}.{name}", variable, axes.get(len(variable.shape))


def load_weights(model: keras.Model, path: str) -> None:
    """Fill a model from canonical weights. Nothing is set unless all names and shapes fit."""
    values = load_file(path)
    wanted = {name: (variable, axes) for name, variable, axes in named_weights(model)}
    if values.keys() != wanted.keys():
        raise ValueError(f"other weights than the model's: {sorted(values.keys() ^ wanted.keys())}")
    for name, (variable, axes) in wanted.items():
        values[name] = values[name] if axes is None else values[name].transpose(axes)
        if values[name].shape != tuple(variable.shape):
            raise ValueError(f"{name} has another shape: {values[name].shape} in Keras's layout")
    for name, (variable, _) in wanted.items():
        variable.assign(values[name])


def save_weights(model: keras.Model, path: str) -> None:
    """Write the weights of a model under canonical names and in canonical layouts."""
    values = {}
    for name, variable, axes in named_weights(model):
        value = variable.numpy()
        value = value if axes is None else value.transpose(np.argsort(axes))
        values[name] = np.ascontiguousarray(value)
    save_file(values, path)
'''
