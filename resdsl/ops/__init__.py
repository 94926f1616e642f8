"""Every operation of the language: importing this package fills `OPS`."""

from resdsl.ops import activation, conv, joins, linear, norm, pooling, shape, stochastic
from resdsl.ops.attributes import Kind, Padding, PerAxis, WrongValue
from resdsl.ops.base import (
    OPS,
    Op,
    OpError,
    UnaryOp,
    Weight,
    attributes_of,
    op,
    required,
)
from resdsl.ops.initializer_calls import (
    INITIALIZERS,
    InitializerParameter,
    InitializerSignature,
    WrongInitializer,
    make_initializer,
)
from resdsl.ops.initializers import Constant, Initializer, Normal, Uniform, VarianceScaling

__all__ = [
    "INITIALIZERS",
    "OPS",
    "Constant",
    "Initializer",
    "InitializerParameter",
    "InitializerSignature",
    "Kind",
    "Normal",
    "Op",
    "OpError",
    "Padding",
    "PerAxis",
    "UnaryOp",
    "Uniform",
    "VarianceScaling",
    "Weight",
    "WrongInitializer",
    "WrongValue",
    "activation",
    "attributes_of",
    "conv",
    "joins",
    "linear",
    "make_initializer",
    "norm",
    "op",
    "pooling",
    "required",
    "shape",
    "stochastic",
]
