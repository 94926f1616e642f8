"""Stand-ins for the frameworks: enough of each for generated constructors to run, and no more.

A layer remembers the shapes of its weights in PyTorch's layout, `None` where its constructor does
not learn a size (Keras finds input channels out when it is called).
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

Shape = tuple[int | None, ...]


class Anything:
    """Stands for whatever else a file mentions: can be called, subscripted, combined, inherited."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *_: Any, **__: Any) -> Anything:
        return self

    def __getattr__(self, name: str) -> Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __getitem__(self, _: Any) -> Anything:
        return self

    def __or__(self, _: Any) -> Anything:
        return self

    __ror__ = __or__

    def __mro_entries__(self, _: Any) -> tuple[type, ...]:
        return (Layer,)


class Layer:
    """A layer or module; children are attributes, in the order they were set."""

    shapes: dict[str, Shape]

    def __init__(self, *_: Any, **__: Any) -> None:
        self.shapes = {}

    def add_module(self, name: str, layer: Layer) -> None:
        setattr(self, name, layer)

    register_parameter = add_module

    def modules(self) -> list[Layer]:
        return []

    def __getattr__(self, name: str) -> Anything:
        if name not in ("weight", "bias"):
            raise AttributeError(name)
        return Anything()

    def __class_getitem__(cls, _: Any) -> type:
        return cls


def each(value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else tuple(value)


def ranked(layer: type[Layer]) -> dict[int, type[Layer]]:
    """A class for each number of spatial dimensions, which knows its own."""
    return {n: type(f"{layer.__name__}{n}", (layer,), {"rank": n}) for n in (1, 2, 3)}


def convolution(
    channels: int | None, out: int, kernel: tuple[int, ...], groups: int, bias: bool
) -> dict[str, Shape]:
    inner = None if channels is None else channels // groups
    weight: dict[str, Shape] = {"weight": (out, inner, *kernel)}
    return weight | ({"bias": (out,)} if bias else {})


def norm(channels: int | None, affine: bool) -> dict[str, Shape]:
    names = ("weight", "bias") if affine else ()
    return dict.fromkeys((*names, "running_mean", "running_var"), (channels,))


class Numbers:
    """An array of which only the shape is known."""

    def __init__(self, *shape: int) -> None:
        self.shape = shape

    def __mul__(self, _: float) -> Numbers:
        return self

    __rmul__ = __add__ = __mul__


def filled(shape: tuple[int, ...], *_: Any) -> Numbers:
    return Numbers(*shape)


def channels_last(shape: int | tuple[int, ...], *_: Any) -> Numbers:
    """Numbers for each entry: the channels come first in canonical layout, and last in Flax's."""
    *positions, channels = (shape,) if isinstance(shape, int) else shape
    return Numbers(channels, *positions)


class Parameter:
    """A weight that a module holds itself, under the attribute's name."""

    def __init__(self, value: Numbers) -> None:
        self.shape = value.shape


def scale_and_shift(channels: int | None, affine: bool) -> dict[str, Shape]:
    return dict.fromkeys(("weight", "bias") if affine else (), (channels,))


class Sequence(Layer):
    """Layers in order, named by their numbers."""

    def __init__(self, *items: Any, **_: Any) -> None:
        super().__init__()
        given = items[0] if len(items) == 1 and isinstance(items[0], list) else items
        self.layers = list(given)

    def append(self, layer: Any) -> None:
        self.layers.append(layer)

    def __getitem__(self, index: int) -> Any:
        return self.layers[index]


class Keyed(Layer):
    """Layers by text."""

    def __init__(self, *_: Any) -> None:
        super().__init__()
        self.layers: dict[str, Any] = {}

    def __setitem__(self, key: str, layer: Any) -> None:
        self.layers[key] = layer


# ---- PyTorch ------------------------------------------------------------


class TorchConv(Layer):
    rank: int

    def __init__(
        self,
        channels: int,
        out: int,
        kernel: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        self.shapes = convolution(channels, out, each(kernel, self.rank), groups, bias)


class TorchTransposed(Layer):
    rank: int

    def __init__(
        self,
        channels: int,
        out: int,
        kernel: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
    ) -> None:
        self.shapes = convolution(out, channels, each(kernel, self.rank), groups, bias=False)
        self.shapes |= {"bias": (out,)} if bias else {}


class TorchLinear(Layer):
    def __init__(self, channels: int, out: int, bias: bool = True) -> None:
        self.shapes = {"weight": (out, channels)} | ({"bias": (out,)} if bias else {})


class TorchNorm(Layer):
    def __init__(self, channels: int, affine: bool = True, **_: Any) -> None:
        self.shapes = norm(channels, affine)


class TorchGroupNorm(Layer):
    def __init__(self, groups: int, channels: int, affine: bool = True, **_: Any) -> None:
        self.shapes = scale_and_shift(channels, affine)


class TorchLayerNorm(Layer):
    def __init__(self, channels: int, elementwise_affine: bool = True, **_: Any) -> None:
        self.shapes = scale_and_shift(channels, elementwise_affine)


# ---- Flax NNX ------------------------------------------------------------


class FlaxConv(Layer):
    def __init__(
        self,
        channels: int,
        out: int,
        kernel: Any,
        feature_group_count: int = 1,
        use_bias: bool = True,
        **_: Any,
    ) -> None:
        self.shapes = convolution(channels, out, each(kernel, 1), feature_group_count, use_bias)


class FlaxTransposed(Layer):
    #: A class of the file sets its own, after this one's constructor.
    groups = 1

    def __init__(
        self, channels: int, out: int, kernel: Any, use_bias: bool = True, **_: Any
    ) -> None:
        self.channels, self.out, self.use_bias = channels, out, use_bias
        self.size, self.param_dtype = each(kernel, 1), None

    @property
    def shapes(self) -> dict[str, Shape]:  # type: ignore[override]
        weight = convolution(self.out, self.channels, self.size, self.groups, bias=False)
        return weight | ({"bias": (self.out,)} if self.use_bias else {})


class FlaxLinear(Layer):
    def __init__(self, channels: int, out: int, use_bias: bool = True, **_: Any) -> None:
        self.shapes = {"weight": (out, channels)} | ({"bias": (out,)} if use_bias else {})


class FlaxNorm(Layer):
    def __init__(self, channels: int, use_scale: bool = True, **_: Any) -> None:
        self.shapes = norm(channels, use_scale)


class FlaxPlainNorm(Layer):
    def __init__(self, channels: int, *_: Any, use_scale: bool = True, **__: Any) -> None:
        self.shapes = scale_and_shift(channels, use_scale)


def flax_initializer(*_: Any) -> Any:
    """Only weights with channels, which Flax has last, are told their type."""
    return lambda key, shape, *dtype: channels_last(shape) if dtype else Numbers(*shape)


# ---- Keras ------------------------------------------------------------


class Unknown:
    """A size that is known when a layer is called."""

    def __add__(self, _: Any) -> Unknown:
        return self

    __radd__ = __sub__ = __mul__ = __rmul__ = __floordiv__ = __pow__ = __add__


class KerasLayer(Layer):
    """Makes its weights when it is built, of sizes that are unknown here."""

    def add_weight(self, shape: tuple[Any, ...], _: Any, name: str) -> Anything:
        sizes = tuple(None if isinstance(size, Unknown) else size for size in shape)
        if name == "kernel":
            name, sizes = "weight", (*sizes[:-3:-1], *sizes[:-2])
        self.shapes = getattr(self, "shapes", {}) | {name: sizes}
        return Anything()

    def built(self) -> None:
        """Call the `build` of a layer that the file defines, with shapes of images."""
        build = type(self).__dict__.get("build")
        if build is not None:
            count = build.__code__.co_argcount - 1
            build(self, *((None, Unknown(), Unknown(), Unknown()),) * count)


class KerasConv(Layer):
    rank: int

    def __init__(
        self,
        out: int,
        kernel: Any,
        strides: Any = 1,
        padding: str = "valid",
        dilation_rate: Any = 1,
        groups: int = 1,
        use_bias: bool = True,
        **_: Any,
    ) -> None:
        self.kernel_size = each(kernel, self.rank)
        self.strides, self.dilation_rate = each(strides, self.rank), each(dilation_rate, self.rank)
        self.padding = padding
        self.shapes = convolution(None, out, self.kernel_size, groups, use_bias)


class KerasFrame(Layer):
    padding = ()


class KerasTransposed(Layer):
    rank: int

    def __init__(self, out: int, kernel: Any, use_bias: bool = True, **_: Any) -> None:
        self.shapes = {"weight": (None, None, *each(kernel, self.rank))}
        self.shapes |= {"bias": (out,)} if use_bias else {}


class KerasDense(Layer):
    def __init__(self, out: int, use_bias: bool = True, **_: Any) -> None:
        self.shapes = {"weight": (out, None)} | ({"bias": (out,)} if use_bias else {})


class KerasNorm(Layer):
    def __init__(self, scale: bool = True, **_: Any) -> None:
        self.shapes = norm(None, scale)


class KerasPlainNorm(Layer):
    def __init__(self, *_: Any, scale: bool = True, **__: Any) -> None:
        self.shapes = scale_and_shift(None, scale)


# ---- modules ------------------------------------------------------------


def module(name: str, **members: Any) -> ModuleType:
    """A module with some members, and `Anything` for the others."""
    made = ModuleType(name)
    made.__dict__.update(members)
    made.__dict__.setdefault("__getattr__", lambda missing: Anything())
    return made


def torch_modules() -> dict[str, ModuleType]:
    nn = module(
        "torch.nn",
        Module=Layer,
        Sequential=Sequence,
        ModuleList=Sequence,
        ParameterList=Sequence,
        ModuleDict=Keyed,
        Linear=TorchLinear,
        **{f"Conv{n}d": layer for n, layer in ranked(TorchConv).items()},
        **{f"ConvTranspose{n}d": layer for n, layer in ranked(TorchTransposed).items()},
        **{f"BatchNorm{n}d": TorchNorm for n in (1, 2, 3)},
        GroupNorm=TorchGroupNorm,
        LayerNorm=TorchLayerNorm,
        Parameter=Parameter,
        **{f"MaxPool{n}d": Layer for n in (1, 2, 3)},
        **dict.fromkeys(("Identity", "Dropout", "ReLU", "Flatten"), Layer),
    )
    functional = module("torch.nn.functional")
    made = dict.fromkeys(("zeros", "ones", "empty"), Numbers)
    return {
        "torch": module("torch", nn=nn, Tensor=Layer, randn=Numbers, full=filled, **made),
        "torch.nn": nn,
        "torch.nn.functional": functional,
    }


def jax_modules() -> dict[str, ModuleType]:
    nnx = module(
        "flax.nnx",
        Module=Layer,
        Sequential=Sequence,
        List=lambda items: Sequence(*items),
        Dict=Keyed,
        Conv=FlaxConv,
        ConvTranspose=FlaxTransposed,
        Linear=FlaxLinear,
        BatchNorm=FlaxNorm,
        Dropout=Layer,
        Rngs=Layer,
        Variable=Layer,
        Param=Parameter,
        GroupNorm=FlaxPlainNorm,
        LayerNorm=FlaxPlainNorm,
        initializers=module("flax.nnx.initializers", normal=flax_initializer),
    )
    made = dict.fromkeys(("zeros", "ones", "full"), channels_last)
    numpy = module("jax.numpy", **made)
    random = module("jax.random", uniform=lambda key, shape, *_, **__: channels_last(shape))
    return {
        "flax": module("flax", nnx=nnx),
        "flax.nnx": nnx,
        "jax": module("jax", numpy=numpy, Array=Layer, random=random),
        "jax.numpy": numpy,
    }


def keras_modules() -> dict[str, ModuleType]:
    layers = module(
        "keras.layers",
        Layer=KerasLayer,
        **{f"Conv{n}D": layer for n, layer in ranked(KerasConv).items()},
        **{f"Conv{n}DTranspose": layer for n, layer in ranked(KerasTransposed).items()},
        **{f"MaxPooling{n}D": Layer for n in (1, 2, 3)},
        **{f"ZeroPadding{n}D": KerasFrame for n in (1, 2, 3)},
        Dense=KerasDense,
        BatchNormalization=KerasNorm,
        GroupNormalization=KerasPlainNorm,
        LayerNormalization=KerasPlainNorm,
        **dict.fromkeys(("Identity", "Dropout", "ReLU"), Layer),
    )
    ops = module("keras.ops")
    keras = module(
        "keras", layers=layers, ops=ops, Model=Layer, Sequential=Sequence, Variable=Layer
    )
    return {"keras": keras, "keras.layers": layers, "keras.ops": ops}


MODULES = {"torch": torch_modules, "jax": jax_modules, "tensorflow": keras_modules}


def named_shapes(model: Any, path: str = "") -> Iterator[tuple[str, Shape | None]]:
    """Canonical names and shapes of everything below a module; `None` where no shape is known."""
    if type(model).__name__ in ("Scale", "Offset", "Token"):
        yield path, None
        return
    if isinstance(model, KerasLayer):
        model.built()
    for name, shape in getattr(model, "shapes", {}).items():
        yield f"{path}.{name}", shape
    if isinstance(model, Sequence | list):
        children = dict(enumerate(model if isinstance(model, list) else model.layers)).items()
    elif isinstance(model, Keyed | dict):
        children = (model if isinstance(model, dict) else model.layers).items()
    elif getattr(model, "shapes", None):
        return
    else:
        children = ((k, v) for k, v in vars(model).items() if k != "shapes")
    for key, child in children:
        name = str(key).rstrip("_")
        name = f"{path}.{name}" if path else name
        if isinstance(child, Parameter):
            yield name, child.shape
        elif isinstance(child, Layer | list | dict):
            yield from named_shapes(child, name)
