"""Which recipe is meant, and the way from its name to a `Recipe`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from resdsl import ir, library
from resdsl.diagnostics import CompileError, Source, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean, listed
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.nodes import Apply, Name
from resdsl.passes.elaborate.calls import complete_arguments
from resdsl.passes.elaborate.scope import FileScope
from resdsl.passes.load import SHOWN, complete, load_program, split_target
from resdsl.passes.recipes.build import assemble, fill
from resdsl.passes.recipes.settings import Setting, apply_settings, parse_settings
from resdsl.passes.resolve import resolve
from resdsl.passes.resolve.expressions import resolve_expression
from resdsl.passes.resolve.files import LIBRARY
from resdsl.passes.resolve.lexical import Lexical
from resdsl.passes.stack import within_the_stack
from resdsl.recipes.recipe import Recipe
from resdsl.records import dataclass, field, replace
from resdsl.syntax import parse, parse_expression, read_source

#: The library's recipe for files that have none.
DEFAULT = "digits"
_FILE = re.compile(r'([^("]+?\.res)(?::(.*))?', re.DOTALL)


@dataclass(slots=True)
class _Asked:
    """A recipe by its name, with arguments that are evaluated in the file that asks for it."""

    program: ir.Program
    entry: ir.ModelEntry
    positional: list[Any] = field(default_factory=list)
    keywords: dict[str, Any] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    span: Span | None = None


def recipe_names(program: ir.Program) -> list[str]:
    """The recipes that a file defines, in its order."""
    return list(program.recipes)


def complete_recipes(program: ir.Program) -> list[str]:
    """The recipes of a file that need no further arguments."""
    return complete(program, program.recipes)


def load_recipe(
    target: ir.Program | str,
    name: str | None = None,
    settings: Iterable[str] = (),
    import_root: str | None = None,
) -> Recipe:
    """The recipe `name` for a resolved file or `net.res[:model]`, changed by settings.

    `name` may have arguments, `imagenet(lr = 0.05)`, and a file of its own before a colon. Without
    one it is the only recipe of the file, or the library's `digits`. Raises `CompileError`.
    """
    program = target
    if not isinstance(program, ir.Program):
        program = load_program(split_target(str(target)).path, import_root)
    changes = parse_settings(settings)
    own = _FILE.fullmatch(name.strip()) if name is not None else None
    if own is not None:
        program = load_program(own[1], import_root)
        name = own[2]
        if name is None and not program.recipes:
            raise error("R0829", f"`{own[1]}` defines no recipe")
    asked = _only(program) if name is None else _named(program, name.strip())
    with within_the_stack(lambda: asked.entry.span):
        return _loaded(asked, changes, program)


def _loaded(asked: _Asked, changes: Iterable[Setting], program: ir.Program) -> Recipe:
    entry, file = asked.entry, FileScope(asked.program)
    value = evaluate(entry.value, file)
    definition = value.target
    assert isinstance(definition, ir.RecipeDefinition)
    span = asked.span or entry.span
    given = value.bind(asked.positional, asked.keywords, span, asked.spans)
    try:
        arguments = complete_arguments(definition, given, file, span, asked.spans)
        slots = fill(definition, arguments, file)
        apply_settings(entry.name, slots, changes, program)
        return assemble(entry.name, slots)
    except CompileError as failure:
        if entry.span == definition.span:
            raise
        note = f"in the recipe `{entry.name}` at {entry.span}"
        found = [replace(d, notes=(*d.notes, note)) for d in failure.diagnostics]
        raise CompileError(found) from None


def _only(program: ir.Program) -> _Asked:
    if not program.recipes:
        return _Asked(_library(), _library().recipes[DEFAULT])
    names = complete_recipes(program) or recipe_names(program)
    if len(names) > 1:
        raise error(
            "R0829",
            f"`{program.source.name}` has {len(names)} recipes: pick one",
            notes=[f"there are {listed(names, SHOWN)}"],
            help=f"`--recipe {names[0]}`",
        )
    return _Asked(program, program.recipes[names[0]])


def _named(program: ir.Program, text: str) -> _Asked:
    """The recipe that a text names or calls, as if the text stood in the file."""
    expression = parse_expression(Source("<recipe>", text))
    called = expression.callee if isinstance(expression, Apply) else expression
    if not isinstance(called, Name):
        raise error(
            "R0828",
            "this names no recipe",
            called.span,
            help="a name, or a call of it: `imagenet(lr = 0.05)`",
        )
    asked = _found(program, called)
    if isinstance(expression, Apply):
        with within_the_stack(lambda: expression.span):
            _evaluate_arguments(asked, expression, program)
    return asked


def _evaluate_arguments(asked: _Asked, call: Apply, program: ir.Program) -> None:
    scope = Lexical(program.names)
    file = FileScope(program)
    asked.span = call.span
    for argument in call.arguments:
        settled = resolve_expression(argument.value, scope, program.defaults)
        value = evaluate(settled, file)
        if argument.name is None:
            asked.positional.append(value)
        else:
            asked.keywords[argument.name] = value
            if argument.span is not None:
                asked.spans[argument.name] = argument.span


def _found(program: ir.Program, called: Name) -> _Asked:
    name = called.id
    home = program.names.recipe(name, called.span)
    entry = None if home is None else home.recipe_entries.get(name)
    if entry is not None:
        return _Asked(program, entry)
    if name in _library().recipes:
        return _Asked(_library(), _library().recipes[name])
    known = list(dict.fromkeys([*program.names.all_recipes(), *_library().recipes]))
    raise error(
        "R0828",
        f"there is no recipe called `{clipped(name)}`",
        called.span,
        help=did_you_mean(name, known) or f"there are {listed(known, SHOWN)}",
    )


@cache
def _library() -> ir.Program:
    path = Path(library.__path__[0]) / "std" / f"{LIBRARY.partition('.')[2]}.res"
    return resolve(parse(read_source(str(path), f"<{LIBRARY}>")))
