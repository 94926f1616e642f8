"""Every mistake in fixtures/ and what is said about it, side by side, byte for byte.

`fixtures/R0102_list.res` is a file with that mistake, `fixtures/R0102_list.txt` the messages.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl.diagnostics import CompileError, Source, render_all
from resdsl.diagnostics.codes import CODES
from resdsl.syntax import parse

FIXTURES = Path(__file__).parent / "fixtures"

# What runs a fixture, by the beginning of its code. A stage that adds fixtures adds itself.
STAGES: dict[str, Callable[[Source], object]] = {"R01": parse}

# Mistakes that would be too large, or too confusing, to keep as files.
GENERATED = {
    "R0109_control_characters": "# a bell \x07\nlet a = 1\x00\n# \u202e reversed\nblock f {\n"
    '    "a\u2066b": relu\r    relu\n}\n',
    "R0112_long_text": f'import "{"x" * 65_537}"\n',
    "R0129_long_line": "let a = [" + "1, " * 50_000 + "]\n",
    "R0129_long_expression": "let a = " + "1 +" * 4000 + "1\n",
    "R0130_many_errors": "let a\n" * 120,
}


def messages(name: str, text: str) -> tuple[str, list[str]]:
    with pytest.raises(CompileError) as caught:
        STAGES[name[:3]](Source(f"{name}.res", text))
    found = caught.value.diagnostics
    return render_all(found) + "\n", [diagnostic.code for diagnostic in found]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.res")), ids=lambda path: path.stem)
def test_fixture(path: Path, golden: Callable[[Path, str], None]) -> None:
    text, codes = messages(path.stem, path.read_bytes().decode())
    assert path.stem[:5] in codes
    golden(path.with_suffix(".txt"), text)


@pytest.mark.parametrize("name", GENERATED)
def test_generated(name: str, golden: Callable[[Path, str], None]) -> None:
    text, codes = messages(name, GENERATED[name])
    assert name[:5] in codes
    if name[:5] == "R0130":
        text = text[text.rindex("error[") :]
    golden(FIXTURES / f"{name}.txt", text)


def test_every_syntax_code_has_a_fixture() -> None:
    fixtures = {path.name[:5] for path in FIXTURES.glob("R01*.res")} | {n[:5] for n in GENERATED}
    assert fixtures == {code for code in CODES if code.startswith("R01")}


def test_no_text_without_its_mistake() -> None:
    texts = {path.stem for path in FIXTURES.glob("*.txt")}
    assert texts == {path.stem for path in FIXTURES.glob("*.res")} | GENERATED.keys()
