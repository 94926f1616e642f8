"""A whole file: its definitions are collected first, since they may stand in any order."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from resdsl import ir, library
from resdsl.diagnostics import Bag, CompileError, Label, Source, Span, error
from resdsl.expressions.functions import FUNCTIONS
from resdsl.expressions.nodes import Apply, Constant, Expr, Literal, Member, Name
from resdsl.ops import INITIALIZERS, OPS
from resdsl.passes.resolve.aliases import Aliases
from resdsl.passes.resolve.arguments import BROKEN
from resdsl.passes.resolve.defaults import Defaults
from resdsl.passes.resolve.definitions import resolve_definition
from resdsl.passes.resolve.expressions import resolve_expression
from resdsl.passes.resolve.file_names import Brought
from resdsl.passes.resolve.imports import Shared
from resdsl.passes.resolve.lexical import FileNames, Lexical, Where, defined_twice
from resdsl.passes.resolve.report import reported
from resdsl.passes.resolve.types import Types
from resdsl.passes.stack import within_the_stack
from resdsl.records import dataclass, field
from resdsl.syntax import ast, parse
from resdsl.syntax.limits import ERRORS

#: The part of the library whose recipes are in reach without an import.
LIBRARY = "std.recipes"


def resolve(tree: ast.File, import_root: str | None = None) -> ir.Program:
    """The definitions of a file, and of those that it imports from inside `import_root`.

    Raises `CompileError` with every independent mistake.
    """
    shared = Shared()
    shared.begin(tree.source, import_root)
    resolver = _FileResolver(tree, shared, shared.names())
    names = resolver.resolve()
    expectations = resolver.expectations()
    resolver.finish()
    return ir.Program(
        tree.source,
        tree.doc,
        names,
        resolver.defaults,
        {f"{key}@{n.number}": v for n in shared.all_names for key, v in n.constants.items()},
        [function for n in shared.all_names for function in n.functions.values()],
        names.entries,
        names.recipe_entries,
        resolver.imported_models(expectations),
        expectations,
        tuple(resolver.bag.items),
    )


@cache
def _prelude() -> tuple[tuple[ast.Definition, ...], frozenset[str]]:
    """The prelude's definitions, and the operations that they may use."""
    # Not importlib.resources, which takes as long to import as a small network to compile.
    text = (Path(library.__path__[0]) / "prelude.res").read_text(encoding="utf-8")
    items = parse(Source("<prelude>", text)).items
    definitions = tuple(i for i in items if isinstance(i, ast.Definition))
    return definitions, frozenset(re.findall(r"\w+", text)) & OPS.keys()


@dataclass(slots=True)
class _FileResolver:
    tree: ast.File
    shared: Shared
    names: FileNames
    bag: Bag = field(default_factory=Bag)
    #: Models and recipes that are not aliases.
    models: dict[str, ir.Block] = field(default_factory=dict)
    recipes: dict[str, ir.RecipeDefinition] = field(default_factory=dict)
    defaults: Defaults = field(default_factory=Defaults)
    #: Whether an import failed: names that mean nothing here may be its.
    lacks_names: bool = False

    def resolve(self) -> FileNames:
        """Everything but the expectations; what is wrong is in the bag."""
        for definition in _prelude()[0]:
            self.names.prelude[definition.name] = _shell(definition, 0, is_prelude=True)
        first = [item for item in self.tree.items if self._collect(item)]
        aliases = Aliases(
            self.names, self.models, self.recipes, self._settle, self.bag, self._library_recipes
        )
        for item in first:
            if isinstance(item, ast.Definition) and isinstance(item.value, Apply):
                aliases.definitions[item.name] = item
        self.names.settle_alias = aliases.block
        self._file_defaults()
        has_prelude = self._share_prelude()
        self._settle_values()
        self.names.entries = self._entries("model", aliases.model)
        self.names.recipe_entries = self._entries("recipe", aliases.recipe)
        for item in self.tree.items:
            if isinstance(item, ast.Definition) and item.keyword == "block":
                aliases.block(item.name)
        self._bodies()
        if not has_prelude:
            self._prelude_bodies()
        return self.names

    def finish(self) -> None:
        """Raise what was found, in the order of the text, up to the bound."""
        self.bag.items = reported(self.bag.items, self.tree.source, self.lacks_names)
        self.bag.raise_errors()

    # ---- collecting ---------------------------------------------------------------------------

    def _collect(self, item: ast.Item) -> bool:
        """Take a definition down by name; whether it is the first of that name."""
        match item:
            case ast.Import():
                self._import(item)
            case ast.Let(name=name, value=value):
                self.names.constants.setdefault(name, value)
                return self._claim(name, item.name_span, "constant")
            case ast.Function(name=name, parameters=parameters):
                function = ir.UserFunction(name, parameters, self.names.number, item.doc)
                self.names.functions.setdefault(name, function)
                return self._claim(name, item.name_span, "function")
            case ast.Definition():
                return self._collect_definition(item)
        return True

    def _import(self, item: ast.Import) -> None:
        try:
            names = self.shared.bring(item, self.tree.source, self._resolve_imported)
        except CompileError as failure:
            names = None
            self.bag.add(failure)
        if names is None:
            self.lacks_names = True
        else:
            self.names.imports.append(Brought(names, item.span))

    def _resolve_imported(self, tree: ast.File) -> FileNames:
        # What an imported file expects of its models, and warnings about it, are its own affair.
        resolver = _FileResolver(tree, self.shared, self.shared.names())
        names = resolver.resolve()
        resolver.finish()
        return names

    def _collect_definition(self, item: ast.Definition) -> bool:
        is_first = self._claim(item.name, item.name_span, item.keyword)
        if item.keyword == "model":
            self.names.models.setdefault(item.name, item.name_span)
        elif item.keyword == "recipe":
            self.names.recipes.setdefault(item.name, item.name_span)
        if isinstance(item.value, ast.Body):
            if item.keyword == "recipe":
                self.recipes.setdefault(item.name, _recipe_shell(item, self.names.number))
            else:
                home = self.models if item.keyword == "model" else self.names.blocks
                home.setdefault(item.name, _shell(item, self.names.number))
        return is_first

    def _library_recipes(self, span: Span) -> dict[str, ir.ModelEntry]:
        """The library's recipes, which are in reach without an import."""
        source = self.tree.source
        if source.library == LIBRARY:
            return self.names.recipe_entries
        item = ast.Import(LIBRARY, True, span)
        names = self.shared.bring(item, source, self._resolve_imported)
        return {} if names is None else names.recipe_entries

    def _claim(self, name: str, span: Span, kind: str) -> bool:
        if name in self.names.places:
            self.bag.add(defined_twice(name, span, self.names.places[name]))
            return False
        self.names.places[name] = span
        if kind != "recipe" and name in ("input", "output"):
            self.bag.add(
                error(
                    "R0228",
                    f"`{name}` cannot be given another meaning",
                    span,
                    help="no model could begin or end any more: choose another name",
                )
            )
        elif kind != "recipe":
            self._warn_of_hiding(name, span, kind)
        return True

    def _warn_of_hiding(self, name: str, span: Span, kind: str) -> None:
        if name in OPS:
            hidden, help = "operation", "the prelude keeps using the operation"
        elif kind != "constant" and (name in FUNCTIONS or name in INITIALIZERS):
            hidden, help = "function" if name in FUNCTIONS else "initializer", None
        else:
            return
        self.bag.warn(
            "R0222", f"the {kind} `{name}` hides the {hidden} of that name", span, help=help
        )

    # ---- settling -----------------------------------------------------------------------------

    def _settle(self, expression: Expr) -> Expr:
        return self._settled(expression, Lexical(self.names))

    def _settled(self, expression: Expr, scope: Lexical) -> Expr:
        """An expression at file level; one that is wrong is reported, and replaced."""
        if len(self.bag.items) > ERRORS:
            return BROKEN
        try:
            return resolve_expression(expression, scope, self.defaults)
        except CompileError as failure:
            self.bag.add(failure)
            return BROKEN

    def _file_defaults(self) -> None:
        defaults = Defaults()
        scope = Lexical(self.names)
        statements = [item for item in self.tree.items if isinstance(item, ast.Defaults)]
        traditions = [item for item in statements if item.tradition is not None]
        for second in traditions[1:]:
            self.bag.add(
                error(
                    "R0221",
                    "a file starts from one tradition",
                    second.span,
                    "here another",
                    secondary=[Label(traditions[0].span, "here one")],
                    help="`defaults` inside a block's body are for that block alone",
                )
            )
        # Like definitions, a tradition holds for the whole file, wherever it stands.
        for item in sorted(statements, key=lambda item: item.tradition is None):
            defaults = defaults.with_calls(item, self._settle, scope, self.bag)
        self.defaults = defaults

    def _share_prelude(self) -> bool:
        """Take the prelude of a file that gives its operations the same defaults, if there is one.

        To the code generators, blocks that are one block make one class.
        """
        own = self.defaults.only(_prelude()[1])
        for defaults, names in self.shared.preludes:
            if defaults == own:
                self.names.prelude = names.prelude
                return True
        self.shared.preludes.append((own, self.names))
        return False

    def _settle_values(self) -> None:
        for name, value in list(self.names.constants.items()):
            self.names.constants[name] = self._settle(value)
        for item in self.tree.items:
            if not isinstance(item, ast.Function):
                continue
            values: dict[str, Span | None] = {}
            for parameter in item.parameters:
                if parameter in values:
                    message = f"`{item.name}` has two parameters `{parameter}`"
                    self.bag.add(error("R0202", message, item.name_span))
                values[parameter] = item.name_span
            settled = self._settled(item.value, Lexical(self.names, values))
            function = self.names.functions[item.name]
            function.value = function.value or settled

    def _entries(self, keyword: str, value_of: Callable[[str], Expr]) -> dict[str, ir.ModelEntry]:
        """The models or recipes, aliases settled."""
        entries: dict[str, ir.ModelEntry] = {}
        for item in self.tree.items:
            if not isinstance(item, ast.Definition) or len(self.bag.items) > ERRORS:
                continue
            if item.keyword == keyword and item.name not in entries:
                value = value_of(item.name)
                if value is not BROKEN:
                    entries[item.name] = ir.ModelEntry(item.name, value, item.doc, item.name_span)
        return entries

    def _bodies(self) -> None:
        types = self._types()
        for item in self.tree.items:
            if len(self.bag.items) > ERRORS:
                return
            if not isinstance(item, ast.Definition) or not isinstance(item.value, ast.Body):
                continue
            if item.keyword == "recipe":
                self._recipe(item, types)
            else:
                home = self.models if item.keyword == "model" else self.names.blocks
                self._body(item, home[item.name], self.names, types)

    def _recipe(self, item: ast.Definition, types: Types) -> None:
        from resdsl.passes.resolve.recipes import resolve_recipe  # Most files have none.

        recipe = self.recipes[item.name]
        try:
            with within_the_stack(lambda: item.name_span):
                resolve_recipe(item, recipe, self.names, self.defaults, types, self.bag)
        except CompileError as failure:
            self.bag.add(failure)

    def _prelude_bodies(self) -> None:
        """The prelude takes its defaults from the file, and its operations from the language."""
        language = FileNames(prelude=self.names.prelude)
        for definition in _prelude()[0]:
            block = self.names.prelude[definition.name]
            self._body(definition, block, language, self._types())

    def _types(self) -> Types:
        files = [self.names, *(b.names for b in self.names.imports)]
        return Types({f"{k}@{n.number}": v for n in files for k, v in n.constants.items()})

    def _body(self, item: ast.Definition, block: ir.Block, names: FileNames, types: Types) -> None:
        try:
            with within_the_stack(lambda: item.name_span):
                resolve_definition(item, block, names, self.defaults, types, self.bag)
        except CompileError as failure:
            self.bag.add(failure)

    # ---- expectations ---------------------------------------------------------------------------

    def expectations(self) -> tuple[ir.FileExpectation, ...]:
        """What the file expects of models, its own and imported ones."""
        found = []
        for item in self.tree.items:
            if isinstance(item, ast.Expect):
                scope = Lexical(self.names, where=Where.EXPECT)
                condition = self._settled(item.condition, scope)
                models = frozenset(_models_named(condition, set(self.names.all_models())))
                found.append(ir.FileExpectation(condition, item.message, models, item.span))
        return tuple(found)

    def imported_models(
        self, expectations: tuple[ir.FileExpectation, ...]
    ) -> dict[str, ir.ModelEntry]:
        """The models of other files that expectations name."""
        named = {name for e in expectations for name in e.models} - set(self.names.models)
        homes = {name: self.names.model(name, None) for name in sorted(named)}
        return {name: home.entries[name] for name, home in homes.items() if home is not None}


def _shell(definition: ast.Definition, number: int, *, is_prelude: bool = False) -> ir.Block:
    """A block without its body: enough to be called by others."""
    parameters = tuple(
        ir.Parameter(p.name, p.type, p.default, p.span) for p in definition.parameters
    )
    return ir.Block(
        definition.name,
        parameters,
        definition.doc,
        definition.name_span,
        is_model=definition.keyword == "model",
        is_prelude=is_prelude,
        file=number,
    )


def _recipe_shell(definition: ast.Definition, number: int) -> ir.RecipeDefinition:
    """A recipe without its lines: enough for others to be made of it."""
    shell = _shell(definition, number)
    return ir.RecipeDefinition(shell.name, shell.parameters, shell.doc, shell.span, file=number)


def _models_named(expression: object, models: set[str]) -> set[str]:
    """The models whose facts an expression reads."""
    if isinstance(expression, Member) and isinstance(expression.base, Name):
        return {expression.base.id} & models
    found: set[str] = set()
    if isinstance(expression, tuple):
        for entry in expression:
            found |= _models_named(entry, models)
    elif hasattr(expression, "__dataclass_fields__") and not isinstance(
        expression, Constant | Literal | Span
    ):
        for name in expression.__dataclass_fields__:
            found |= _models_named(getattr(expression, name), models)
    return found
