"""From a source to its syntax tree: the front door of this package.

A file is surveyed, cut into definitions, and each is parsed alone. What parses becomes the tree;
what does not goes to the recovery, and all errors found are raised together.
"""

from __future__ import annotations

from resdsl.diagnostics import CompileError, Diagnostic, Source
from resdsl.expressions.nodes import Expr
from resdsl.records import replace
from resdsl.syntax import ast
from resdsl.syntax.comments import comment_above, head_comment
from resdsl.syntax.grammar import Grammar, Stuck, grammar
from resdsl.syntax.limits import ERRORS, FILE_BYTES, RECOVERED
from resdsl.syntax.reader import too_large
from resdsl.syntax.survey import Chunk, survey


def parse(source: Source) -> ast.File:
    """The syntax tree of a file; raises `CompileError` with every independent error in it."""
    _insist_small(source)
    surveyed = survey(source)
    found = surveyed.found
    items: list[ast.Item] = []
    tables = grammar()
    open_above = False
    for chunk in surveyed.chunks:
        if len(found) > ERRORS:
            break
        item, wrong = (None, []) if chunk.hopeless else _definition(source, chunk, tables)
        if item is not None:
            items.append(item)
        # Below a body that is never closed, what stands outside is likely its rest.
        open_above = open_above and not chunk.is_surely_definition(source.text)
        found.extend(d for d in wrong if not (open_above and d.code in ("R0104", "R0118")))
        open_above = open_above or any(d.code == "R0103" for d in wrong)
    _raise(found)
    return ast.File(source, tuple(items), head_comment(source, items[0] if items else None))


def parse_expression(source: Source) -> Expr:
    """The expression that a text is: a value given on the command line."""
    _insist_small(source)
    found = survey(source).found
    _raise(found)
    tree, stuck, wrong = grammar().parse(source, source.text, 0, "expr")
    if stuck is not None:
        from resdsl.syntax.recovery import explain_expression

        found.append(explain_expression(source, stuck))
    _raise(found + wrong)
    expression: Expr = tree
    return expression


def _definition(
    source: Source, chunk: Chunk, tables: Grammar
) -> tuple[ast.Item | None, list[Diagnostic]]:
    """One definition, or what is wrong with it."""
    stuck: Stuck | None = None
    wrong: list[Diagnostic] = []
    if not chunk.flawed and not chunk.indented:
        text = source.text[chunk.start : chunk.end]
        item, stuck, wrong = tables.parse(source, text, chunk.start, "definition")
        if item is not None:
            return _documented(item), wrong
    # A file without errors starts faster without these.
    from resdsl.syntax.recovery import first_error, recover

    if chunk.end - chunk.start > RECOVERED:
        return None, wrong if stuck is None else [first_error(source, chunk, stuck)]
    return None, recover(source, chunk, stuck, tables) or wrong


def _documented(item: ast.Item) -> ast.Item:
    if isinstance(item, ast.Definition | ast.Function):
        doc = comment_above(item.span)
        return replace(item, doc=doc) if doc else item
    return item


def _insist_small(source: Source) -> None:
    size = len(source.text)
    if size <= FILE_BYTES and not source.text.isascii():
        size = len(source.text.encode("utf-8", "replace"))
    if size > FILE_BYTES:
        raise too_large(source.name)


def _raise(found: list[Diagnostic]) -> None:
    """Raise what was found, in the order of the text, up to the bound."""
    if not found:
        return
    found.sort(key=lambda diagnostic: diagnostic.primary.span.start if diagnostic.primary else 0)
    shown = list(dict.fromkeys(found))
    if len(shown) > ERRORS:
        last = shown[ERRORS].primary
        shown[ERRORS:] = [
            Diagnostic("R0130", f"more than {ERRORS} errors: the rest is not shown", last)
        ]
    raise CompileError(shown)
