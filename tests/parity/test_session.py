"""Whole comparisons of a small network: they agree, and they say so in every precision."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from resdsl.diagnostics import CompileError
from resdsl.ir.graph import Graph
from resdsl.parity import Report, Settings, run
from resdsl.parity.processes import Progress
from resdsl.parity.report import Status
from resdsl.weights.store import read_weights

FAST = Settings(backends=("torch", "onnx"), steps=1)


def summary(report: Report) -> str:
    return json.dumps(report.to_json(), indent=1)


def test_all_backends_agree_in_float64(small: Graph) -> None:
    report = run(small, Settings(steps=3))
    assert report.agreed, summary(report)
    assert [row.backend for row in report.rows] == ["torch", "jax", "tensorflow", "onnx"]
    for row in report.rows:
        applicable = {n for n, c in row.cells.items() if c.status is not Status.NOT_APPLICABLE}
        trains = row.backend != "onnx"
        assert len(applicable) == (8 if trains else 3), row
        assert row.policy["dtype"] == "float64" and row.policy["versions"]
    assert report.numerics.startswith("TF32 off, deterministic, ")
    assert report.numerics.endswith("no excess precision, denormals flushed")


def test_all_backends_agree_in_float32(small: Graph) -> None:
    report = run(small, Settings(steps=2, dtype="float32"))
    assert report.agreed, summary(report)
    assert [row.dtype for row in report.rows] == ["float64"] + ["float32"] * 4


def test_a_network_without_classes_agrees(dense: Graph) -> None:
    report = run(dense, Settings(steps=2))
    assert report.agreed, summary(report)
    assert report.subject["loss"] == "mean_square"


def test_no_steps_compare_the_eval_forward_alone(small: Graph) -> None:
    report = run(small, replace(FAST, steps=0))
    assert report.agreed
    assert [q.name for q in report.quantities()] == ["eval"]


def test_dropout_draws_our_masks(small: Graph, tmp_path: Path) -> None:
    """With other masks the train forward differs, so that the injection is what makes it agree."""
    report = run(small, replace(FAST, keep=tmp_path))
    assert report.agreed, summary(report)
    traces = [
        read_weights(tmp_path / name / "trace" / "train.safetensors")["output"]
        for name in ("torch-float64", "onnx-float64")
    ]
    assert abs(traces[0] - traces[1]).max() < 1e-13
    again = run(small, replace(FAST, keep=tmp_path / "again", seed=0))
    other = run(small, replace(FAST, keep=tmp_path / "other", seed=1))
    assert again.agreed and other.agreed
    kept = [
        read_weights(tmp_path / run_ / "batches" / "batch-0.safetensors")["mask/drop"]
        for run_ in (".", "again", "other")
    ]
    assert (kept[0] == kept[1]).all() and (kept[0] != kept[2]).any()


def test_given_weights_are_taken_as_they_are(small: Graph, tmp_path: Path) -> None:
    run(small, replace(FAST, keep=tmp_path, seed=5))
    weights = tmp_path / "weights.safetensors"
    report = run(small, replace(FAST, keep=tmp_path / "given", weights=weights))
    assert report.agreed
    assert (tmp_path / "given" / "weights.safetensors").read_bytes() == weights.read_bytes()


def test_progress_is_told(small: Graph) -> None:
    heard: list[Progress] = []
    run(small, FAST, heard.append)
    phases = [event.phase for event in heard if event.run == "torch-float64"]
    assert phases[:2] == ["starting", "importing"] and phases[-1] == "done"
    assert any(event.step == 1 and event.steps == 1 for event in heard)


def test_a_source_that_raises_is_shown(small: Graph, tmp_path: Path) -> None:
    source = tmp_path / "broken.py"
    source.write_text("raise ValueError('a mistake of the editor')\n", encoding="utf-8")
    report = run(small, replace(FAST, sources={"torch": source}))
    assert not report.agreed
    failure = report.rows[0].failure
    assert failure is not None and failure.code == "R0604"
    assert "ValueError: a mistake of the editor" in failure.notes[-1]


def test_a_source_without_the_model_is_refused(small: Graph, tmp_path: Path) -> None:
    source = tmp_path / "empty.py"
    source.write_text("", encoding="utf-8")
    with pytest.raises(CompileError) as caught:
        run(small, replace(FAST, sources={"torch": source}))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0603" and "no class `Small`" in diagnostic.message


def test_a_gpu_that_is_not_there_is_refused(small: Graph) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(CompileError) as caught:
        run(small, replace(FAST, device="cuda"))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0603" and diagnostic.help is not None
    assert "finds no GPU" in diagnostic.message


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (replace(FAST, backends=("torch",)), "R0601"),
        (replace(FAST, backends=("torch", "torch")), "R0601"),
        (replace(FAST, backends=("torch", "caffe")), "R0501"),
        (replace(FAST, steps=-1), "R0601"),
        (replace(FAST, rate=float("nan")), "R0601"),
        (replace(FAST, dtype="float16"), "R0601"),
        (replace(FAST, tf32=True), "R0601"),
        (replace(FAST, tf32=True, dtype="float32"), "R0601"),
        (replace(FAST, tf32=True, device="cuda"), "R0601"),
        (replace(FAST, sources={"jax": Path("x.py")}), "R0601"),
        (replace(FAST, sources={"torch": Path("nowhere.py")}), "R0602"),
        (replace(FAST, weights=Path("nowhere.safetensors")), "R0710"),
        (replace(FAST, keep=Path("/dev/null/folder")), "R0602"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_starts(
    small: Graph, settings: Settings, code: str
) -> None:
    with pytest.raises(CompileError) as caught:
        run(small, settings, watch=lambda progress: pytest.fail("a worker was started"))
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_a_batch_norm_over_one_value_is_refused(small: Graph) -> None:
    from resdsl.parity.inputs import load_network

    file = Path(__file__).with_name("small.res")
    tiny = load_network(f"{file}:small", input="3x2x2")
    with pytest.raises(CompileError) as caught:
        run(tiny, replace(FAST, batch=1))
    assert [d.code for d in caught.value.diagnostics] == ["R0606"]
