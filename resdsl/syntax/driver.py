"""Runs the parser's tables: an LALR(1) automaton with a lexer that knows what may come.

The tables are Lark's, written down by `tables` in `grammars/res.tables.json`. Running them takes a
page of code, and importing Lark takes longer than parsing any network, so a file without mistakes
does without it. Where a text does not fit, `Mismatch` says so and nothing else: `grammar` then asks
Lark, which knows what would have fitted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from resdsl.syntax.tokens import Token

Action: TypeAlias = Callable[[list[Any]], Any]
Filter: TypeAlias = Callable[[Iterator[Token]], Iterator[Token]]
END = "$END"


class Mismatch(Exception):
    """The text does not fit the grammar."""


class Driver:
    """The automaton, with the methods of a tree builder for its rules."""

    def __init__(self, tables: Mapping[str, Any], builder: object, token_filter: Filter) -> None:
        symbols: list[str] = tables["symbols"]
        #: For each state, what to do at a symbol: shift to a state from 0 up, or reduce by the
        #: rule `-1 - move`.
        self._states: list[dict[str, int]] = [
            {symbols[i]: move for i, move in zip(row[::2], row[1::2], strict=True)}
            for row in tables["states"]
        ]
        self._starts: dict[str, int] = tables["starts"]
        self._ends: dict[str, int] = tables["ends"]
        self._rules = [
            (origin, size, _action(steps, builder)) for origin, size, steps in tables["rules"]
        ]
        self._terminals: dict[str, str] = dict(tables["terminals"])
        self._ignored = frozenset(tables["ignored"])
        self._always = self._ignored | frozenset(tables["always"])
        self._scan = _scanner(self._terminals)
        self._scanners: dict[int, Callable[[str, int], re.Match[str] | None]] = {}
        self._filter = token_filter

    def parse(self, text: str, start: str) -> Any:
        """The tree of a text by the rule `start`. Raises `Mismatch`."""
        stack = [self._starts[start]]
        values: list[Any] = []
        for token in self._filter(self._tokens(text, stack)):
            move = self._reduce(token.type, stack, values, None)
            stack.append(move)
            values.append(token)
        self._reduce(END, stack, values, self._ends[start])
        return values[-1]

    def _reduce(self, kind: str, stack: list[int], values: list[Any], end: int | None) -> int:
        """Reduce until the symbol can be shifted, and say where to; or until the end state."""
        states, rules = self._states, self._rules
        while True:
            move = states[stack[-1]].get(kind)
            if move is None:
                raise Mismatch
            if move >= 0:
                return move
            origin, size, action = rules[-1 - move]
            if size == 1 and action is None:
                stack.pop()
            elif size:
                children = values[-size:]
                del values[-size:]
                del stack[-size:]
                values.append(children[0] if action is None else action(children))
            else:
                values.append([] if action is None else action([]))
            stack.append(states[stack[-1]][origin])
            if stack[-1] == end:
                return end

    def _tokens(self, text: str, stack: list[int]) -> Iterator[Token]:
        """Tokens as the parser comes to them: some words mean something in some states alone."""
        scan, ignored, always, states = self._scan, self._ignored, self._always, self._states
        position, end = 0, len(text)
        while position < end:
            state = stack[-1]
            found = scan(text, position)
            # The terminals of a state are tried in the same order as all of them. So if the first
            # of all that fits is one of the state's, it is the first of the state's.
            if found is None or not (found.lastgroup in states[state] or found.lastgroup in always):
                found = self._scan_in(state, text, position)
            start, position = position, found.end()
            kind = found.lastgroup
            assert kind is not None
            if kind not in ignored:
                yield Token(kind, found.group(), start, position)

    def _scan_in(self, state: int, text: str, position: int) -> re.Match[str]:
        """The token at a position among those that the state knows."""
        if state not in self._scanners:
            known = {
                name: pattern
                for name, pattern in self._terminals.items()
                if name in self._states[state] or name in self._always
            }
            self._scanners[state] = _scanner(known)
        found = self._scanners[state](text, position)
        if found is None:
            raise Mismatch
        return found


def _scanner(terminals: Mapping[str, str]) -> Callable[[str, int], re.Match[str] | None]:
    pattern = "|".join(f"(?P<{name}>{regexp})" for name, regexp in terminals.items())
    return re.compile(pattern).match


def _action(steps: Any, builder: object) -> Action | None:
    """What a rule does with its children; `None` hands its only child on."""
    if steps is None:
        return None
    method_name, kept, trailing = steps
    method: Action = list if method_name is None else getattr(builder, method_name)
    if kept is None:
        return method
    if method_name is None and kept[0] == [0, True, 0]:
        return _grower([index for index, _, _ in kept[1:]])

    def act(children: list[Any]) -> Any:
        chosen: list[Any] = []
        for index, is_spread, absent in kept:
            chosen += [None] * absent
            if is_spread:
                chosen += children[index]
            else:
                chosen.append(children[index])
        return method(chosen + [None] * trailing)

    return act


def _grower(kept: Sequence[int]) -> Action:
    """What makes a list one longer. In place, since nobody else has it: copied at every step, a
    body of thousands of statements would take the square of its length."""

    def grow(children: list[Any]) -> Any:
        grown: list[Any] = children[0]
        grown.extend(children[index] for index in kept)
        return grown

    return grow
