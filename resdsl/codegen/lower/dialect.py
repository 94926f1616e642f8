"""What lowering must know of a target: which names are taken, and where channels are lazy."""

from __future__ import annotations

import keyword
from dataclasses import dataclass


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
        taken = keyword.iskeyword(label) or label in self.members or label.startswith("_")
        return f"{label}_" if taken else label


#: Locals that every generated constructor and `forward` uses.
LOCALS = frozenset({"self", "x", "y", "channels", "layer", "in_channels", "out_channels"})


def pascal(name: str) -> str:
    """`dense_layer` as a class name: `DenseLayer`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_") if part) or "Block"
