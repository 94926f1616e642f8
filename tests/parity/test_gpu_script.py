"""`make gpu-parity` without a GPU and without a framework: traces of made-up numbers."""

from pathlib import Path

import pytest

from resdsl.diagnostics import error
from resdsl.ir.graph import Graph
from resdsl.parity import Settings
from tests import gpu_parity
from tests.parity.trace_files import POLICY, Maker

FILE = Path(__file__).with_name("small.res")


def test_the_reference_comes_first_and_tf32_has_runs_of_its_own() -> None:
    names = [run.name for run in gpu_parity.runs_on("cuda", ["torch", "jax"])]
    assert names[:3] == ["torch-cpu-float64", "torch-cuda-float64", "jax-cuda-float64"]
    assert {"torch-cuda-float32-tf32-moved", "torch-cuda-bfloat16-moved"} < set(names)
    assert "torch-cuda-float64-moved" not in names
    assert names.index("torch-cuda-float32-tf32") < names.index("jax-cuda-float32-tf32")
    on_cpu = [run.name for run in gpu_parity.runs_on("cpu", ["torch", "jax"])]
    assert len(set(on_cpu)) == len(on_cpu) and not any("tf32" in name for name in on_cpu)


def made_up(graph: Graph, output: Path, settings: Settings, *, moved: bool = False) -> None:
    """What `record` would write, with the rounding of each precision."""
    coarse = settings.dtype != "float64"
    rounding = (1e-3 if settings.tf32 else 1e-7) if coarse else 1e-15
    maker = Maker(graph, output.parent)
    subject = maker.description(settings.backends[0], settings.dtype, {})["subject"]
    maker.trace(
        output.stem,
        backend=settings.backends[0],
        dtype=settings.dtype,
        rounding=rounding,
        subject={**subject, "moved": moved},
        policy={**POLICY, "tf32 matmul": settings.tf32, "tf32 conv": settings.tf32},
    )


def test_the_report_has_every_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_parity, "record", made_up)
    assert gpu_parity.main(["-o", str(tmp_path), "--steps", "2", f"{FILE}:small"]) == 0
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "1 of 1 networks agree" in report and "## small-small" in report
    assert "| jax float32 TF32, cpu | ✓ 1.0e-03 of 1e-02 |" in report
    assert not (tmp_path / "traces").exists()


def test_without_a_gpu_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_gpu(graph: Graph, output: Path, settings: Settings, *, moved: bool = False) -> None:
        if settings.device == "cuda":
            raise error("R0603", f"{settings.backends[0]} finds no GPU here")
        made_up(graph, output, settings, moved=moved)

    monkeypatch.setattr(gpu_parity, "record", no_gpu)
    assert gpu_parity.main(["-o", str(tmp_path), "--steps", "2", f"{FILE}:small"]) == 2
    told = capsys.readouterr()
    assert "nothing can run on cuda here: jax finds no GPU here; torch finds no GPU" in told.err
