"""Smaller texts than a text: what can be left out of a `.res` file, found in its syntax tree.

Coarse cuts come first (definitions, runs of statements), then bodies in place of what is around
them, then arguments, and numbers at last. Whether a text still means anything is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from resdsl.diagnostics import Source, Span
from resdsl.expressions.nodes import Argument, Literal, Name
from resdsl.records import fields
from resdsl.syntax import ast, parse

#: A stretch of the text and what takes its place.
Edit: TypeAlias = tuple[Span, str]


def smaller(source: Source) -> Iterator[str]:
    """Texts that differ from the source's by one cut each, the largest cuts first."""
    file = parse(source)
    seen = {source.text}
    for edits in _cuts(file):
        text = source.text
        for span, replacement in sorted(edits, key=lambda edit: -edit[0].start):
            text = text[: span.start] + replacement + text[span.end :]
        if text not in seen:
            seen.add(text)
            yield text


def _cuts(file: ast.File) -> Iterator[list[Edit]]:
    bodies = [node for node in _nodes(file.items) if isinstance(node, ast.Body)]
    for item in file.items:
        yield [(item.span, "")]
    for body in sorted(bodies, key=lambda b: -len(b.statements)):
        yield from ([edit] for edit in _without_runs(body))
    for body in bodies:
        for number, statement in enumerate(body.statements):
            for inner in _instead(statement):
                yield [_with(body, number, number + 1, inner)]
    for item in file.items:
        if isinstance(item, ast.Definition):
            yield _inlined(item, file)
    for node in _nodes(file.items):
        yield from ([edit] for edit in _without_arguments(node))
    for node in _nodes(file.items):
        yield from ([edit] for edit in _simpler_values(node))


def _nodes(root: Any) -> Iterator[Any]:
    """All nodes of a tree, each before its parts."""
    if isinstance(root, tuple):
        for part in root:
            yield from _nodes(part)
    elif hasattr(root, "__dataclass_fields__") and not isinstance(root, Span | Source):
        yield root
        for field in fields(root):
            yield from _nodes(getattr(root, field.name))


# ---- statements ----------------------------------------------------------------------------------


def _without_runs(body: ast.Body) -> Iterator[Edit]:
    """The body without some statements in a row: half of them, a quarter, ... one."""
    count = len(body.statements)
    size = count
    while size:
        for start in range(0, count, size):
            yield _with(body, start, min(start + size, count), ())
        size //= 2


def _with(body: ast.Body, start: int, end: int, texts: Iterable[str]) -> Edit:
    """The body with other statements in place of some."""
    own = [statement.span.text for statement in body.statements]
    lines = [*own[:start], *texts, *own[end:]]
    return body.span, "{\n" + "\n".join(lines) + "\n}" if lines else "{ }"


def _texts(body: ast.Body) -> list[str]:
    return [statement.span.text for statement in body.statements]


def _instead(statement: ast.Statement) -> Iterator[list[str]]:
    """Statements that may stand in place of one: a body of its own, or less of it."""
    match statement:
        case ast.If(then=then, otherwise=otherwise):
            yield _texts(then)
            if otherwise is not None:
                yield _texts(otherwise)
        case ast.For(body=body) | ast.Group(body=body):
            yield _texts(body)
        case ast.Residual(body=body, shortcut=shortcut):
            yield _texts(body)
            if shortcut is not None:
                if isinstance(shortcut.value, ast.Body):
                    yield _texts(shortcut.value)
                yield [f"residual {body.span.text}"]
                yield [f"residual {body.span.text} shortcut none"]
        case ast.Stage(call=call):
            yield [call.span.text]
        case ast.Step(bodies=bodies):
            for body in bodies:
                yield _texts(body)
    label = getattr(statement, "label", None)
    if label is not None and not isinstance(statement, ast.Group):
        text = statement.span.text
        after = text[label.span.end - statement.span.start :].lstrip(" :")
        yield ["stage " + after if isinstance(statement, ast.Stage) else after]


def _inlined(block: ast.Definition, file: ast.File) -> list[Edit]:
    """The block's body wherever it is called, with arguments for its parameters, and the block
    itself gone."""
    if not isinstance(block.value, ast.Body):
        return []
    edits: list[Edit] = [(block.span, "")]
    for node in _nodes(tuple(item for item in file.items if item is not block)):
        if isinstance(node, ast.Step | ast.Stage) and node.call.path == (block.name,):
            edits.append((node.span, "; ".join(_filled(block, node.call, block.value))))
    return edits


def _filled(block: ast.Definition, call: ast.Call, body: ast.Body) -> list[str]:
    """The statements of a block's body with arguments in place of parameters."""
    names = [parameter.name for parameter in block.parameters]
    values: dict[str, Any] = {p.name: getattr(p.default, "span", None) for p in block.parameters}
    for place, argument in enumerate(call.arguments):
        name = argument.name or (names[place] if place < len(names) else "")
        values[name] = getattr(argument.value, "span", None)
    texts = []
    for statement in body.statements:
        text, start = statement.span.text, statement.span.start
        found = [n for n in _nodes(statement) if _is_parameter(n, values)]
        for node in sorted(found, key=lambda n: -_named(n)[0].start):
            span, name = _named(node)
            value = values[name].text
            if isinstance(node, Name) and not value.isidentifier() and not value.isdigit():
                value = f"({value})"
            text = text[: span.start - start] + value + text[span.end - start :]
        texts.append(text)
    return texts


def _is_parameter(node: Any, values: dict[str, Any]) -> bool:
    if not isinstance(node, Name | ast.Call):
        return False
    return values.get(_named(node)[1]) is not None


def _named(node: Name | ast.Call) -> tuple[Span, str]:
    """Where a name stands, as a value or as what is called, and the name."""
    if isinstance(node, ast.Call):
        return node.path_span, ".".join(node.path)
    assert node.span is not None
    return node.span, node.id


# ---- arguments and values ------------------------------------------------------------------------


def _without_arguments(node: Any) -> Iterator[Edit]:
    """A definition without parameters, a call without arguments, and with one fewer of either."""
    if isinstance(node, ast.Definition) and node.parameters:
        parts = node.parameters
        around = Span(parts[0].span.source, node.name_span.end, _closing(node))
        yield from _fewer(around, [p.span.text for p in parts])
    if isinstance(node, ast.Call) and node.arguments:
        around = Span(node.span.source, node.path_span.end, node.span.end)
        yield from _fewer(around, [a.span.text for a in node.arguments if a.span is not None])


def _closing(definition: ast.Definition) -> int:
    """Where the parenthesis behind a definition's parameters ends."""
    text, end = definition.span.source.text, definition.parameters[-1].span.end
    return text.index(")", end) + 1


def _fewer(around: Span, parts: list[str]) -> Iterator[Edit]:
    yield around, ""
    for number in range(len(parts) if len(parts) > 1 else 0):
        yield around, f"({', '.join(parts[:number] + parts[number + 1 :])})"


def _simpler_values(node: Any) -> Iterator[Edit]:
    """Smaller numbers, and numbers in place of what comes to them."""
    if isinstance(node, Literal) and type(node.value) is int and node.span is not None:
        for less in dict.fromkeys((1, 2, node.value // 2, node.value - 1)):
            if 0 < less < node.value:
                yield node.span, str(less)
    value: Any = getattr(node, "condition", None)
    if isinstance(node, Argument | ast.For | ast.Stage):
        names = {Argument: "value", ast.For: "iterable", ast.Stage: "count"}
        value = getattr(node, names[type(node)])
    if (
        value is None
        or isinstance(value, Literal | ast.Body)
        or getattr(value, "span", None) is None
    ):
        return
    inner = [n for n in _nodes(value) if isinstance(n, Literal) and n.span is not None]
    for text in dict.fromkeys([n.span.text for n in inner if n.span] + ["true", "false"]):
        yield value.span, text
