"""Every mistake in fixtures/ and what is said about it, side by side, byte for byte.

`fixtures/R0102_list.res` is a file with that mistake, `fixtures/R0102_list.txt` the messages. A
first line `# --set name=value` gives values to parameters, and `# --input 3x64x64` another size to
the input, as on the command line; `# --recipe name` loads that recipe. Where several files take
part, they are in a folder `fixtures/R0231_two_files`, and `main.res` is the first.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl.diagnostics import CompileError, Diagnostic, Source, render_all
from resdsl.diagnostics.codes import CODES
from resdsl.passes.check import check_source
from resdsl.passes.load import elaborate_with, parse_shape, settings_of
from resdsl.passes.recipes import load_recipe
from resdsl.passes.resolve import resolve
from resdsl.syntax import parse

FIXTURES = Path(__file__).parent / "fixtures"
SETTING, INPUT, RECIPE = "# --set ", "# --input ", "# --recipe"


def syntax(source: Source) -> list[Diagnostic]:
    """What the parser has to say."""
    with pytest.raises(CompileError) as caught:
        parse(source)
    return list(caught.value.diagnostics)


def front_end(source: Source) -> list[Diagnostic]:
    """What is said about a file whose models are all built, warnings included."""
    line = source.line(1)
    if line.startswith(RECIPE):
        return recipe(source)
    if not line.startswith((SETTING, INPUT)):
        return check_source(source).diagnostics
    program = resolve(parse(source))
    given = [line.removeprefix(SETTING)] if line.startswith(SETTING) else []
    shape = None if given else parse_shape(line.removeprefix(INPUT))
    with pytest.raises(CompileError) as caught:
        settings = settings_of(program, given)
        elaborate_with(program, next(iter(program.models)), settings, shape)
    return list(caught.value.diagnostics)


def recipe(source: Source) -> list[Diagnostic]:
    """What is said about the recipe that the first line asks for."""
    name, *settings = source.line(1).removeprefix(RECIPE).strip().split(" --set ")
    with pytest.raises(CompileError) as caught:
        load_recipe(resolve(parse(source)), name or None, settings)
    return list(caught.value.diagnostics)


# What runs a fixture, by the beginning of its code. A stage that adds fixtures adds itself.
STAGES: dict[str, Callable[[Source], list[Diagnostic]]] = {
    "R01": syntax,
    "R02": front_end,
    "R03": front_end,
    "R04": front_end,
    "R082": front_end,
}

NAMES = [
    *(path.stem for path in FIXTURES.glob("*.res")),
    *(path.parent.name for path in FIXTURES.glob("*/main.res")),
]

# Mistakes that would be too large, or too confusing, to keep as files.
GENERATED = {
    "R0109_control_characters": "# a bell \x07\nlet a = 1\x00\n# \u202e reversed\nblock f {\n"
    '    "a\u2066b": relu\r    relu\n}\n',
    "R0112_long_text": f'import "{"x" * 65_537}"\n',
    "R0129_long_line": "let a = [" + "1, " * 50_000 + "]\n",
    "R0129_long_expression": "let a = " + "1 +" * 4000 + "1\n",
    "R0130_many_errors": "let a\n" * 120,
    "R0218_name_too_long": f'import "{"name" * 80}.res"\n',
}


GENERATED_FOLDERS = {
    "R0233_deep": {
        "main.res": 'import "a0.res"\nblock f { relu }\n',
        **{f"a{n}.res": f'import "a{n + 1}.res"\n' for n in range(64)},
        "a64.res": "block g { relu }\n",
    },
}


def messages(name: str, source: Source) -> tuple[str, list[str]]:
    found = next(run for stage, run in STAGES.items() if name.startswith(stage))(source)
    return render_all(found) + "\n", [diagnostic.code for diagnostic in found]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.res")), ids=lambda path: path.stem)
def test_fixture(path: Path, golden: Callable[[Path, str], None]) -> None:
    source = Source(path.name, path.read_bytes().decode(), str(path))
    text, codes = messages(path.stem, source)
    assert path.stem[:5] in codes
    golden(path.with_suffix(".txt"), text)


@pytest.mark.parametrize("main", sorted(FIXTURES.glob("*/main.res")), ids=lambda p: p.parent.name)
def test_folder(main: Path, golden: Callable[[Path, str], None]) -> None:
    source = Source(main.name, main.read_text(encoding="utf-8"), str(main))
    text, codes = messages(main.parent.name, source)
    assert main.parent.name[:5] in codes
    golden(main.parent.with_suffix(".txt"), text)


@pytest.mark.parametrize("name", GENERATED_FOLDERS)
def test_generated_folder(name: str, tmp_path: Path, golden: Callable[[Path, str], None]) -> None:
    for file, content in GENERATED_FOLDERS[name].items():
        (tmp_path / file).write_text(content, encoding="utf-8")
    main = tmp_path / "main.res"
    text, codes = messages(name, Source(main.name, main.read_text(encoding="utf-8"), str(main)))
    assert name[:5] in codes
    golden(FIXTURES / f"{name}.txt", text)


@pytest.mark.parametrize("name", GENERATED)
def test_generated(name: str, golden: Callable[[Path, str], None]) -> None:
    text, codes = messages(name, Source(f"{name}.res", GENERATED[name], str(FIXTURES / "n.res")))
    assert name[:5] in codes
    if name[:5] == "R0130":
        text = text[text.rindex("error[") :]
    golden(FIXTURES / f"{name}.txt", text)


@pytest.mark.parametrize("stage", STAGES)
def test_every_code_of_a_stage_has_a_fixture(stage: str) -> None:
    names = [*NAMES, *GENERATED, *GENERATED_FOLDERS]
    fixtures = {name[:5] for name in names if name.startswith(stage)}
    assert fixtures == {code for code in CODES if code.startswith(stage)}


def test_no_text_without_its_mistake() -> None:
    texts = {path.stem for path in FIXTURES.glob("*.txt")}
    assert texts == {*NAMES, *GENERATED, *GENERATED_FOLDERS}
