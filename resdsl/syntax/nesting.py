"""How deep the brackets stand at each place of a definition, while the survey reads over it.

An `else if` stands inside the `if` before it, so each counts as a level, like a brace: the tree
that the later stages walk is never deeper than the bound.
"""

from __future__ import annotations

import re

from resdsl.syntax.limits import NESTING

_ELSE = re.compile(r"[ \t]*else\b([ \t]+if\b)?")


class Nesting:
    """The levels of braces, and of brackets since the last brace: no brace stands inside one."""

    def __init__(self) -> None:
        self.brackets = 0
        self.levels = 0
        # For each open brace, and what is outside of all: how long its chain of `else if` is.
        self._chains = [0]

    @property
    def outside(self) -> bool:
        return len(self._chains) == 1 and not self.brackets

    @property
    def too_deep(self) -> bool:
        return self.levels > NESTING or self.brackets > NESTING

    def follow(self, text: str, at: int) -> None:
        """Take account of the bracket at `at`; what has no partner counts for nothing."""
        character = text[at]
        if character in "([":
            self.brackets += 1
        elif character in ")]":
            self.brackets = max(0, self.brackets - 1)
        elif character == "{":
            self.brackets = 0
            self.levels += 1
            self._chains.append(0)
        elif len(self._chains) > 1:
            self.brackets = 0
            self.levels -= 1 + self._chains.pop()
            self._link(_ELSE.match(text, at + 1))

    def _link(self, match: re.Match[str] | None) -> None:
        """What follows a body: the chain grows with `else if`, and ends where no `else` follows."""
        if match is None:
            self.levels -= self._chains[-1]
            self._chains[-1] = 0
        elif match[1] is not None:
            self.levels += 1
            self._chains[-1] += 1
