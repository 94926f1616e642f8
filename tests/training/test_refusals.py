"""Commands that cannot be carried out: said before anything is trained, and nothing is changed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from runs import TINY, TRAINING

from resdsl.cli.main import main

Refused = Callable[..., str]


@pytest.fixture
def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Refused:
    """What is said by a command that ends with exit code 2."""
    monkeypatch.syspath_prepend(str(TRAINING / "backend"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> str:
        assert main(["train", *map(str, arguments)]) == 2
        return capsys.readouterr().err

    return run


NEW = (f"{TINY}:tiny", "--backend", "numpy")


def test_a_folder_that_is_taken(refused: Refused, run: Path, tmp_path: Path) -> None:
    said = refused(*NEW, "-o", run)
    assert f"error[R0852]: `{run}` holds a run already" in said
    assert f"`resdsl train --resume {run}` goes on with it" in said
    (tmp_path / "file").touch()
    assert "R0852" in refused(*NEW, "-o", tmp_path / "file")
    assert "R0852" in refused(*NEW, "-o", tmp_path)
    assert "R0851" in refused(*NEW, "-o", tmp_path / "file" / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--backend", "onnx"), "R0850"),
        (("--backend", "numpy,numpy"), "R0850"),
        (("--backend", "numpy,"), "R0850"),
        (("--backend", "caffe"), "R0501"),
        (("--backend", "numpy", "--input", "1xanyx8"), "R0"),
        (("--backend", "numpy", "--weights", "nowhere.safetensors"), "R0710"),
    ],
)
def test_a_run_that_cannot_be(refused: Refused, options: tuple[str, ...], code: str) -> None:
    assert f"error[{code}" in refused(f"{TINY}:tiny", *options)
    assert not Path("runs").exists() or not any(Path("runs").iterdir())


def test_a_folder_that_is_no_run(refused: Refused, run: Path, tmp_path: Path) -> None:
    assert "R0853" in refused("--resume", tmp_path / "nowhere")
    assert "R0853" in refused("--resume", tmp_path)
    for text in ("", "[]", '{"format": 0}', '{"format": 1}'):
        (tmp_path / "run.json").write_text(text)
        assert "R0853" in refused("--resume", tmp_path)
    said = json.loads((run / "run.json").read_text())
    said["settings"]["speed"] = 1
    (tmp_path / "run.json").write_text(json.dumps(said))
    assert "R0853" in refused("--resume", tmp_path)


def test_a_run_goes_on_as_it_began(refused: Refused, run: Path) -> None:
    assert "began with another network" in refused(f"{TINY}:other", "--resume", run)
    assert "began with another recipe" in refused("--resume", run, "--set", "optimizer.lr=0.2")
    assert "began with another recipe" in refused("--resume", run, "--seed", "1")
    assert "began with another recipe" in refused("--resume", run, "--dtype", "float64")
    assert "--backend cannot be given" in refused("--resume", run, "--backend", "numpy")
    assert "-o cannot be given" in refused("--resume", run, "-o", "elsewhere")


def test_a_checkpoint_of_something_else(refused: Refused, run: Path, tmp_path: Path) -> None:
    checkpoint = run / "numpy" / "checkpoints" / "step-00000022.safetensors"
    resumed = ("--resume", checkpoint, "--backend", "numpy")
    said = refused(f"{TINY}:other", *resumed)
    assert "error[R0855]" in said and "of another network than `other` here" in said
    said = refused(f"{TINY}:tiny", *resumed, "--set", "optimizer.lr=0.2")
    assert "error[R0855]" in said and "another recipe" in said
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(checkpoint.read_bytes()[:-1])
    said = refused(*NEW, "--resume", damaged)
    assert "error[R0854]" in said and "is cut off" in said
    assert "R0854" in refused(*NEW, "--resume", run / "weights.safetensors")
    assert "R0854" in refused(*NEW, "--resume", tmp_path / "nowhere.safetensors")
    assert "R0853" in refused("--resume", damaged, "--backend", "numpy")


def test_not_enough_space(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    said = refused(*NEW, "-o", "run")
    assert "error[R0860]: checkpoints of this run take " in said and "0.0 MB are free" in said
    assert not Path("run").exists()


def test_nothing_to_train(refused: Refused) -> None:
    assert "Missing argument" in refused()
    assert "exclude each other" in refused(
        *NEW, "--weights", "a.safetensors", "--resume", "b.safetensors"
    )
