"""From `net.res:model` to a network: the way in that the command line, the API and parity share.

The last of the passes: it reads a file, picks one of its models, gives values to parameters, and
checks what the file expects of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from resdsl import ir
from resdsl.diagnostics import CompileError, Source, Span, error
from resdsl.diagnostics.near import did_you_mean, listed
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.nodes import Expr
from resdsl.expressions.run_time import AnySize
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate import check_expectations, elaborate
from resdsl.passes.elaborate.boundary import InputShape, Shape
from resdsl.passes.elaborate.entry import is_complete
from resdsl.passes.elaborate.scope import FileScope
from resdsl.passes.resolve import resolve
from resdsl.passes.resolve.expressions import resolve_expression
from resdsl.passes.resolve.lexical import Lexical
from resdsl.records import dataclass, field
from resdsl.syntax import parse, parse_expression, read_source

#: Models listed in a message; a file may have thousands.
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Target:
    """A file and, where it has several, the model wanted of it."""

    path: str
    model: str | None = None
    #: Where the model's name stands in what was asked for.
    span: Span | None = field(default=None, compare=False)


def split_target(text: str) -> Target:
    """`net.res:model` taken apart; a file that exists under the whole name is that file."""
    path, colon, model = text.rpartition(":")
    if not colon or not path or Path(text).exists() or "/" in model or os.sep in model:
        return Target(text)
    source = Source("<target>", text)
    return Target(path, model, Span(source, len(path) + 1, len(text)))


def load_program(path: str, import_root: str | None = None) -> ir.Program:
    """The definitions of a file. Raises `CompileError` with every independent mistake in it.

    Imports stay inside the folder `import_root`, by default the project that the file is in.
    """
    return resolve(parse(read_source(path)), import_root)


def complete_models(program: ir.Program) -> list[str]:
    """The models that can be built without further arguments, in the order of the file."""
    return complete(program, program.models)


def complete(program: ir.Program, entries: Mapping[str, ir.ModelEntry]) -> list[str]:
    """The models or recipes among `entries` that need no further arguments."""
    return [name for name, entry in entries.items() if _is_buildable(program, entry)]


def _is_buildable(program: ir.Program, entry: ir.ModelEntry) -> bool:
    try:
        return is_complete(program, entry)
    except CompileError:
        # Wrong in itself: building it will say how.
        return True


def pick_model(program: ir.Program, target: Target) -> str:
    """The model that is asked for, or the only one there is."""
    if target.model is not None:
        if target.model not in program.models:
            raise _unknown_model(program, target)
        return target.model
    if not program.models:
        raise error(
            "R0706",
            f"`{target.path}` defines no model",
            help="`model net { … }` is one; an imported one is picked under a name that this file "
            "gives it, `model net = resnet50`"
            if program.names.imports
            else "`model net { … }` is one",
        )
    models = complete_models(program) or list(program.models)
    if len(models) > 1:
        raise error(
            "R0706",
            f"`{target.path}` has {len(models)} models: pick one",
            notes=[f"there are {listed(models, SHOWN)}"],
            help=f"`{target.path}:{models[0]}`",
        )
    return models[0]


def _unknown_model(program: ir.Program, target: Target) -> CompileError:
    name, models = str(target.model), list(program.models)
    help = did_you_mean(name, models) or (f"it has {listed(models, SHOWN)}" if models else None)
    message = f"`{target.path}` has no model called `{name}`"
    return error("R0211", message, target.span, help=help)


def definition_of(program: ir.Program, model: str) -> ir.Block:
    """The definition behind a model's name."""
    return value_of(program, program.models[model])[0]


def value_of(program: ir.Program, entry: ir.ModelEntry) -> tuple[ir.Block, dict[str, Any]]:
    """The definition behind the name of a model or recipe, and the arguments that it is given."""
    value: ir.BlockValue = evaluate(entry.value, FileScope(program))
    assert isinstance(value.target, ir.Block)
    return value.target, dict(value.arguments)


def setting(program: ir.Program, name: str, text: str) -> Expr:
    """A parameter's value written in the language, as if it stood in the file."""
    expression = parse_expression(Source(f"<{name}>", text))
    return resolve_expression(expression, Lexical(program.names), program.defaults)


def settings_of(program: ir.Program, texts: Iterable[str]) -> dict[str, Expr]:
    """`["classes=10", "unit=basic"]` as values by name. Raises for each that is none."""
    found: dict[str, Expr] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier() or not value.strip():
            raise error("R0707", f"`{text}` sets nothing", help="write `--set classes=10`")
        if name in found:
            raise error("R0707", f"`{name}` is set twice")
        found[name] = setting(program, name, value.strip())
    return found


def parse_shapes(text: str) -> InputShape:
    """`3x64x64` as a shape, `left=3x64x64,right=3x32x32` as shapes by name."""
    if "=" not in text:
        return parse_shape(text)
    found: dict[str, Shape] = {}
    for part in text.split(","):
        name, equals, shape = map(str.strip, part.partition("="))
        if not equals or not name or name in found:
            raise error(
                "R0708",
                f"`{text}` does not say the shapes of several inputs",
                help="each once, as in `--input left=3x64x64 --input right=3x64x64`",
            )
        found[name] = parse_shape(shape)
    return found


def parse_shape(text: str) -> Shape:
    """`3x64x64` or `3xanyxany(32)` as a shape: channels first, without the batch."""
    sizes = [_parsed_size(s) for s in text.lower().replace("×", "x").split("x")]
    shape = tuple(s for s in sizes if s is not None)
    if len(shape) != len(sizes):
        raise error(
            "R0708",
            f"`{text}` is not a shape",
            help="channels first, without the batch, each 1 or more: `3x64x64`",
        )
    return shape


def _parsed_size(text: str) -> int | AnySize | None:
    if text == "any":
        return AnySize()
    number = text.removeprefix("any(").removesuffix(")")
    if not number.isascii() or not number.isdigit() or len(number) > 9 or int(number) < 1:
        return None
    if text == number:
        return int(number)
    return AnySize(int(number)) if text == f"any({number})" else None


def elaborate_with(
    program: ir.Program,
    model: str,
    overrides: Mapping[str, Expr] | None = None,
    input_shape: InputShape | None = None,
) -> Graph:
    """A model with parameters and input replaced, checked against what the file expects of it.

    Expectations at file level are about the model as it stands there: one that was changed need
    not meet them.
    """
    graph = elaborate(program, model, overrides, input_shape)
    if not _is_changed(program, graph, bool(overrides) or input_shape is not None):
        check_expectations(
            program, lambda name: graph if name == model else elaborate(program, name), model
        )
    return graph


def _is_changed(program: ir.Program, graph: Graph, asked: bool) -> bool:
    if not asked:
        return False
    try:
        plain = elaborate(program, graph.name)
    except CompileError:
        return True
    return (plain.arguments, plain.input_types) != (graph.arguments, graph.input_types)


def load_graph(
    target: str,
    settings: Iterable[str] = (),
    input: str | None = None,
    import_root: str | None = None,
) -> Graph:
    """The network that a command line asks for."""
    wanted = split_target(target)
    shape = None if input is None else parse_shapes(input)
    program = load_program(wanted.path, import_root)
    model = pick_model(program, wanted)
    return elaborate_with(program, model, settings_of(program, settings), shape)
