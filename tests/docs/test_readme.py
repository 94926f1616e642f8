"""The README is true: its excerpts are in the files, its commands and its Python run."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

import resdsl
from resdsl.cli.main import main

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "README.md").read_text()
RESNET = ROOT / "examples/resnet.res"
BLOCK = re.compile(r"^```([a-z ]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(TEXT)


def blocks(kind: str) -> list[str]:
    return [code for found, code in BLOCKS if found == kind]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_res_file_is_an_example() -> None:
    assert blocks("res")
    assert all(code in RESNET.read_text() for code in blocks("res"))


@pytest.mark.parametrize("backend", ["torch", "jax", "tensorflow"])
def test_the_excerpts_are_what_is_generated(backend: str) -> None:
    (code,) = blocks(f"python {backend}")
    assert code in resdsl.load(f"{RESNET}:resnet18").source(backend)


def test_lengths_are_those_of_the_files() -> None:
    model = resdsl.load(f"{RESNET}:resnet18")
    (lines,) = re.findall(r"`resnet18_torch.py` \((\d+) lines\)", TEXT)
    assert model.source("torch").count("\n") == int(lines)
    for backend in ("torch", "jax", "tensorflow"):
        shallow, deep = (
            resdsl.load(f"{RESNET}:{name}").source(backend).count("\n")
            for name in ("resnet50", "resnet152")
        )
        assert shallow == deep


def test_the_commands_run(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (script,) = blocks("sh")
    commands = [line for line in script.replace("\\\n", " ").splitlines() if line]
    assert len(commands) > 7
    for command in commands:
        program, *arguments = shlex.split(command, comments=True)
        assert program == "resdsl"
        # `diff` finds the difference that it is there to show.
        assert main(arguments) == (arguments[0] == "diff"), f"{command}\n{capsys.readouterr().err}"
    assert (checkout / "out" / "resnet34_jax.py").is_file()


def test_the_python_runs(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("23528522 ")
    assert (checkout / "resnet50.onnx").stat().st_size > 4 * 23_528_522


def test_the_message_is_the_compilers(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (message,) = blocks("text")
    language = (ROOT / "docs/language.md").read_text()
    assert message.rstrip() in language
