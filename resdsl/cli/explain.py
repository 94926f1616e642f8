"""`resdsl explain`: an operation, a part of a recipe, a word of the language, a code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import fill, indent
from typing import TYPE_CHECKING

import click

from resdsl.cli.output import say

if TYPE_CHECKING:
    from resdsl.diagnostics.codes import Code
    from resdsl.ops import InitializerSignature, Op
    from resdsl.recipes.options import Option
    from resdsl.recipes.slots import Slot

WIDTH = 100


@click.command()
@click.argument("subject", metavar="SUBJECT")
def explain(subject: str) -> None:
    """Say more about an operation or an initializer (conv, he_normal), a part of a recipe (sgd,
    schedule), a word of the language (residual), or a mistake by its code (R0304)."""
    texts = list(_texts(subject))
    if not texts:
        raise _unknown(subject)
    for number, text in enumerate(texts):
        if number:
            say("")
        for line in text:
            say(line)


def _texts(subject: str) -> Iterator[Iterable[str]]:
    """A text for each thing of this name: `linear` is an operation, and a schedule of recipes."""
    from resdsl.cli.words import WORDS
    from resdsl.diagnostics.codes import CODES
    from resdsl.ops import INITIALIZERS, OPS
    from resdsl.recipes.slots import OPTIONS, SLOTS

    if subject in OPS:
        yield _operation(OPS[subject])
    if subject in INITIALIZERS:
        yield _initializer(INITIALIZERS[subject])
    if subject in WORDS:
        word = WORDS[subject]
        yield [fill(word.text, WIDTH), "", indent(word.example.rstrip(), "    ")]
    if subject == "recipe":
        yield _slots(SLOTS)
    if subject in SLOTS:
        yield _slot(SLOTS[subject])
    if subject in OPTIONS:
        yield _option(OPTIONS[subject][0].options[subject], OPTIONS[subject])
    if subject.upper() in CODES:
        yield _code(CODES[subject.upper()])


def _unknown(subject: str) -> Exception:
    from resdsl.cli.words import WORDS
    from resdsl.diagnostics import error
    from resdsl.diagnostics.codes import CODES
    from resdsl.diagnostics.near import did_you_mean
    from resdsl.ops import INITIALIZERS, OPS
    from resdsl.recipes.slots import OPTIONS, SLOTS

    if subject[:1].upper() == "R" and subject[1:].isdigit():
        help = did_you_mean(subject.upper(), CODES)
        return error("R0716", f"there is no diagnostic with the code `{subject}`", help=help)
    help = (
        did_you_mean(subject, [*OPS, *INITIALIZERS, *WORDS, *SLOTS, *OPTIONS])
        or "`resdsl ops` lists the operations"
    )
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


def _slots(slots: Mapping[str, Slot]) -> Iterator[str]:
    yield "Slots, and what each can be filled with; those with a * must be:\n"
    for slot in slots.values():
        mark = "*" if slot.is_required else " "
        yield fill(
            f"{mark} {slot.name:11}{', '.join(slot.options)}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent=" " * 15,
        )


def _slot(slot: Slot) -> Iterator[str]:
    yield f"{slot.name}: a slot of recipes\n"
    yield fill(slot.doc, WIDTH)
    yield f"\nOptions: {', '.join(slot.options)}\n"
    yield f"    {slot.example}"


def _option(option: Option, slots: Iterable[Slot]) -> Iterator[str]:
    from resdsl.recipes.reference import default_text, paragraphs

    given = {p.name: None if p.is_required else default_text(p.default) for p in option.parameters}
    yield f"{_signature(option.name, given)}\n"
    yield paragraphs(option.doc)
    yield from _arguments([(p.name, p.doc, p.kind.says) for p in option.parameters])
    yield f"\nFor recipes: {' and '.join(f'`{s.name}: {option.name}`' for s in slots)}"


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
