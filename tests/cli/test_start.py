"""How the command starts and ends: what it imports, its exit codes, its streams."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from resdsl import __version__
from resdsl.cli.main import COMMANDS, main

ROOT = Path(__file__).resolve().parent.parent.parent
SLOW = (
    "torch",
    "jax",
    "flax",
    "tensorflow",
    "keras",
    "onnx",
    "onnxruntime",
    "numpy",
    "rich",
    "pygraphviz",
)

PROBE = f"""
import sys
from resdsl.cli.main import main
code = main(sys.argv[1:])
print("imported:", *[name for name in {SLOW!r} if name in sys.modules])
sys.exit(code)
"""


def run(*arguments: str, code: int = 0, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **settings}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, env=environment
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "examples/resnet.res"),
        ("compile", "examples/resnet.res:resnet18", "--backend", "torch,jax,tensorflow", "-o"),
        ("compile", "examples/resnet.res:resnet18", "--backend", "torch", "--with-trainer", "-o"),
        ("draw", "examples/resnet.res:resnet34"),
        ("--help",),
        ("compile", "--help"),
    ],
    ids=["check", "compile", "trainer", "draw", "help", "compile help"],
)
def test_no_framework_is_imported(arguments: tuple[str, ...], tmp_path: Path) -> None:
    folder = (str(tmp_path),) if arguments[-1] == "-o" else ()
    done = run("-c", PROBE, *arguments, *folder)
    assert done.stdout.splitlines()[-1] == "imported:"


def test_the_module_runs_as_well() -> None:
    assert run("-m", "resdsl", "--version").stdout == f"resdsl {__version__}\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m resdsl check examples/resnet.res | true"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"Usage: resdsl {command}" in capsys.readouterr().out


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2


def test_a_mistake_of_ours_is_said_to_be_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("an invariant")

    monkeypatch.setattr("resdsl.passes.check.check", broken)
    monkeypatch.delenv("RESDSL_TRACEBACK", raising=False)
    assert main(["check", "net.res"]) == 70
    error = capsys.readouterr().err
    assert "internal error: AssertionError: an invariant" in error
    assert "mistake in resdsl, not in your file" in error
    assert "Traceback" not in error


def test_the_traceback_is_there_for_those_who_ask(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("an invariant")

    monkeypatch.setattr("resdsl.passes.check.check", broken)
    monkeypatch.setenv("RESDSL_TRACEBACK", "1")
    main(["check", "net.res"])
    assert "in broken" in capsys.readouterr().err


def test_ctrl_c_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("resdsl.passes.check.check", interrupted)
    assert main(["check", "net.res"]) == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_messages_have_colour_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "none.res"])
    assert "\x1b" not in capsys.readouterr().err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    main(["check", "none.res"])
    assert "\x1b" in capsys.readouterr().err
    monkeypatch.setenv("NO_COLOR", "1")
    main(["check", "none.res"])
    assert "\x1b" not in capsys.readouterr().err
