"""The user's own blocks in random networks: called with random arguments where they elaborate."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from resdsl import ir
from resdsl.expressions.nodes import ListOf, Literal
from resdsl.fuzzing.arguments import Tensor, is_small
from resdsl.fuzzing.compiling import Workshop
from resdsl.fuzzing.menu import Menu
from resdsl.passes.load import load_program
from resdsl.types import TensorType

#: Calls that are tried before a place is given up.
TRIES = 8
NUMBERS = (1, 2, 2, 3, 4, 4, 6, 8)
FLOATS = (0.0, 0.25, 0.5, 1.0, 2.0)
#: For parameters that are blocks: activations, norms, and nothing.
PASSED = ("relu", "silu", "identity", "batch_norm", "projection", "none")


class Guests:
    """The blocks of some files, and which calls of them fit."""

    def __init__(self, files: Sequence[Path], workshop: Workshop) -> None:
        self._workshop = workshop
        self._imports = [_import_line(path, workshop.folder) for path in files]
        self._blocks: dict[str, ir.Block] = {}
        for path in files:
            names = load_program(str(path), workshop.root).names
            self._blocks |= names.blocks
        self._known: dict[tuple[str, TensorType], TensorType | None] = {}

    @property
    def names(self) -> list[str]:
        """The blocks that may be called."""
        return list(self._blocks)

    def imports(self) -> list[str]:
        """The lines that bring them in."""
        return list(self._imports)

    def call(
        self, x: TensorType, tensors: list[Tensor], menu: Menu
    ) -> tuple[str, TensorType] | None:
        """A call that fits a tensor of type `x`, and what it leaves."""
        if not self._blocks or not x.is_known:
            return None
        for _ in range(TRIES):
            block = self._blocks[menu.pick.choice(self.names)]
            arguments = _arguments(block, x, menu)
            if arguments is None:
                continue
            call = f"{block.name}({', '.join(arguments)})" if arguments else block.name
            result = self._result(call, x)
            if result is not None and is_small(result):
                return call, result
        return None

    def _result(self, call: str, x: TensorType) -> TensorType | None:
        if (call, x) not in self._known:
            shape = ", ".join(map(str, x.shape))
            text = "\n".join([*self._imports, f"model net {{ input({shape}); it: {call} }}\n"])
            self._known[call, x] = self._workshop.probe(text)
        return self._known[call, x]


def _import_line(path: Path, folder: Path) -> str:
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(folder))
    return f'import "{Path(relative).as_posix()}"\n'


def _arguments(block: ir.Block, x: TensorType, menu: Menu) -> list[str] | None:
    """Arguments by name; `None` where a parameter must be given and nothing is known to give."""
    given = []
    for parameter in block.parameters:
        if parameter.default is not None and menu.pick.random() > menu.given:
            continue
        value = _value(parameter, x, menu)
        if value is not None:
            given.append(f"{parameter.name} = {value}")
        elif parameter.default is None:
            return None
    return given


def _value(parameter: ir.Parameter, x: TensorType, menu: Menu) -> str | None:
    """A value for a parameter, by its type or by that of its default."""
    default, kind = parameter.default, parameter.type
    if kind is None and isinstance(default, Literal):
        kind = {bool: "bool", int: "int", float: "number"}.get(type(default.value), "text")
    match kind:
        case "int":
            return str(menu.pick.choice([*NUMBERS, x.channels, x.channels]))
        case "number":
            return str(menu.pick.choice(FLOATS if default is not None else NUMBERS))
        case "bool":
            return menu.pick.choice(["true", "false"])
        case "block":
            return menu.pick.choice(PASSED)
        case "list":
            count = len(default.items) if isinstance(default, ListOf) else menu.pick.randint(1, 3)
            return f"[{', '.join(str(menu.pick.choice(NUMBERS)) for _ in range(count))}]"
        case "tensor":
            return "in"
        case "tensors":
            return "[in, in]"
        case None:
            return str(menu.pick.choice(NUMBERS))
    return None
