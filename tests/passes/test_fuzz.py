"""Damaged files: whatever stands in one, it compiles or says why, and soon.

The seeds are fixed, so that a failure comes again: `mutant(seed)` is the text. Of more seeds, run
`RESDSL_FUZZ=50000 pytest tests/passes/test_fuzz.py`.
"""

import os
import random
import re
import time
from pathlib import Path

from resdsl.diagnostics import CompileError, Source, render_all
from resdsl.passes.elaborate import elaborate
from resdsl.passes.load import complete_models
from resdsl.passes.resolve import resolve
from resdsl.syntax import parse

TESTS = Path(__file__).resolve().parent.parent
FILES = sorted((TESTS.parent / "examples").glob("*.res")) + sorted(
    (TESTS / "data/networks").glob("*.res")
)
SOURCES = [path.read_text() for path in FILES]

INPUTS = int(os.environ.get("RESDSL_FUZZ", "2000"))
SECONDS = 20
"""For one text. Far above what any takes alone; a busy machine stays below."""

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\d_.]*|\s+|==|//|\*\*|.", re.DOTALL)
NAMES = [
    *("conv", "relu", "batch_norm", "linear", "max_pool", "add", "concat", "mul", "flatten"),
    *("identity", "projection", "zero_pad", "global_avg_pool", "branch", "index", "first", "last"),
    *("range", "len", "zip", "sum", "max", "any", "sigmoid", "zeros", "none", "true", "in"),
    *("width", "stride", "unit", "depths", "basic", "bottleneck", "network", "resnet"),
    *("in.channels", "branch.stride", "[]", "[1, 2]", '"same"', "(1 < 2)", "conv(3, 3)"),
]
NUMBERS = ["0", "1", "-1", "2", "3", "64", "2.0", "0.5", "1e9", "10 ** 9", "2 ** 63", "7 // 2"]
MARKS = [
    *("block", "model", "let", "def", "defaults", "expect", "import", "recipe", "for", "if"),
    *("else", "stage", "residual", "shortcut", "from", "x", "and", "not", "or", "input", "output"),
    *("(", ")", "[", "]", "{", "}", ",", ";", ":", "=", "==", "+", "-", "*", "/", "//", "%", "**"),
    *("<", ".", "\n", "\n\n", '"', "# ", '"a{i}": ', "y[i]: ", "a: ", "\\"),
]
WORDS = NAMES + NUMBERS + MARKS


def mutant(seed: int) -> str:
    """A file of ours with some of its words changed: every other one so that it still parses."""
    pick = random.Random(seed)
    source = pick.choice(SOURCES)
    return reworded(source, pick) if seed % 2 else damaged(source, pick)


def reworded(source: str, pick: random.Random) -> str:
    """Names for names, numbers for numbers, lines left out, doubled or moved within a body."""
    tokens = TOKEN.findall(source)
    own = [t for t in tokens if t.isidentifier()]
    for _ in range(pick.choice([1, 1, 2, 4])):
        at = pick.randrange(len(tokens))
        while not (tokens[at].isidentifier() or tokens[at][0].isdigit()):
            at = pick.randrange(len(tokens))
        if tokens[at][0].isdigit():
            tokens[at] = pick.choice(NUMBERS)
        else:
            tokens[at] = pick.choice(own if pick.random() < 0.6 else NAMES)
    lines = "".join(tokens).split("\n")
    steps = [n for n, line in enumerate(lines) if line.startswith("    ") and "{" not in line]
    if pick.random() < 0.5 and steps:
        at = pick.choice(steps)
        line = lines[at] if "}" not in lines[at] else ""
        kind = pick.random()
        if kind < 0.4 and line:
            del lines[at]
        elif kind < 0.7:
            lines.insert(pick.choice(steps), line)
        else:
            lines.insert(at, "    " + pick.choice(STATEMENTS))
    return "\n".join(lines)


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
]


def damaged(source: str, pick: random.Random) -> str:
    """Whatever: most of these do not parse."""
    tokens = TOKEN.findall(source)
    for _ in range(pick.choice([1, 1, 1, 2, 3, 8])):
        at = pick.randrange(len(tokens))
        kind = pick.random()
        if kind < 0.45:
            tokens[at] = pick.choice(WORDS)
        elif kind < 0.6:
            tokens.insert(at, pick.choice(WORDS))
        elif kind < 0.75:
            del tokens[at : at + pick.choice([1, 1, 2, 5])]
        elif kind < 0.85:
            other = pick.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind < 0.95:
            start = pick.randrange(len(tokens))
            tokens[at:at] = tokens[start : start + pick.choice([1, 5, 30])]
        else:
            word = tokens[at]
            where = pick.randrange(len(word) + 1)
            tokens[at] = word[:where] + pick.choice("_azAZ09.\0é") + word[where:]
        if not tokens:
            return ""
    return "".join(tokens)


def compile_all(text: str, models: int = 2) -> None:
    """Everything up to graphs; the first models are enough, for they share their blocks."""
    program = resolve(parse(Source("net.res", text)))
    for name in complete_models(program)[:models]:
        elaborate(program, name)


def test_mutants() -> None:
    compiled = refused = 0
    for seed in range(INPUTS):
        text = mutant(seed)
        start = time.monotonic()
        try:
            compile_all(text)
            compiled += 1
        except CompileError as failure:
            assert render_all(failure.diagnostics)
            assert all(d.primary is not None for d in failure.diagnostics), seed
            refused += 1
        except Exception as failure:
            raise AssertionError(f"mutant({seed}) ends in {failure!r}") from failure
        assert time.monotonic() - start < SECONDS, f"mutant({seed}) takes too long"
    # Were nearly all refused by the parser, the passes would not be tried.
    assert compiled > INPUTS // 10 and refused > INPUTS // 10
