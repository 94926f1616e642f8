"""Whatever a file asks for, the answer comes in bounded time and memory."""

import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from resdsl.diagnostics import Source, render_all
from resdsl.passes.check import check_source

Codes = Callable[[str], list[str]]

SECONDS = 20
"""Far above what any of these takes alone; a busy machine stays below."""

CHAIN = "\n".join(f"let a{n} = a{n + 1} + 1" for n in range(5000)) + "\nlet a5000 = 1"
IN_ORDER = "let a0 = 1\n" + "\n".join(f"let a{n + 1} = a{n} + 1" for n in range(5000))
ALIASES = "\n".join(f"block b{n} = b{n + 1}" for n in range(3000)) + "\nblock b3000 = relu"
GIVEN = "block b0 = relu\nblock f(u: block) { u }\n" + "\n".join(
    f"block b{n + 1} = f(b{n})" for n in range(300)
)
DOUBLED = "block f(u: block, v: block) { u }\nlet u0 = relu\n" + "\n".join(
    f"let u{n + 1} = f(u{n}, u{n})" for n in range(40)
)
DOUBLED_ALIASES = "block f(u: block, v: block) { u }\nblock b0 = relu\n" + "\n".join(
    f"block b{n + 1} = f(b{n}, b{n})" for n in range(40)
)
TYPES = "\n".join(f"let a{n} = a{n + 1} + a{n + 1}" for n in range(40)) + "\nlet a40 = 1"
SCOPES = "\n".join(f"let v{n} = {n}; if v{n} >= 0 {{ relu }}" for n in range(2000))
PARAMETERS = ", ".join(f"p{n} = 0" for n in range(3000))
NESTED_IFS = "if 1 < 2 { " * 60 + "relu" + " }" * 60
DEEP_BLOCKS = (
    "block f(n) { if n > 0 { residual { for i in [0] { g: { concat { f(n - 1) } } } } shortcut"
    " { conv(branch.channels, 1) } } else { relu } }\n===f(62)"
)

CASES = {
    "steps of loops": ("===for i in range(99_999) { for j in range(99_999) { } }", "R0310"),
    "steps of calls": (
        "block f(n) { if n > 0 { f(n - 1); f(n - 1) } }\n===f(60)",
        "R0310",
    ),
    "steps of functions": (
        "def f(n) = f(n - 1) + f(n - 1) if n > 0 else 0\n===conv(f(60), 1)",
        "R0310",
    ),
    "operations": ("===for i in range(400) { for j in range(400) { relu } }", "R0312"),
    "a stage": ("===stage 10 ** 9 x relu", "R0312"),
    "recursion": ("block f { f }\n===f", "R0311"),
    "mutual recursion": ("block f { g }\nblock g { f }\n===f", "R0311"),
    "recursion of functions": ("def f(n) = g(n)\ndef g(n) = f(n)\n===conv(f(1), 1)", "R0311"),
    "deep blocks": (DEEP_BLOCKS, None),
    "deep bodies": (f"==={NESTED_IFS}", None),
    "constants in order": (f"{IN_ORDER}\n===conv(a9, 1)", None),
    "constants the other way round": (f"{CHAIN}\n===conv(a9, 1)", "R0311"),
    "aliases the other way round": (f"{ALIASES}\n===b0", None),
    "blocks given to blocks": (f"{GIVEN}\n===b300", "R0313"),
    "blocks doubled": (f"{DOUBLED}\n===u40", "R0313"),
    "aliases doubled": (f"{DOUBLED_ALIASES}\n===b40", "R0310"),
    "types of constants": (f"{TYPES}\nblock f(n = a0) {{ relu }}\n===f", None),
    "lists in lists": ("let a = [[0] * 99_999 for i in range(99_999)]\n===relu", "R0310"),
    "a list handed to every block": (
        "block f(a) { }\n===let a = range(99_999); for i in range(99_999) { f(a) }",
        "R0310",
    ),
    "many parameters": (
        f"block f({PARAMETERS}) {{ }}\n===for i in range(99_999) {{ f }}",
        "R0310",
    ),
    "many names and bodies": (f"==={SCOPES}", None),
    "a tensor": ("===pad(2 ** 40)", "R0312"),
    "a weight": ("===linear(2 ** 39)", "R0312"),
    "long names": (
        "===" + "".join(f"{'x' * 199}: {{ " for _ in range(40)) + "relu" + "}" * 40,
        "R0223",
    ),
    "a label in a loop": ('===for i in range(20_000) { "a{i}": relu }', None),
}


@pytest.mark.parametrize("case", CASES)
def test_bounded(case: str, codes: Codes) -> None:
    text, code = CASES[case]
    start = time.process_time()
    found = codes(text)
    assert time.process_time() - start < SECONDS
    assert found == ([] if code is None else [code])


HUNGRY = [
    "let a = [[0] * 99_999 for i in range(99_999)]\n",
    "let a = [range(99_999) for i in range(99_999)]\n",
    'let a = ["ab" * 30_000 for i in range(99_999)]\n',
    "let a = [0] * 10 ** 12\n",
    'let a = "ab" * 10 ** 12\n',
    "let a = 9 ** 9 ** 9\n",
    "let a = round(5, -10 ** 18)\n",
    "model net { input(3, 8, 8); stage 10 ** 9 x relu }\n",
]

CHILD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
from resdsl.diagnostics import Source
from resdsl.passes.check import check_source
for text in sys.stdin.read().split("===")[:-1]:
    print(*(d.code for d in check_source(Source("net.res", text)).diagnostics))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on processes")
def test_memory_is_bounded() -> None:
    """A process that may take one gigabyte comes to an end, and says why."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input="".join(text + "===" for text in HUNGRY),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = done.stdout.split()
    assert len(found) == len(HUNGRY)
    assert set(found) <= {"R0301", "R0310", "R0312", "R0313"}


def test_messages_are_bounded(codes: Codes) -> None:
    """Even where the names and values in them are not."""
    long = "x" * 5000
    texts = [
        f"model net {{ input(3, 8, 8); {long} }}",
        f"block {long}(a) {{ a }}\nmodel net {{ input(3, 8, 8); {long}(3) }}",
        f'block f(a) {{ a }}\nmodel net {{ input(3, 8, 8); f("{long}") }}',
        "block f(a) { conv(a, 3) }\nmodel net { input(3, 8, 8); f([range(9)] * 9000) }",
    ]
    for text in texts:
        diagnostics = check_source(Source("net.res", text)).diagnostics
        assert diagnostics and len(render_all(diagnostics)) < 2000


def test_many_networks_that_are_too_large() -> None:
    """After a few the others are left alone, for each takes seconds."""
    body = "input(3, 8, 8); for i in range(100_000) { relu; tanh }"
    text = "\n".join(f"model net{n} {{ {body} }}" for n in range(30))
    start = time.process_time()
    checked = check_source(Source("net.res", text))
    assert [d.code for d in checked.diagnostics] == ["R0312", "R0312"]
    assert checked.left_out == 28
    assert time.process_time() - start < SECONDS
