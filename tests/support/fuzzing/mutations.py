"""Changes to a text, from one word in the place of another to brackets a thousand deep."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.support.fuzzing import corpus, sentences, words

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\d_.]*|\s+|==|//|\*\*|.", re.DOTALL)
STATEMENTS = [
    "let width = 3",
    "for i in range(3) { y[i]: conv(i + 1, 1) }; concat(y)",
    "for i in range(3) { conv(8, 3) }",
    "residual { conv(in.channels, 1) } shortcut projection",
    "residual { global_avg_pool } shortcut full_projection",
    "stage x: 2 x conv(8, 3, stride = 2)",
    "a: { relu; conv(8, 3) }; add(a)",
    "defaults { conv(stride = 2, bias = width) }",
    "expect stride == 1",
    "mul { global_avg_pool(keep = true) }",
    "concat { from in } { relu }",
    "from in",
    "output",
    "if first { relu } else { y[index]: relu }",
    "skip: identity",
    "conv(branch.channels, 1)",
    "basic(8, stride = 2)",
    "unit(unit)",
    "flatten; linear(3)",
    "parts: split(2); concat(parts)",
    "parts: split(2); from parts[0]; y: relu; add(y, parts[1])",
    "once: conv(4, 3); again(once)",
    "output(skip, y)",
    "other: input(3, 8, 8)",
    'scale(per = "tensor")',
    "attend(in, in, in)",
]


def reworded(text: str, pick: Random) -> str:
    """Names for names and numbers for numbers, so that most of what comes of it parses."""
    tokens = TOKEN.findall(text)
    places = [n for n, t in enumerate(tokens) if t.isidentifier() or t[0].isdigit()]
    own = [t for t in tokens if t.isidentifier()]
    for _ in range(pick.choice([1, 1, 2, 4])):
        if not places:
            return text
        at = pick.choice(places)
        if tokens[at][0].isdigit():
            tokens[at] = pick.choice(words.NUMBERS * 3 + words.EDGES + words.EXPRESSIONS)
        else:
            tokens[at] = pick.choice(own) if own and pick.random() < 0.6 else words.name(pick)
    return "".join(tokens)


def restated(text: str, pick: Random) -> str:
    """Statements left out, doubled, moved or put in."""
    lines = text.split("\n")
    steps = [n for n, line in enumerate(lines) if line.startswith("    ") and "{" not in line]
    for _ in range(pick.choice([1, 1, 2, 3])):
        if not steps or not lines:
            break
        at = pick.choice(steps) % len(lines)
        kind = pick.random()
        if kind < 0.3 and "}" not in lines[at]:
            del lines[at]
        elif kind < 0.5 and "}" not in lines[at]:
            lines.insert(pick.choice(steps) % len(lines), lines[at])
        else:
            lines.insert(at, "    " + pick.choice(STATEMENTS))
    return "\n".join(lines)


def damaged(text: str, pick: Random) -> str:
    """Words left out, doubled, swapped, replaced: most of these do not parse."""
    tokens = TOKEN.findall(text)
    for _ in range(pick.choice([1, 1, 1, 2, 3, 8])):
        if not tokens:
            return ""
        at = pick.randrange(len(tokens))
        kind = pick.random()
        if kind < 0.4:
            tokens[at] = words.word(pick)
        elif kind < 0.6:
            tokens.insert(at, words.word(pick))
        elif kind < 0.75:
            del tokens[at : at + pick.choice([1, 1, 2, 5])]
        elif kind < 0.85:
            other = pick.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        else:
            start = pick.randrange(len(tokens))
            tokens[at:at] = tokens[start : start + pick.choice([1, 5, 30])]
    return "".join(tokens)


def garbled(text: str, pick: Random) -> str:
    """Characters that no author types, and some that authors paste."""
    for _ in range(pick.choice([1, 1, 3, 10])):
        at = pick.randrange(len(text) + 1)
        character = (
            pick.choice(words.CHARACTERS) if pick.random() < 0.7 else chr(pick.randrange(128))
        )
        text = text[:at] + character + text[at + pick.choice([0, 0, 1]) :]
    return text


def truncated(text: str, pick: Random) -> str:
    """A file that ends, or begins, somewhere."""
    at = pick.randrange(len(text) + 1)
    return text[:at] if pick.random() < 0.7 else text[at:]


def spliced(text: str, pick: Random) -> str:
    """Lines of another file among the lines of this one."""
    lines, others = text.split("\n"), corpus.text(pick).text.split("\n")
    start = pick.randrange(len(others))
    at = pick.randrange(len(lines) + 1)
    lines[at:at] = others[start : start + pick.choice([1, 2, 8, 40])]
    return "\n".join(lines)


def exploded(text: str, pick: Random) -> str:
    """Numbers as large as they may be, and larger, where there are numbers."""
    tokens = TOKEN.findall(text)
    places = [n for n, t in enumerate(tokens) if t[0].isdigit()]
    for _ in range(pick.choice([1, 1, 2, 3])):
        if not places:
            return text
        at = pick.choice(places)
        larger = [f"{tokens[at]}0", f"{tokens[at]}000", "40", "1000", f"-{tokens[at]}", "0", "1"]
        tokens[at] = pick.choice(words.EDGES + larger * 2)
    return "".join(tokens)


def deepened(text: str, pick: Random) -> str:
    """Something in brackets, braces, conditions or operators many times over."""
    tokens = TOKEN.findall(text) or ["1"]
    at, times = pick.randrange(len(tokens)), pick.choice([3, 20, 63, 64, 65, 130, 1000, 20_000])
    opening, closing = pick.choice(
        [
            *(("(", ")"), ("[", "]"), ("{ ", " }"), ("not ", ""), ("- ", ""), ("g: { ", " }")),
            *(("f(", ")"), ("1 + ", ""), ("if true { ", " }"), ("residual { ", " }"), ("", ".a")),
            *(("", "[0]"), ("", "(1)"), ("2 ** ", ""), ("for i in range(2) { ", " }")),
            *(("concat { ", " } { relu }"), ("1 if true else ", ""), ("relu; ", ""), ("a", "")),
            *(("1, ", ""), ("mul { ", " }"), ("", " else if true { }"), ("\n", ""), ("# x\n", "")),
        ]
    )
    tokens[at] = opening * times + tokens[at] + closing * times
    return "".join(tokens)


def defined(text: str, pick: Random) -> str:
    """One more definition, which the grammar alone has a say in."""
    return f"{text.rstrip()}\n\n{sentences.definition(pick)}"


#: From the changes that leave most of a text alone to those that leave nothing standing.
MUTATIONS: list[Callable[[str, Random], str]] = [
    *[reworded] * 6,
    *[restated] * 4,
    *[damaged] * 5,
    *[garbled] * 1,
    *[truncated] * 1,
    *[spliced] * 2,
    *[exploded] * 3,
    *[deepened] * 2,
    *[defined] * 1,
]


def mutated(text: str, pick: Random) -> str:
    """The text with one change of some kind, or a few."""
    for _ in range(pick.choice([1, 1, 1, 2, 3])):
        text = pick.choice(MUTATIONS)(text, pick)
        if len(text) > 200_000:
            break
    return text
