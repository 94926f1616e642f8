"""The reference of recipes as Markdown: `docs/recipes.md` is this text.

It is made of the declarations that the compiler itself works with, as that of operations is.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from textwrap import fill
from typing import Any

from resdsl.recipes.options import Option
from resdsl.recipes.slots import SLOTS, Slot
from resdsl.recipes.text import written

HEAD = """\
# Recipes

How a network is trained, the same in every framework: the slots of a `recipe`, what each can be
filled with, and what that computes. [The language](language.md#recipes) says how recipes are
written and picked. Steps are counted from 0; formulas leave out what a recipe does not ask for.
This page is written by `make golden` from the compiler's own definitions.

```res
recipe cifar(lr = 0.1, path = "data/cifar10") {
    data:      cifar10(path = path, batch = 128)
    augment:   { pad_crop(4); flip }
    normalize: channels(mean = [0.4914, 0.4822, 0.4465], std = [0.2470, 0.2435, 0.2616])
    optimizer: sgd(lr = lr, momentum = 0.9, nesterov = true, weight_decay = 5e-4)
    schedule:  cosine(epochs = 200, warmup = 5)
    average:   ema(0.999)
    random:    seed(0)
}
```

A step: images are augmented and normalized, pairs are mixed; the loss's gradients are those of the
mean over the batch, or of its parts one after another where it is cut; they are clipped together;
the optimizer changes the weights with the step's learning rate; the average follows them.
"""


WIDTH = 100
#: Digits of a default that would better be written as a ratio.
_DIGITS = 12


def reference() -> str:
    """The whole page."""
    parts = [HEAD, *("\n".join(_overview()), "")]
    for slot in SLOTS.values():
        parts += _slot(slot)
    return "\n".join(parts)


def default_text(value: Any) -> str:
    """A default as an author would write it."""
    if isinstance(value, tuple) and len(value) == 1:
        return written(value[0])
    if isinstance(value, float) and len(repr(value)) > _DIGITS:
        ratio = Fraction(value).limit_denominator(100)
        return f"{ratio.numerator} / {ratio.denominator}"
    return written(value)


def paragraphs(doc: str) -> str:
    """The documentation of an option, its lines as long as they may be."""
    return "\n\n".join(fill(paragraph, WIDTH) for paragraph in doc.split("\n\n"))


def _overview() -> Iterator[str]:
    yield "| slot | | without it |\n|---|---|---|"
    for slot in SLOTS.values():
        options = ", ".join(f"`{name}`" for name in slot.options)
        yield f"| [`{slot.name}`](#{slot.name}) | {options} | {_without(slot)} |"


def _without(slot: Slot) -> str:
    if slot.is_required:
        return "required"
    if slot.is_body or slot.default is None:
        return "nothing"
    option, arguments = slot.option_of(slot.default)
    shown = ", ".join(map(written, arguments.values()))
    return f"`{option.name}({shown})`" if shown and option.leads else f"`{option.name}`"


def _slot(slot: Slot) -> Iterator[str]:
    yield f"## {slot.name}\n\n{slot.doc}\n\n    {slot.example}\n"
    if slot.name == "evaluate":
        names = " and ".join(f"[`{name}`](#{name})" for name in slot.options)
        yield f"{names} are those of `augment`.\n"
        return
    for option in slot.options.values():
        yield from _option(option)


def _option(option: Option) -> Iterator[str]:
    names = [p.name if p.is_required else f"{p.name} = …" for p in option.parameters]
    yield f"### {option.name}\n"
    yield f"    {option.name}({', '.join(names)})\n" if names else f"    {option.name}\n"
    yield f"{paragraphs(option.doc)}\n"
    if option.parameters:
        yield "| argument | default | meaning | values |\n|---|---|---|---|"
        for p in option.parameters:
            shown = "required" if p.is_required else f"`{default_text(p.default)}`"
            yield f"| `{p.name}` | {shown} | {p.doc} | {p.kind.says} |"
        yield ""
