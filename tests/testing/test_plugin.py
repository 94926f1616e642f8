"""The plugin for pytest: what it collects, what a test says, and that it costs nothing unasked."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import made_reports
import pytest

from resdsl.diagnostics import error
from resdsl.parity import Report, Settings, session, settings
from resdsl.parity.report import Row

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
NET = """\
model small {
    input(3, 8, 8)
    conv1: conv(4, 3)
    bn1: batch_norm
    relu
    global_avg_pool
    fc: linear(10)
}

model wide(width) {
    input(3, 8, 8)
    conv1: conv(width, 3)
}
"""


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a network, whose pytest has our plugin and no other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p resdsl.testing.plugin")
    (pytester.path / "net.res").write_text(NET, encoding="utf-8")
    return pytester


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Comparisons are noted, and end in a report made by hand: all that is asked for agrees."""
    found: list[Settings] = []

    def run(graph: Any, chosen: Settings) -> Report:
        found.append(chosen)
        rows = [made_reports.row(name, 1e-15) for name in chosen.backends[1:]]
        return made_reports.report((made_reports.row("torch", None), *rows), model=graph.name)

    monkeypatch.setattr(session, "run", run)
    monkeypatch.setattr(settings, "find_spec", lambda name: object())
    return found


def differ(monkeypatch: pytest.MonkeyPatch, **rows: Row) -> None:
    made = made_reports.report((made_reports.row("torch", None), *rows.values()))
    monkeypatch.setattr(session, "run", lambda graph, chosen: made)


def test_without_the_option_nothing_changes(inner: pytest.Pytester) -> None:
    inner.makepyfile("def test_one(): pass")
    inner.runpytest_inprocess().assert_outcomes(passed=1)
    assert inner.runpytest_inprocess("net.res").ret == pytest.ExitCode.USAGE_ERROR


def test_unasked_it_imports_nothing(inner: pytest.Pytester) -> None:
    inner.makepyfile(
        """
        import sys

        def test_modules():
            ours = {name for name in sys.modules if name.partition(".")[0] == "resdsl"}
            assert ours == {"resdsl", "resdsl.testing", "resdsl.testing.plugin"}
            assert not {"numpy", "torch", "jax", "click", "rich", "lark"} & set(sys.modules)
        """
    )
    inner.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_test_for_each_model_and_backend(
    inner: pytest.Pytester, compared: list[Settings]
) -> None:
    inner.makepyfile("def test_one(): pass")
    done = inner.runpytest_inprocess("--resdsl-parity", "-v")
    done.assert_outcomes(passed=4)
    done.stdout.fnmatch_lines(
        [f"net.res::small[[]{name}[]] PASSED*" for name in ("jax", "tensorflow", "onnx")]
    )
    done.stdout.no_fnmatch_line("*wide*")
    (chosen,) = compared
    assert chosen.backends == ("torch", "jax", "tensorflow", "onnx")
    assert (chosen.dtype, chosen.steps, chosen.batch) == ("float64", 5, 4)


@pytest.mark.parametrize("arguments", [("-k", "onnx"), ("net.res::small[onnx]",)])
def test_only_what_is_selected_is_run(
    inner: pytest.Pytester, compared: list[Settings], arguments: tuple[str, ...]
) -> None:
    inner.runpytest_inprocess("--resdsl-parity", *arguments).assert_outcomes(
        passed=1, deselected=2 if arguments[0] == "-k" else 0
    )
    assert [chosen.backends for chosen in compared] == [("torch", "onnx")]


def test_settings_come_from_the_configuration(
    inner: pytest.Pytester, compared: list[Settings]
) -> None:
    inner.makepyprojecttoml(
        """
        [tool.pytest.ini_options]
        resdsl_backends = ["torch", "jax"]
        resdsl_dtype = "float32"
        resdsl_steps = "2"
        """
    )
    done = inner.runpytest_inprocess("--resdsl-parity", "-o", "resdsl_batch=8")
    done.assert_outcomes(passed=1)
    assert compared == [
        replace(Settings(), backends=("torch", "jax"), dtype="float32", steps=2, batch=8)
    ]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("resdsl_steps=many", "resdsl_steps is 'many' and must be a whole number"),
        ("resdsl_steps=-1", "error[[]R0601]: `steps` is -1"),
        ("resdsl_backends=torch,caffe", "error[[]R0501]: there is no backend called `caffe`"),
        ("resdsl_backends=torch", "error[[]R0601]: a comparison needs two backends or more"),
    ],
)
def test_wrong_settings_are_said_once(inner: pytest.Pytester, setting: str, words: str) -> None:
    done = inner.runpytest_inprocess("--resdsl-parity", "-o", setting)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"*{words}*"])


def test_a_missing_framework_is_skipped_with_the_reason(
    inner: pytest.Pytester, compared: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = ("jax", "flax")
    monkeypatch.setattr(settings, "find_spec", lambda n: None if n in absent else object())
    done = inner.runpytest_inprocess("--resdsl-parity", "-rs")
    done.assert_outcomes(passed=2, skipped=1)
    done.stdout.fnmatch_lines(["*`jax` needs jax, flax*not installed*resdsl[[]jax]*"])
    assert compared[0].backends == ("torch", "tensorflow", "onnx")


def test_without_the_reference_all_are_skipped(
    inner: pytest.Pytester, compared: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "find_spec", lambda name: None if name == "torch" else object())
    done = inner.runpytest_inprocess("--resdsl-parity", "-rs")
    done.assert_outcomes(skipped=3)
    done.stdout.fnmatch_lines(["*`torch`, the reference, needs torch*"])
    assert compared == []


def test_a_difference_fails_with_diagnostic_and_table(
    inner: pytest.Pytester, compared: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made_reports.divergence()
    jax = made_reports.row("jax", 1e-5, first=first)
    others = {name: made_reports.row(name, 1e-15) for name in ("tensorflow", "onnx")}
    differ(monkeypatch, jax=jax, **others)
    done = inner.runpytest_inprocess("--resdsl-parity")
    done.assert_outcomes(passed=2, failed=1)
    done.stdout.fnmatch_lines(
        [
            "*parity of small, jax*",
            "net: jax float64 differs*",
            "error[[]R0605]: batch-norm statistics: `bn1.running_var*",
            " 3 |     bn1: batch_norm(eps = 1e-3)",
            "*eval forward*reference*✗ 1.0e-05*",
            "*FAILED net.res::small[[]jax]*",
        ]
    )
    done.stdout.no_fnmatch_line("*Traceback*")


def test_a_failed_reference_fails_everything(
    inner: pytest.Pytester, compared: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    red = made_reports.red().rows[2]
    torch = replace(red, backend="torch")
    made = made_reports.report((torch, made_reports.row("jax", 1e-15)))
    monkeypatch.setattr(session, "run", lambda graph, chosen: made)
    done = inner.runpytest_inprocess("--resdsl-parity", "-k", "jax")
    done.assert_outcomes(failed=1, deselected=2)


def test_what_cannot_be_compared_fails_with_the_message(
    inner: pytest.Pytester, compared: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def run(graph: Any, chosen: Settings) -> Report:
        calls.append(chosen)
        raise error("R0603", "jax: it finds no GPU")

    monkeypatch.setattr(session, "run", run)
    done = inner.runpytest_inprocess("--resdsl-parity")
    done.assert_outcomes(failed=3)
    done.stdout.fnmatch_lines(["error[[]R0603]: jax: it finds no GPU"])
    assert len(calls) == 1


def test_a_mistake_in_a_file_is_an_error_of_collection(
    inner: pytest.Pytester, compared: list[Settings]
) -> None:
    (inner.path / "wrong.res").write_text("model net {\n    convv(3)\n}\n", encoding="utf-8")
    done = inner.runpytest_inprocess("--resdsl-parity")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["error[[]R02*]: *convv*", "*wrong.res:2:5*"])
    done.stdout.no_fnmatch_line("*Traceback*")


def test_errors_are_written_into_junit_xml(
    inner: pytest.Pytester, compared: list[Settings]
) -> None:
    inner.runpytest_inprocess("--resdsl-parity", "--junit-xml=out.xml", "-k", "jax")
    (case,) = ET.parse(inner.path / "out.xml").getroot().iter("testcase")
    assert case.get("name") == "small[jax]"
    found = {each.get("name"): each.get("value") for each in case.iter("property")}
    assert found["parity eval"] == "1.0e-15"
