"""What lowering must know of a target: which names are taken, and where channels are lazy."""

from __future__ import annotations

import keyword

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """`members` are attributes of the framework's base classes that a layer may not shadow;
    `names` are module-level names of generated files. With `lazy_channels`, layers find out the
    channels of their input by themselves."""

    members: frozenset[str]
    names: frozenset[str]
    lazy_channels: bool = False

    def attribute(self, label: str) -> str:
        """The attribute for a label: itself, or with `_` where it is taken. Labels never end in
        `_`, so the label can be read back."""
        return f"{label}_" if label in _OWN else self.value(label)

    def value(self, name: str) -> str:
        """The attribute for a number of the constructor that `forward` needs."""
        taken = keyword.iskeyword(name) or name in self.members or name.startswith("_")
        return f"{name}_" if taken else name


#: Attributes that generated classes make themselves.
_OWN = frozenset({"in_channels", "out_channels"})

#: The function of a probed file that is handed results.
PROBE = "probe"

#: Locals that every generated constructor uses; a function in a sequence is one of `x`.
LOCALS = frozenset({"self", "x", "layer", "in_channels", "in_size", "out_channels"})
#: Locals that every generated `forward` uses.
FORWARD_LOCALS = frozenset({"self", "x", "y"})

#: Functions of Python that generated code calls.
BUILTINS = frozenset(
    [
        "abs",
        "bool",
        "dict",
        "enumerate",
        "float",
        "getattr",
        "int",
        "isinstance",
        "len",
        "list",
        "max",
        "min",
        "range",
        "reversed",
        "round",
        "setattr",
        "sorted",
        "str",
        "sum",
        "super",
        "tuple",
        "zip",
        "ValueError",
    ]
)


def pascal(name: str) -> str:
    """`dense_layer` as a class name: `DenseLayer`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_") if part) or "Block"
