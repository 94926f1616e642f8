"""Random sentences of `grammars/res.lark`: every rule and every alternative, whatever it means.

The grammar itself is read, so that whatever it comes to say is tried. Most sentences parse and are
refused by what follows; names are those of the language, so that some of them mean something.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TypeAlias

import lark

from resdsl.syntax.grammar import grammar_text
from tests.support.fuzzing import words

#: A symbol of the grammar: its name, and whether it is a terminal.
Symbol: TypeAlias = tuple[str, bool]
#: Never derived: the declared terminal is what a line end behind `=` becomes.
BREAK = "_BREAK"
ENDLESS = 10**6


class _Rules:
    """The grammar's rules in their plain form, and how deep the shallowest tree of each is."""

    def __init__(self, text: str) -> None:
        parser = lark.Lark(text, start="definition", parser="lalr", maybe_placeholders=False)
        self.alternatives: dict[str, list[tuple[Symbol, ...]]] = {}
        for rule in parser.rules:
            symbols = tuple((s.name, s.is_term) for s in rule.expansion)
            self.alternatives.setdefault(rule.origin.name, []).append(symbols)
        self.patterns = {t.name: t.pattern for t in parser.terminals}
        self.depth = dict.fromkeys(self.alternatives, ENDLESS)
        for _ in self.alternatives:
            for name, choices in self.alternatives.items():
                self.depth[name] = 1 + min(map(self.least, choices))

    def least(self, symbols: tuple[Symbol, ...]) -> int:
        """Levels that the symbols need below them."""
        return max((self.depth[name] for name, is_term in symbols if not is_term), default=0)


@cache
def _rules() -> _Rules:
    return _Rules(grammar_text())


def definition(pick: Random, depth: int = 12) -> str:
    """One definition that the grammar allows, at the left margin."""
    words_: list[str] = []
    _derive("definition", depth, pick, words_)
    return _laid_out(words_, pick)


def _derive(name: str, depth: int, pick: Random, out: list[str]) -> None:
    rules = _rules()
    choices = rules.alternatives[name]
    # A sentence comes to an end: the deeper, the more the shallow alternatives are taken.
    room = depth if pick.random() < 0.85 else 0
    fitting = [c for c in choices if rules.least(c) < room]
    if not fitting:
        least = min(map(rules.least, choices))
        fitting = [c for c in choices if rules.least(c) == least]
    for symbol, is_term in pick.choice(fitting):
        if not is_term:
            _derive(symbol, depth - 1, pick, out)
        elif symbol != BREAK:
            out.append(_terminal(symbol, pick))


def _terminal(name: str, pick: Random) -> str:
    if name == "NAME":
        return words.name(pick)
    if name == "NUMBER":
        return pick.choice(words.NUMBERS)
    if name == "STRING":
        return words.text(pick)
    if name == "_NL":
        return pick.choice(["\n", "\n", ";", "\n\n", " # why\n"])
    if name == "COMPARE":
        return pick.choice(["==", "!=", "<", "<=", ">", ">="])
    if name == "PLUS_MINUS":
        return pick.choice("+-")
    if name == "TIMES":
        return pick.choice(["*", "/", "//", "%"])
    # What is left is one word: `/for\b/`, `"("`.
    return str(_rules().patterns[name].value).split("\\b")[0].replace("\\", "")


def _laid_out(parts: list[str], pick: Random) -> str:
    """Words as text: lines inside a definition are indented."""
    tight = pick.random() < 0.5
    text = ""
    for part in parts:
        if text and not text.endswith((" ", "\n")) and (not tight or _would_merge(text, part)):
            text += " "
        text += part.replace("\n", "\n    ") if part.endswith("\n") else part
    return text.rstrip() + "\n"


def _would_merge(before: str, after: str) -> bool:
    return (before[-1].isalnum() or before[-1] == "_") and (after[0].isalnum() or after[0] == "_")


def program(pick: Random) -> str:
    """A few definitions, with a model among them that names could lead to."""
    count = pick.choice([1, 1, 2, 3, 5])
    parts = [definition(pick, pick.choice([4, 8, 12, 24])) for _ in range(count)]
    if pick.random() < 0.3:
        parts.append("model net { input(3, 8, 8); conv(4, 3); relu }\n")
    return "\n".join(parts)
