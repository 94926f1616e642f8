"""`defaults { op(key = value) }`: arguments for the uses of an operation, lexically."""

from __future__ import annotations

from collections.abc import Callable, Set

from resdsl.diagnostics import Bag, CompileError, Label, error
from resdsl.diagnostics.near import clipped, did_you_mean
from resdsl.expressions.nodes import Expr
from resdsl.expressions.simplify import names_in
from resdsl.ops import OPS, attributes_of
from resdsl.passes.resolve.arguments import check_attribute, unknown_attribute
from resdsl.passes.resolve.lexical import Lexical
from resdsl.records import dataclass, field
from resdsl.syntax import ast


@dataclass(frozen=True, slots=True)
class _Default:
    """One argument, and what each name in it meant where it was written."""

    value: Expr
    meanings: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Defaults:
    """The defaults in force at one place: for each operation, its arguments."""

    given: dict[str, dict[str, _Default]] = field(default_factory=dict)

    def of(self, name: str, scope: Lexical) -> dict[str, Expr]:
        """The arguments given to the operation called `name`, to be used at `scope`.

        Raises where a name in them means something else there: it would be taken for that.
        """
        given = self.given.get(name)
        if not given:
            return {}
        for default in given.values():
            for read, meaning in default.meanings:
                if scope.binding(read) is not meaning:
                    raise _captured(name, read, default, scope)
        return {key: default.value for key, default in given.items()}

    def only(self, names: Set[str]) -> Defaults:
        """Those for some operations alone."""
        return Defaults({name: given for name, given in self.given.items() if name in names})

    def with_calls(
        self,
        statement: ast.Defaults,
        settle: Callable[[Expr], Expr],
        scope: Lexical,
        bag: Bag,
    ) -> Defaults:
        """These with a `defaults` statement added; the nearest wins. Mistakes go to the bag.

        A tradition starts afresh: whatever was given before is set aside.
        """
        before = self.given
        if statement.tradition is not None:
            from resdsl.passes.resolve.traditions import tradition

            try:
                before = tradition(statement.tradition, statement.span).given
            except CompileError as failure:
                bag.add(failure)
        merged = {name: dict(arguments) for name, arguments in before.items()}
        for call in statement.calls:
            arguments = _arguments(call, settle, bag)
            found = {
                key: _Default(value, tuple((n, scope.binding(n)) for n in sorted(names_in(value))))
                for key, value in arguments.items()
            }
            merged.setdefault(call.path[0], {}).update(found)
        return Defaults(merged)


def _captured(name: str, read: str, default: _Default, scope: Lexical) -> CompileError:
    place = scope.label(read)
    other = scope.value_span(read) or (place.span if place is not None else None)
    return error(
        "R0203",
        f"`{read}` means one thing in these defaults, and another where `{name}` is used",
        default.value.span,
        secondary=[Label(other, "what it means there")] if other is not None else (),
        help="rename one of them",
    )


def _arguments(call: ast.Call, settle: Callable[[Expr], Expr], bag: Bag) -> dict[str, Expr]:
    name = ".".join(call.path)
    if name not in OPS:
        bag.add(
            error(
                "R0205",
                f"`defaults` are for operations, and none is called `{clipped(name)}`",
                call.path_span,
                help=did_you_mean(name, OPS),
            )
        )
        return {}
    arguments: dict[str, Expr] = {}
    for argument in call.arguments:
        value = settle(argument.value)
        if argument.name is None:
            bag.add(
                error(
                    "R0209",
                    "`defaults` give arguments by name",
                    argument.span,
                    help=f"`{name}({next(iter(attributes_of(OPS[name])), 'name')} = …)`",
                )
            )
        elif argument.name not in attributes_of(OPS[name]):
            bag.add(unknown_attribute(OPS[name], argument.name, argument.span))
        elif argument.name in arguments:
            bag.add(error("R0208", f"`{argument.name}` is given twice in this call", argument.span))
        else:
            check_attribute(OPS[name], argument.name, value, argument.span, bag)
            arguments[argument.name] = value
    return arguments
