"""The names of a file: its definitions, those that its imports bring, and behind them the prelude
and the operations of the language.

Also what is said about a name that none of them is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from resdsl import ir
from resdsl.diagnostics import CompileError, Label, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean
from resdsl.expressions.functions import FUNCTIONS
from resdsl.expressions.nodes import Constant, Expr, Name
from resdsl.expressions.run_time import AnySize
from resdsl.ops import INITIALIZERS, OPS, WrongInitializer, make_initializer
from resdsl.passes.resolve.elsewhere import operation_meant, value_meant
from resdsl.records import dataclass, field


@dataclass(frozen=True, slots=True)
class InitializerFunction:
    """The name of an initializer as something that can be called."""

    name: str

    def in_words(self) -> str:
        return f"the initializer `{self.name}`"

    def apply(
        self,
        positional: list[object],
        keywords: dict[str, object],
        scope: object,
        span: Span | None,
    ) -> object:
        """The initializer."""
        try:
            return make_initializer(self.name, positional, keywords)
        except WrongInitializer as problem:
            raise error("R0401", str(problem), span) from None


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """A file that an import brings: its names, and where the `import` stands."""

    names: FileNames
    span: Span


@dataclass(slots=True)
class FileNames:
    """The definitions that a file's text can name.

    A constant is called `name@number` in resolved expressions, by the number of its file: no
    parameter or label can be taken for it, in whatever file the expression comes to stand.
    """

    number: int = 0
    #: Every name that this file defines, and where.
    places: dict[str, Span] = field(default_factory=dict)
    imports: list[Brought] = field(default_factory=list)
    constants: dict[str, Expr] = field(default_factory=dict)
    functions: dict[str, ir.UserFunction] = field(default_factory=dict)
    blocks: dict[str, ir.Block] = field(default_factory=dict)
    #: Blocks with arguments given, under names of their own; settled when first asked for.
    aliases: dict[str, Expr] = field(default_factory=dict)
    models: dict[str, Span] = field(default_factory=dict)
    recipes: dict[str, Span] = field(default_factory=dict)
    #: The models and recipes as they can be built, once they are settled.
    entries: dict[str, ir.ModelEntry] = field(default_factory=dict)
    recipe_entries: dict[str, ir.ModelEntry] = field(default_factory=dict)
    prelude: dict[str, ir.Block] = field(default_factory=dict)
    #: Settles an alias that is not in `aliases` yet.
    settle_alias: Callable[[str], Expr | None] = lambda name: None

    def home(self, name: str, span: Span | None) -> FileNames | None:
        """The names of the file that defines `name`: this one, or the one import that brings it.

        Raises where several imports bring it.
        """
        if name in self.places:
            return self
        found = {id(b.names): b for b in self.imports if name in b.names.places}
        if len(found) > 1:
            raise _brought_twice(name, span, list(found.values()))
        return next((b.names for b in found.values()), None)

    def constant(self, name: str, span: Span | None) -> Name | None:
        """The constant of that name, as resolved expressions call it."""
        home = self.home(name, span)
        return None if home is None else home.own_constant(name, span)

    def own_constant(self, name: str, span: Span | None) -> Name | None:
        """The constant of that name that this file defines."""
        return Name(f"{name}@{self.number}", span) if name in self.constants else None

    def model(self, name: str, span: Span | None) -> FileNames | None:
        """The names of the file whose model is called so here."""
        home = self.home(name, span)
        return home if home is not None and name in home.models else None

    def recipe(self, name: str, span: Span | None) -> FileNames | None:
        """The names of the file whose recipe is called so here."""
        home = self.home(name, span)
        return home if home is not None and name in home.recipes else None

    def callee(self, name: str, span: Span | None) -> Expr | None:
        """What `name` calls: an author's block, the prelude's, or an operation."""
        home = self.home(name, span)
        if home is not None:
            found = home.own_callee(name, span)
            if found is not None or name in home.functions:
                return found
        if name in self.prelude:
            return Constant(self.prelude[name], span)
        if name in OPS:
            return Constant(ir.Operation(OPS[name]), span)
        return None

    def own_callee(self, name: str, span: Span | None) -> Expr | None:
        """The block of that name that this file defines."""
        alias = self.aliases.get(name) or self.settle_alias(name)
        if alias is not None or name not in self.blocks:
            return alias
        return Constant(self.blocks[name], span)

    def function(self, name: str, span: Span | None) -> Expr | None:
        """What `name` means where a function or initializer is wanted."""
        home = self.home(name, span)
        if home is not None and name in home.functions:
            return Constant(home.functions[name], span)
        if home is not None and (name in home.blocks or name in home.aliases):
            return None
        if name in FUNCTIONS:
            return Constant(FUNCTIONS[name], span)
        if name in INITIALIZERS:
            return Constant(InitializerFunction(name), span)
        if name == "any":
            return Constant(AnySize(), span)
        return None

    def callables(self) -> Iterator[str]:
        """All names that a step can call, for near misses."""
        yield from OPS
        yield from ("input", "output", "again")
        yield from self.prelude
        for names in self._in_reach():
            yield from names.blocks
            yield from names.aliases

    def values(self) -> Iterator[str]:
        """All names that an expression can use, for near misses."""
        for names in self._in_reach():
            yield from names.constants
            yield from names.functions
        yield from FUNCTIONS
        yield from INITIALIZERS
        yield "any"
        yield from self.callables()

    def all_models(self) -> Iterator[str]:
        """The names of all models in reach, for near misses."""
        for names in self._in_reach():
            yield from names.models

    def all_recipes(self) -> Iterator[str]:
        """The names of all recipes in reach, for near misses."""
        for names in self._in_reach():
            yield from names.recipes

    def _in_reach(self) -> Iterator[FileNames]:
        yield self
        yield from (b.names for b in self.imports)

    # ---- what is said about names that are none ----------------------------------------------

    def unknown_callee(self, name: str, span: Span, near: Iterable[str]) -> CompileError:
        """The error for a step that calls nothing; `near` are names in reach beside the file's."""
        if self.model(name, span) is not None:
            return error(
                "R0227",
                f"`{name}` is a model, and only blocks are called in a body",
                span,
                help="write what they share as a block, and let both models call it",
            )
        if self.recipe(name, span) is not None:
            return error("R0227", f"`{name}` is a recipe, and no step of a network", span)
        home = self.home(name, span)
        if name in FUNCTIONS or (home is not None and name in home.functions):
            return error(
                "R0227",
                f"`{name}` is a function: it gives a value, and does nothing to a tensor",
                span,
            )
        help = operation_meant(name)
        return error(
            "R0205",
            f"there is no operation or block called `{clipped(name)}`",
            span,
            help=help or did_you_mean(name, [*near, *self.callables()]),
        )

    def unknown_value(self, name: str, span: Span | None, near: Iterable[str]) -> CompileError:
        """The error for an expression that names nothing."""
        if self.model(name, span) is not None:
            return error(
                "R0227",
                f"`{name}` is a model, and no value",
                span,
                help=f"`expect {name}.params == …` at the margin reads its facts",
            )
        if self.recipe(name, span) is not None:
            return error("R0227", f"`{name}` is a recipe, and no value", span)
        return error(
            "R0201",
            f"nothing here is called `{clipped(name)}`",
            span,
            help=value_meant(name) or did_you_mean(name, [*near, *self.values()]),
        )


def _brought_twice(name: str, span: Span | None, found: list[Brought]) -> CompileError:
    return error(
        "R0232",
        f"{len(found)} imports bring a `{name}`",
        span,
        secondary=[Label(b.span, f"it is defined at {b.names.places[name]}") for b in found[:4]],
        help="import one of the files, or give this one its own definition: it wins over both"
        if len(found) == 2
        else "import one of the files alone",
    )


def unknown(
    code: str, message: str, name: str, known: Iterable[str], span: Span | None
) -> CompileError:
    """An error about a name that means nothing, with the nearest one that does."""
    return error(code, message, span, help=did_you_mean(name, known))
