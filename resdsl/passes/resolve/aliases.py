"""Names for blocks, models and recipes with arguments given: `block wide = unit(base = 128)`.

They may stand in any order, so each is settled when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from resdsl import ir
from resdsl.diagnostics import Bag, CompileError, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean
from resdsl.expressions.nodes import Apply, Argument, Constant, Expr, Name
from resdsl.passes.resolve.arguments import BROKEN, known_target
from resdsl.passes.resolve.expressions import apply_known
from resdsl.passes.resolve.file_names import FileNames
from resdsl.passes.stack import within_the_stack
from resdsl.records import dataclass, field
from resdsl.syntax import ast


@dataclass(slots=True)
class Aliases:
    """Settles the aliases of a file. `settle` resolves an expression at file level."""

    names: FileNames
    #: Models and recipes that are no aliases.
    models: dict[str, ir.Block]
    recipes: dict[str, ir.RecipeDefinition]
    settle: Callable[[Expr], Expr]
    bag: Bag
    #: The library's recipes, which need not be imported.
    library_recipes: Callable[[Span], dict[str, ir.ModelEntry]]
    definitions: dict[str, ast.Definition] = field(default_factory=dict)
    #: Models and recipes that are aliases, once they are settled.
    settled_models: dict[str, Expr] = field(default_factory=dict)
    settled_recipes: dict[str, Expr] = field(default_factory=dict)
    under_way: list[str] = field(default_factory=list)

    def block(self, name: str) -> Expr | None:
        """The block value that an alias stands for, or `None` where it is not one."""
        for link in self._chain(name, "block", self.names.aliases):
            # Set only now: in a cycle, the name is settled by the error about it.
            value = self._guarded(self.definitions[link], self._block_value)
            self.names.aliases.setdefault(link, value)
        return self.names.aliases.get(name)

    def model(self, name: str) -> Expr:
        """The model that a name stands for, with the arguments it has."""
        if name in self.models:
            return _itself(self.models[name])
        return self._settled(name, "model", self.settled_models, self._model_value)

    def recipe(self, name: str) -> Expr:
        """The recipe that a name stands for, with the arguments it has."""
        if name in self.recipes:
            return _itself(self.recipes[name])
        return self._settled(name, "recipe", self.settled_recipes, self._recipe_value)

    def _settled(
        self,
        name: str,
        keyword: str,
        settled: dict[str, Expr],
        value_of: Callable[[ast.Definition], Expr],
    ) -> Expr:
        for link in self._chain(name, keyword, settled):
            value = self._guarded(self.definitions[link], value_of)
            settled.setdefault(link, value)
        # A name that is also something else has been reported.
        return settled.get(name, BROKEN)

    def _chain(self, name: str, keyword: str, settled: dict[str, Expr]) -> list[str]:
        """The aliases that `name` leads to and that are not settled yet, the last first.

        However long the chain is, settling them in this order nests nothing.
        """
        chain: dict[str, None] = {}
        while name not in settled:
            if name in chain:
                links = list(chain)
                self._report_cycle(links[links.index(name) :], settled)
                return links[: links.index(name)][::-1]
            definition = self.definitions.get(name)
            if definition is None or definition.keyword != keyword:
                break
            chain[name] = None
            callee = _call(definition).callee
            name = callee.id if isinstance(callee, Name) else ""
        return list(reversed(chain))

    def _report_cycle(self, links: list[str], settled: dict[str, Expr]) -> None:
        """One error for a cycle, at the first of its names that was asked for."""
        if not set(links) & set(self.under_way):
            self.bag.add(_cycle(links, self.definitions[links[0]]))
        settled.update(dict.fromkeys(links, BROKEN))

    def _guarded(
        self, definition: ast.Definition, value_of: Callable[[ast.Definition], Expr]
    ) -> Expr:
        name = definition.name
        try:
            if name in self.under_way:
                raise _cycle(self.under_way, definition)
            self.under_way.append(name)
            try:
                with within_the_stack(lambda: definition.name_span):
                    return _flat(value_of(definition))
            finally:
                self.under_way.pop()
        except CompileError as failure:
            self.bag.add(failure)
            return BROKEN

    def _block_value(self, definition: ast.Definition) -> Expr:
        return self.settle(_call(definition))

    def _model_value(self, definition: ast.Definition) -> Expr:
        call = _call(definition)
        target = call.callee
        if not isinstance(target, Name):
            raise error("R0211", "a model is made of another model", target.span)
        home = self.names.model(target.id, target.span)
        if home is None:
            raise self._no_model(target)
        own = home is self.names
        return self._given(self.model(target.id) if own else home.entries[target.id].value, call)

    def _recipe_value(self, definition: ast.Definition) -> Expr:
        call = _call(definition)
        target = call.callee
        if not isinstance(target, Name):
            raise error("R0828", "a recipe is made of another recipe", target.span)
        home = self.names.recipe(target.id, target.span)
        if home is self.names:
            return self._given(self.recipe(target.id), call)
        known = self.library_recipes(definition.name_span) if home is None else home.recipe_entries
        entry = known.get(target.id)
        if entry is None:
            raise self._no_recipe(target, known)
        return self._given(entry.value, call)

    def _given(self, base: Expr, call: Apply) -> Expr:
        arguments = tuple(Argument(a.name, self.settle(a.value), a.span) for a in call.arguments)
        return BROKEN if base is BROKEN else apply_known(base, arguments, call.span)

    def _no_recipe(self, target: Name, library: Iterable[str]) -> CompileError:
        known = [*self.names.all_recipes(), *library]
        return error(
            "R0828",
            f"there is no recipe called `{clipped(target.id)}`",
            target.span,
            help=did_you_mean(target.id, known),
        )

    def _no_model(self, target: Name) -> CompileError:
        if self.names.callee(target.id, target.span) is not None:
            return error(
                "R0211",
                f"`{target.id}` is a block, and a model is made of a model",
                target.span,
                help=f"write `block` for `model`, or a model whose body calls `{target.id}`",
            )
        return error(
            "R0211",
            f"there is no model called `{clipped(target.id)}`",
            target.span,
            help=did_you_mean(target.id, self.names.all_models()),
        )


def _itself(own: ir.Block) -> Expr:
    return Apply(Constant(own, own.span), (), own.span)


def _call(definition: ast.Definition) -> Apply:
    assert isinstance(definition.value, Apply)
    return definition.value


def _cycle(under_way: list[str], definition: ast.Definition) -> CompileError:
    chain = [*under_way[under_way.index(definition.name) :], definition.name]
    shown = chain if len(chain) <= 8 else [*chain[:4], "...", *chain[-3:]]
    return error(
        "R0220",
        f"`{definition.name}` is defined by itself",
        definition.name_span,
        notes=["it goes " + " -> ".join(shown)] if len(chain) > 2 else (),
    )


def _flat(value: Expr) -> Expr:
    """A block value with all its arguments by name: a long chain of aliases nests no deeper."""
    known = known_target(value)
    if known is None or value.span is None:
        return value
    target, given = known
    arguments = tuple(Argument(name, e, e.span) for name, e in given.items())
    return Apply(Constant(target, value.span), arguments, value.span)
