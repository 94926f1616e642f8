"""Writes Lark's tables down as plain data: `grammars/res.tables.json` is what `dump` returns.

A test compares the two, and `make golden` rewrites the file after a change of the grammar. Whatever
Lark would do while parsing is settled here: which children of a rule reach the tree builder, which
are left out, and where an absent optional part becomes `None`.
"""

from __future__ import annotations

import json
from typing import Any

import lark

from resdsl.diagnostics import InternalError
from resdsl.records import dataclass
from resdsl.syntax.grammar import fingerprint


def dump(parser: lark.Lark, grammar: str, builder: type) -> str:
    """The tables of a parser as JSON, a line for each state and rule."""
    tables = make_tables(parser, grammar, builder)
    lines = []
    for key, value in tables.items():
        if isinstance(value, list):
            rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in value)
            lines.append(f'"{key}": [\n{rows}\n]')
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def make_tables(parser: lark.Lark, grammar: str, builder: type) -> dict[str, Any]:
    """The tables as data for `driver`; `builder` is the class of the tree builder."""
    front: Any = parser.parser
    table = front.parser._parse_table
    lexer = front.lexer.lexer
    root = lexer.root_lexer
    if root.scanner is None or root.callback or len(root.scanner._mres) != 1:
        raise InternalError("the lexer does something that the driver cannot")
    rules = list(parser.rules)
    symbols = sorted({symbol for row in table.states.values() for symbol in row})
    order = _numbered(table)
    moves = _Moves(symbols, rules, order)
    return {
        "grammar": fingerprint(grammar),
        "starts": {start: order[state] for start, state in sorted(table.start_states.items())},
        "ends": {start: order[state] for start, state in sorted(table.end_states.items())},
        "ignored": sorted(root.ignore_types),
        "always": sorted(front.lexer.postlexer.always_accept),
        "terminals": [[t.name, t.pattern.to_regexp()] for t in root.scanner.terminals],
        "symbols": symbols,
        "rules": [_rule(rule, builder) for rule in rules],
        "states": [moves.of(table.states[state]) for state in order],
    }


def _numbered(table: Any) -> dict[int, int]:
    """The states in an order that is the same in every run: Lark numbers them as sets come."""
    order: dict[int, int] = {}
    waiting = [table.start_states[start] for start in sorted(table.start_states)]
    for state in waiting:
        if state in order:
            continue
        order[state] = len(order)
        row = table.states[state]
        waiting += [row[symbol][1] for symbol in sorted(row) if row[symbol][0].name == "Shift"]
    return order


@dataclass(frozen=True, slots=True)
class _Moves:
    symbols: list[str]
    rules: list[Any]
    order: dict[int, int]

    def of(self, row: dict[str, Any]) -> list[int]:
        """What a state does: symbol and move in turn; see `Driver`."""
        moves: list[int] = []
        for symbol in sorted(row):
            action, argument = row[symbol]
            is_shift = action.name == "Shift"
            move = self.order[argument] if is_shift else -1 - self.rules.index(argument)
            moves += [self.symbols.index(symbol), move]
        return moves


def _rule(rule: Any, builder: type) -> list[Any]:
    """A rule's symbol, its length, and its steps: the builder's method, the children it gets
    (index, whether to spread a list, absent ones before), absent ones at the end."""
    origin = rule.origin.name
    kept, trailing = _kept(rule)
    size = len(rule.expansion)
    all_kept = [(i, False, 0) for i in range(size)]
    is_helper = origin.startswith("_")
    name = None if is_helper else (rule.alias or origin)
    single = not trailing and kept == [(0, False, 0)]
    if size == 1 and single and not is_helper and rule.options.expand1 and not rule.alias:
        return [origin, size, None]
    if name is not None and not hasattr(builder, name):
        if single and size > 1 and rule.options.expand1:
            return [origin, size, None]
        raise InternalError(f"the tree builder has no method for the rule {name}")
    return [origin, size, [name, None if kept == all_kept and not trailing else kept, trailing]]


def _kept(rule: Any) -> tuple[list[tuple[int, bool, int]], int]:
    """Lark's own rule: tokens without a name of their own are left out, helper rules (`_x`) spread,
    and absent optional parts stand as `None`."""
    # A mark for every symbol (False) and every absent part (True), in order.
    absent = [0]
    for is_absent in rule.options.empty_indices or (False,) * len(rule.expansion):
        if is_absent:
            absent[-1] += 1
        else:
            absent.append(0)
    kept: list[tuple[int, bool, int]] = []
    waiting = 0
    for index, symbol in enumerate(rule.expansion):
        waiting += absent[index]
        if symbol.is_term and symbol.filter_out and not rule.options.keep_all_tokens:
            continue
        is_spread = not symbol.is_term and symbol.name.startswith("_")
        kept.append((index, is_spread, waiting))
        waiting = 0
    return kept, waiting + absent[-1]
