"""The reference of operations and initializers as Markdown: `docs/operations.md` is this text.

It is made of the signatures and docstrings that the compiler itself works with, so it cannot say
anything else than the compiler does.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

from resdsl.ops.base import OPS, Op, attributes_of, required
from resdsl.ops.initializer_calls import INITIALIZERS, InitializerSignature
from resdsl.ops.initializers import TORCH_DEFAULT, Constant

HEAD = """\
# Operations and initializers

Every operation of the language: what it computes, its arguments in the order of positions, and
their defaults, which every backend obeys. Shapes leave out the batch and put channels first. This
page is written by `make golden` from the compiler's own definitions.
"""


#: The families in the order of the page; one that is not named here comes last.
FAMILIES = (
    *("conv", "linear", "norm", "pooling", "activation", "stochastic", "scalars", "shape"),
    *("resize", "sequence", "attention", "joins"),
)


def reference() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, kinds in families().items():
        parts += [f"## {title}\n", *map(_operation, kinds)]
    parts += ["## Initializers\n", INITIALIZERS_HEAD, *map(_initializer, INITIALIZERS.values())]
    return "\n".join(parts)


def families() -> dict[str, list[type[Op]]]:
    """Operations by the title of their module, which is the beginning of its docstring."""

    def place(kind: type[Op]) -> int:
        name = kind.__module__.rpartition(".")[2]
        return FAMILIES.index(name) if name in FAMILIES else len(FAMILIES)

    found: dict[str, list[type[Op]]] = {}
    for kind in sorted(OPS.values(), key=place):
        doc = sys.modules[kind.__module__].__doc__ or ""
        title = doc.partition("\n")[0].partition(":")[0].rstrip(".")
        found.setdefault(title, []).append(kind)
    return found


INITIALIZERS_HEAD = """\
Values of `init` and `bias_init`: `conv(64, 3, init = he_normal(fan = "out"))`. The fan of a weight
is the number of inputs (`"in"`) or outputs (`"out"`) of a position, as PyTorch counts them, also
for grouped convolutions; `"average"` is half their sum.
"""


def summary_of(kind: type[Op]) -> str:
    """The first sentence of an operation's documentation, without what it cites."""
    paragraph = cleandoc(kind.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
    sentence = re.split(r"(?<=[.:;]) (?=[A-Z])", paragraph, maxsplit=1)[0]
    return re.sub(r" \([^()]*\d{4}[^()]*\)", "", sentence).rstrip(".:;") + "."


def default_text(value: Any) -> str:
    """A default as an author would write it."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if value == TORCH_DEFAULT:
        return 'variance_scaling(1 / 3, distribution = "uniform")'
    if isinstance(value, Constant):
        return {0.0: "zeros", 1.0: "ones"}.get(value.value, f"constant({value.value:g})")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _operation(kind: type[Op]) -> str:
    fields = attributes_of(kind)
    if kind.is_join:
        heading = f"{kind.name}(tensors) {{ bodies }}"
    else:
        names = [n if required(f) else f"{n} = …" for n, f in fields.items()]
        heading = f"{kind.name}({', '.join(names)})" if names else kind.name
    rows = [
        (
            name,
            None if required(f) else default_text(f.default),
            f.metadata["doc"],
            f.metadata["kind"],
        )
        for name, f in fields.items()
    ]
    return "\n".join(_section(kind.name, heading, cleandoc(kind.__doc__ or ""), rows))


def _initializer(signature: InitializerSignature) -> str:
    names = [p.name if p.default is None else f"{p.name} = …" for p in signature.parameters]
    heading = f"{signature.name}({', '.join(names)})" if names else signature.name
    rows = [
        (p.name, None if p.default is None else default_text(p.default), p.doc, p.kind)
        for p in signature.parameters
    ]
    return "\n".join(_section(signature.name, heading, signature.doc, rows))


def _section(
    name: str, heading: str, doc: str, rows: list[tuple[str, str | None, str, Any]]
) -> Iterator[str]:
    yield f"### {name}\n"
    yield f"    {heading}\n"
    yield f"{doc}\n"
    if rows:
        yield "| argument | default | meaning | values |\n|---|---|---|---|"
        for argument, default, meaning, kind in rows:
            shown = "required" if default is None else f"`{default}`"
            yield f"| `{argument}` | {shown} | {meaning} | {kind.says} |"
        yield ""
