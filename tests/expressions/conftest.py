"""Expressions from their text, as a file's constants are resolved and evaluated."""

from collections.abc import Callable
from typing import Any

import pytest

from resdsl.diagnostics import CompileError, Source, Span, error
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.nodes import Expr
from resdsl.passes.resolve.defaults import Defaults
from resdsl.passes.resolve.expressions import resolve_expression
from resdsl.passes.resolve.lexical import FileNames, Lexical
from resdsl.syntax import parse_expression


class Names:
    """A scope with the values of a few names, and a bound on steps."""

    def __init__(self, values: dict[str, Any], bound: int = 1_000_000) -> None:
        self.values = values
        self.left = bound

    def lookup(self, name: str, span: Span | None) -> Any:
        if name not in self.values:
            raise error("R0201", f"no {name}", span)
        return self.values[name]

    def tensor_in(self, span: Span | None) -> Any:
        raise error("R0204", "no input", span)

    def tick(self, span: Span | None, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise error("R0310", "too many steps", span)

    def inner(self, names: dict[str, Any]) -> "Names":
        scope = Names({**self.values, **names})
        scope.tick = self.tick  # type: ignore[method-assign]
        return scope


def expression(text: str, *names: str) -> Expr:
    scope = Lexical(FileNames(), dict.fromkeys(names))
    return resolve_expression(parse_expression(Source("test", text)), scope, Defaults())


@pytest.fixture
def parsed() -> Callable[..., Expr]:
    """`parsed("a + 1", "a")`: the expression, with its names known."""
    return expression


@pytest.fixture
def value() -> Callable[..., Any]:
    """`value("a + 1", a=2)`"""

    def compute(text: str, **names: Any) -> Any:
        return evaluate(expression(text, *names), Names(names))

    return compute


@pytest.fixture
def code() -> Callable[..., str]:
    """`code("1 // 0")`: the code of the one error that comes of it."""

    def compute(text: str, **names: Any) -> str:
        with pytest.raises(CompileError) as caught:
            evaluate(expression(text, *names), Names(names))
        (diagnostic,) = caught.value.diagnostics
        return diagnostic.code

    return compute


@pytest.fixture
def in_scope() -> Callable[[Expr, dict[str, Any]], Any]:
    """`in_scope(expression, names)`: its value where names have these values."""
    return lambda e, names: evaluate(e, Names(names))
