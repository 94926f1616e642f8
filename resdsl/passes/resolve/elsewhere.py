"""What other libraries call things: names of PyTorch, Keras, Flax and timm, and ours for them.

For the help of messages about names that mean nothing here. Only what a version has is recommended,
and spelling alone (`BatchNorm2d`, `batchnorm`) needs no entry.
"""

from __future__ import annotations

import re

from resdsl.ops import INITIALIZERS, OPS, Op, attributes_of

_OPERATIONS = {
    "dense": "linear",
    "fc": "linear",
    "fullyconnected": "linear",
    "affine": "linear",
    "convolution": "conv",
    "convtranspose": "conv_transpose",
    "deconv": "conv_transpose",
    "deconvolution": "conv_transpose",
    "depthwiseconv": "depthwise",
    "dwconv": "depthwise",
    "bn": "batch_norm",
    "batchnormalization": "batch_norm",
    "layernormalization": "layer_norm",
    "groupnormalization": "group_norm",
    "localresponsenorm": "lrn",
    "maxpooling": "max_pool",
    "averagepooling": "avg_pool",
    "averagepool": "avg_pool",
    "gap": "global_avg_pool",
    "globalaveragepooling": "global_avg_pool",
    "globalmaxpooling": "global_max_pool",
    "swish": "silu",
    "hardtanh": "relu6",
    "stochasticdepth": "drop_path",
    "zeropad": "pad",
    "zeropadding": "pad",
    "upsampling": "upsample",
    "interpolate": "upsample",
    "layerscale": "scale",
    "multiheadattention": "attend",
    "cat": "concat",
    "concatenate": "concat",
    "stack": "concat",
    "multiply": "mul",
    "subtract": "sub",
    "plus": "add",
    "sum": "add",
    "noop": "identity",
}
# A call of it, where arguments go otherwise than elsewhere.
_CALLS = {
    "conv": "`conv(64, 3)`: output channels and kernel; the input's channels are known",
    "depthwise": "`depthwise(3)`: the kernel alone; the channels are known",
    "conv_transpose": "`conv_transpose(64, 2, stride = 2)`: output channels and kernel",
    "linear": "`linear(10)`: output features; the input's are known",
    "batch_norm": "`batch_norm`, without the number of channels, which is known",
    "layer_norm": "`layer_norm`, without the shape, which is known",
    "adaptive_avg_pool": "`adaptive_avg_pool(7)`; to one position, `global_avg_pool`",
}
_NO_OPERATIONS = {
    "sequential": "layers follow each other: `features: { conv(64, 3); relu }`",
    "modulelist": "layers that differ only in numbers are a `for`, or a `stage`",
    "module": "a `block` is what is called a module there",
    "inputlayer": "the input of a model is `input(3, 224, 224)`: channels first, without the batch",
    "activation": "an activation is an operation of its own: `relu`",
    "pass": "a body that does nothing is `{ identity }`",
    "print": "`resdsl summary` shows a network layer by layer",
    "forward": "a body's statements are its forward pass",
}

_ARGUMENTS = {
    "kernelsize": "kernel",
    "poolsize": "kernel",
    "ksize": "kernel",
    "windowshape": "kernel",
    "size": "kernel",
    "strides": "stride",
    "padding": "pad",
    "filters": "out",
    "outchannels": "out",
    "outplanes": "out",
    "outfeatures": "out",
    "outputsize": "size",
    "features": "out",
    "units": "out",
    "channels": "out",
    "width": "out",
    "dilations": "dilation",
    "dilationrate": "dilation",
    "featuregroupcount": "groups",
    "usebias": "bias",
    "epsilon": "eps",
    "negativeslope": "slope",
    "alpha": "slope",
    "p": "rate",
    "prob": "rate",
    "dropprob": "rate",
    "ceilmode": "ceil",
    "countincludepad": "count_pad",
    "kernelinitializer": "init",
    "kernelinit": "init",
    "weightinit": "init",
    "gammainitializer": "init",
    "biasinitializer": "bias_init",
    "biasinit": "bias_init",
    "betainitializer": "bias_init",
    "keepdims": "keep",
}
_NEEDLESS = {
    **dict.fromkeys(
        ("inchannels", "infeatures", "inplanes", "numfeatures", "inputshape", "inputdim"),
        "leave it out: the channels of the input are known",
    ),
    **dict.fromkeys(
        ("inplace", "dataformat", "device", "dtype", "paddingmode", "axis", "dim", "rngs"),
        "leave it out: it is the business of the generated code",
    ),
    "activation": "an activation is a statement of its own: `{call}; relu`",
    "name": "a label names a layer: `name: {call}`",
    "trackrunningstats": "leave it out: running statistics are always kept",
    "center": "`affine = false` leaves out both the scale and the shift",
}

_VALUES = {
    "null": "none",
    "nil": "none",
    "yes": "true",
    "no": "false",
    "on": "true",
    "off": "false",
}


def operation_meant(name: str) -> str | None:
    """Help for a call of something that another library has."""
    plain = _plain(name)
    if plain in _NO_OPERATIONS:
        return _NO_OPERATIONS[plain]
    own = {_plain(operation): operation for operation in OPS}
    meant = own.get(plain) or _OPERATIONS.get(plain)
    if meant not in OPS:
        return None
    is_slip = plain == name.replace("_", "")  # Of our own word.
    more = f" It is {_CALLS[meant]}" if meant in _CALLS and not is_slip else ""
    return f"did you mean `{meant}`?{more}"


def argument_meant(kind: type[Op], name: str) -> str | None:
    """Help for an argument that another library's form of the operation has."""
    plain = _plain(name)
    meant = _ARGUMENTS.get(plain)
    if meant in attributes_of(kind):
        if meant == "pad":
            return 'did you mean `pad`? It is `"same"`, `"valid"` or a number'
        return f"did you mean `{meant}`?"
    needless = _NEEDLESS.get(plain)
    return needless.format(call=f"{kind.name}(…)") if needless is not None else None


def value_meant(name: str) -> str | None:
    """Help for a value that is spelled otherwise elsewhere."""
    meant = _VALUES.get(name.lower())
    if meant is None and name.lower() in ("true", "false", "none"):
        meant = name.lower()
    if meant is not None:
        return f"write `{meant}`"
    plain = _plain(name)
    own = {_plain(initializer): initializer for initializer in INITIALIZERS}
    return f"did you mean `{own[plain]}`?" if plain in own else None


def _plain(name: str) -> str:
    """The last part of a dotted name, in lower case, without `_` and the rank at its end."""
    last = name.rpartition(".")[2].replace("_", "").lower()
    return re.sub(r"(?<=[a-z])[123]d(?=transpose$|$)", "", last)
