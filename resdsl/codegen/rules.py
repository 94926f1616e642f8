"""The table of a backend: one emit rule per operation, looked up by the operation's class.

Every backend fills a `RuleSet` with its own kind of rule. An operation without a rule is a
diagnostic at its place in the `.res` text, never a layer left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from resdsl.diagnostics import Span, error
from resdsl.ops import OPS, Op

RuleT = TypeVar("RuleT", bound=Callable[..., Any])


class RuleSet(Generic[RuleT]):
    """The emit rules of one backend.

    `RuleT` is the signature of a rule. `@rules.emits(Conv)` puts a function into the table.
    """

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self._rules: dict[type[Op], RuleT] = {}

    def emits(self, *kinds: type[Op]) -> Callable[[RuleT], RuleT]:
        """Use the decorated function as the rule of these operations."""

        def register(rule: RuleT) -> RuleT:
            for kind in kinds:
                if kind in self._rules:
                    raise ValueError(f"`{kind.name}` has a rule already")
                self._rules[kind] = rule
            return rule

        return register

    def find(self, kind: type[Op], span: Span | None = None) -> RuleT:
        """The rule of an operation that stands at `span`; `CompileError` if there is none."""
        rule = self._rules.get(kind)
        if rule is None:
            raise error("R0502", f"the {self.backend} backend has no rule for `{kind.name}`", span)
        return rule

    def __contains__(self, kind: type[Op]) -> bool:
        return kind in self._rules

    def missing(self) -> list[str]:
        """Names of the language's operations that have no rule here."""
        return sorted(name for name, kind in OPS.items() if kind not in self._rules)
