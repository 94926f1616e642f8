"""`resdsl explain`: an operation, a word of the language, or what a code means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import fill, indent
from typing import TYPE_CHECKING

import click

from resdsl.cli.output import say

if TYPE_CHECKING:
    from resdsl.diagnostics.codes import Code
    from resdsl.ops import InitializerSignature, Op

WIDTH = 100


@click.command()
@click.argument("subject", metavar="SUBJECT")
def explain(subject: str) -> None:
    """Say more about an operation or an initializer (conv, he_normal), a word of the language
    (residual), or a mistake by its code (R0304)."""
    from resdsl.cli.words import WORDS
    from resdsl.diagnostics.codes import CODES
    from resdsl.ops import INITIALIZERS, OPS

    text: Iterable[str]
    if subject in OPS:
        text = _operation(OPS[subject])
    elif subject in INITIALIZERS:
        text = _initializer(INITIALIZERS[subject])
    elif subject in WORDS:
        word = WORDS[subject]
        text = [fill(word.text, WIDTH), "", indent(word.example.rstrip(), "    ")]
    elif subject.upper() in CODES:
        text = _code(CODES[subject.upper()])
    else:
        raise _unknown(subject, [*OPS, *INITIALIZERS, *WORDS], CODES)
    for line in text:
        say(line)


def _unknown(subject: str, names: list[str], codes: Iterable[str]) -> Exception:
    from resdsl.diagnostics import error
    from resdsl.diagnostics.near import did_you_mean

    if subject[:1].upper() == "R" and subject[1:].isdigit():
        help = did_you_mean(subject.upper(), codes)
        return error("R0716", f"there is no diagnostic with the code `{subject}`", help=help)
    help = did_you_mean(subject, names) or "`resdsl ops` lists the operations"
    message = f"there is nothing called `{subject}` to explain"
    return error("R0716", message, help=help)


def _code(code: Code) -> Iterator[str]:
    yield f"{code.code}: {code.title}\n\n{fill(code.explanation, 80)}"
    for title, text in (("Wrong:", code.wrong), ("Right:", code.right)):
        if text:
            yield f"\n{title}\n\n{indent(text.rstrip(), '    ')}"


def _operation(kind: type[Op]) -> Iterator[str]:
    from inspect import cleandoc

    from resdsl.codegen.backend import backend_names
    from resdsl.ops import attributes_of, required
    from resdsl.ops.reference import default_text, families

    attributes = attributes_of(kind)
    given = {
        name: None if required(a) else default_text(a.default) for name, a in attributes.items()
    }
    family = next(title for title, kinds in families().items() if kind in kinds)
    yield f"{_signature(kind.name, given, kind.is_join)}\n"
    yield cleandoc(kind.__doc__ or "")
    docs = [(n, a.metadata["doc"], a.metadata["kind"].says) for n, a in attributes.items()]
    yield from _arguments(docs)
    example = _weights(kind)
    if example:
        yield f"\nWeights: {example}"
    random = "; draws random numbers in training" if kind.stochastic else ""
    yield f"\nFamily: {family}{random}"
    yield f"Backends: {', '.join(backend_names())}"


def _initializer(signature: InitializerSignature) -> Iterator[str]:
    from resdsl.ops.reference import default_text

    given = {
        p.name: None if p.default is None else default_text(p.default) for p in signature.parameters
    }
    yield f"{_signature(signature.name, given)}\n"
    yield signature.doc
    yield from _arguments([(p.name, p.doc, p.kind.says) for p in signature.parameters])
    yield f"\nA value of `init` and `bias_init`: `conv(64, 3, init = {signature.name})`"


def _signature(name: str, given: dict[str, str | None], is_join: bool = False) -> str:
    """The call with all its defaults, one argument a line where they do not fit on one."""
    if is_join:
        return f"{name}(tensors) {{ bodies }}"
    arguments = [n if default is None else f"{n} = {default}" for n, default in given.items()]
    if not arguments:
        return name
    line = f"{name}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {argument}," for argument in arguments), ")"])


def _arguments(rows: list[tuple[str, str, str]]) -> Iterator[str]:
    if rows:
        yield "\nArguments, in the order of positions:\n"
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, doc, values in rows:
        yield f"  {name:{width}}  {doc}: {values}"


def _weights(kind: type[Op]) -> str | None:
    """What a call on a small tensor owns, with threes where arguments must be given."""
    from resdsl.ops import OpError, WrongValue, attributes_of, required
    from resdsl.types import TensorType

    wanted = {n: a for n, a in attributes_of(kind).items() if required(a)}
    for shape in ((6, 9, 9), (6,)):
        try:
            values = {n: a.metadata["kind"].accept(3) for n, a in wanted.items()}
            weights = kind(**values).weights(TensorType(shape))
        except (OpError, WrongValue, ValueError):
            continue
        if not weights:
            return None
        call = f"{kind.name}({', '.join('3' * len(wanted))})" if wanted else kind.name
        owned = ", ".join(f"{w.name} {' x '.join(map(str, w.shape)) or 'one'}" for w in weights)
        return f"`{call}` on {' x '.join(map(str, shape))} has {owned}"
    return None
