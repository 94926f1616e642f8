"""`assert_parity`: what it takes, what it says, and that a real difference makes it fail."""

from pathlib import Path
from typing import Any

import made_reports
import pytest

import resdsl
from resdsl.diagnostics import CompileError
from resdsl.parity import Report, Settings, session
from resdsl.testing import assert_parity

FILE = Path(__file__).parents[1] / "parity" / "small.res"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Settings]]:
    """Comparisons are noted, and agree."""
    found: list[tuple[Any, Settings]] = []

    def run(graph: Any, settings: Settings) -> Report:
        found.append((graph, settings))
        return made_reports.green()

    monkeypatch.setattr(session, "run", run)
    return found


def test_agreement_returns_the_report(asked: list[tuple[Any, Settings]]) -> None:
    report = assert_parity(
        f"{FILE}:small",
        backends=["torch", "jax"],
        steps=2,
        input="3x40x40",
        sources={"jax": "port.py"},
        seed=7,
    )
    assert report.agreed
    ((graph, settings),) = asked
    assert graph.input_types[0].numbers == (3, 40, 40)
    assert settings.backends == ("torch", "jax") and (settings.steps, settings.seed) == (2, 7)
    assert settings.sources == {"jax": Path("port.py")}


def test_a_model_is_taken_as_it_is(asked: list[tuple[Any, Settings]]) -> None:
    model = resdsl.load(f"{FILE}:small", classes=7)
    assert_parity(model)
    assert asked[0][0] is model.graph
    with pytest.raises(TypeError, match="has its input"):
        assert_parity(model, input="3x64x64")


def test_sizes_must_be_known(asked: list[tuple[Any, Settings]]) -> None:
    model = resdsl.load(f"{FILE}:small", input=(3, "any(4)", "any(4)"))
    with pytest.raises(CompileError, match="leaves a size open"):
        assert_parity(model)


def test_wrong_settings_are_refused(asked: list[tuple[Any, Settings]]) -> None:
    with pytest.raises(CompileError, match="R0601"):
        assert_parity(f"{FILE}:small", backends=["torch"])
    with pytest.raises(TypeError, match="tolerance"):
        assert_parity(f"{FILE}:small", tolerance=1)
    assert asked == []


def test_the_text_is_diagnostic_and_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "run", lambda graph, settings: made_reports.red())
    with pytest.raises(AssertionError) as caught:
        assert_parity(f"{FILE}:small")
    text = str(caught.value)
    assert text.startswith("net: jax float64 differs and tensorflow float64 failed")
    assert " 3 |     bn1: batch_norm(eps = 1e-3)\n   |          ^^^" in text
    assert "ValueError: too bad" in text and "✗ 1.0e-05" in text and "\x1b" not in text


def test_a_difference_is_found(tmp_path: Path) -> None:
    """A real comparison, of a file that was edited by hand."""
    pytest.importorskip("torch")
    pytest.importorskip("onnxruntime")
    text = resdsl.load(f"{FILE}:small").source("torch")
    edited = tmp_path / "edited.py"
    edited.write_text(text.replace("F.relu(y + ", "(y + "), encoding="utf-8")
    with pytest.raises(AssertionError, match=r"error\[R0605\]: torch: `layer1.0.relu2`") as caught:
        assert_parity(
            f"{FILE}:small", backends=["torch", "onnx"], steps=0, sources={"torch": edited}
        )
    assert "matches `relu left out`" in str(caught.value)
