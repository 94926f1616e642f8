"""A run from beginning to end: what its folder holds, and that its parts say the same."""

import csv
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
from PIL import Image
from runs import TINY, checkpoints, log, scalars, state, train

from resdsl.training.checkpoints import HEADER
from resdsl.weights import read_metadata, read_weights


def test_the_log_has_a_line_for_every_few_steps_and_every_evaluation(run: Path) -> None:
    lines = log(run / "numpy")
    assert [line["step"] for line in lines if line["event"] == "train"] == list(range(4, 45, 4))
    assert [line["step"] for line in lines if line["event"] == "test"] == [11, 22, 33, 44]
    assert (lines[0]["event"], lines[0]["steps"], lines[-1]["event"]) == ("start", 44, "finished")
    trained = log(run / "numpy", "train")
    assert trained[-1]["loss"] < trained[0]["loss"] / 3
    assert all(line["rate"] == 0.1 and line["images_per_second"] > 0 for line in trained)
    assert log(run / "numpy", "test")[-1]["accuracy"] > 0.9
    assert trained[2]["epoch"] == round(12 / 11, 4)


def test_the_table_says_what_the_log_says(run: Path) -> None:
    with (run / "numpy" / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = log(run / "numpy", "train", "test")
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        assert int(row["step"]) == line["step"]
        assert float(row[f"{line['event']}_loss"]) == line["loss"]
        assert float(row[f"{line['event']}_accuracy"]) == line["accuracy"]
        assert (row["rate"] == "") is (line["event"] == "test")


def test_tensorboard_shows_what_the_log_says(run: Path) -> None:
    shown = scalars(run / "numpy")
    tags = {f"{what}/{part}" for what in ("loss", "accuracy") for part in ("train", "test")}
    assert shown.keys() == tags | {"rate", "images_per_second"}
    for event in ("train", "test"):
        lines = log(run / "numpy", event)
        for what in ("loss", "accuracy"):
            expected = [(line["step"], np.float32(line[what])) for line in lines]
            assert shown[f"{what}/{event}"] == expected


def test_curves_are_drawn(run: Path) -> None:
    root = ElementTree.parse(run / "curves.svg").getroot()
    assert root.tag.endswith("svg")
    with Image.open(run / "curves.png") as image:
        assert image.size[0] > 900
        colors = {color for _, color in image.convert("RGB").getcolors(1 << 20) or ()}
    assert (0, 114, 178) in colors


def test_the_last_checkpoints_and_the_best_are_kept(run: Path) -> None:
    assert checkpoints(run / "numpy") == [
        *("best.safetensors", "step-00000022.safetensors"),
        *("step-00000033.safetensors", "step-00000044.safetensors"),
    ]
    tests = log(run / "numpy", "test")
    best = max(tests, key=lambda line: line["accuracy"])
    header = json.loads(read_metadata(run / "numpy" / "checkpoints" / "best.safetensors")[HEADER])
    assert header["step"] == best["step"]
    assert header["best"] == {"step": best["step"], "accuracy": best["accuracy"]}


def test_a_checkpoint_holds_canonical_names_and_says_what_it_is(run: Path) -> None:
    names = [f"{kind}/fc.{name}" for kind in ("weights", "momentum") for name in ("weight", "bias")]
    held = state(run / "numpy")
    assert set(held) == {*names, "step"}
    assert held["step"].dtype == np.int64 and held["step"] == 44
    header = json.loads(
        read_metadata(run / "numpy" / "checkpoints" / "step-00000044.safetensors")[HEADER]
    )
    assert (header["model"], header["backend"], header["total"]) == ("tiny", "numpy", 44)


def test_the_run_file_says_what_is_run(run: Path) -> None:
    said = json.loads((run / "run.json").read_text())
    assert said["backends"] == ["numpy"] and said["subject"]["model"] == "tiny"
    assert said["network"]["text"] == TINY.read_text()
    assert said["recipe"]["optimizer"]["is"] == "sgd"
    assert said["settings"]["log_every"] == 4 and said["settings"]["threads"] == 1


def test_all_frameworks_start_from_the_weights_of_the_seed(run: Path, tmp_path: Path) -> None:
    from resdsl.passes.load import load_graph
    from resdsl.weights.canonical import arrays_of

    drawn = dict(arrays_of(load_graph(f"{TINY}:tiny"), seed=0))
    first = read_weights(run / "weights.safetensors")
    assert {name: array.tobytes() for name, array in drawn.items()} == {
        name: array.tobytes() for name, array in first.items()
    }


def test_what_is_printed_without_a_terminal(tmp_path: Path, short: tuple[str, ...]) -> None:
    done = train(f"{TINY}:tiny", "--backend", "numpy", "-o", tmp_path / "run", *short)
    said = done.stderr.splitlines()
    assert said[:2] == ["numpy: importing", "numpy: training from step 0 of 44"]
    assert said[2].startswith("numpy: epoch 1, step 11, loss ") and "test loss" in said[2]
    assert len(said) == 2 + 4 + 1 and said[-1] == "numpy: finished"
    (line,) = done.stdout.splitlines()
    assert line.startswith("numpy: finished, step 44 of 44, training loss ")


def test_a_run_folder_is_chosen(tmp_path: Path, short: tuple[str, ...]) -> None:
    import subprocess

    from runs import command, environment

    for _ in range(2):
        subprocess.run(
            command(f"{TINY}:tiny", "--backend", "numpy", *short, "--stop-after", "1"),
            cwd=tmp_path,
            env=environment(),
            check=True,
            capture_output=True,
        )
    assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == ["tiny-1", "tiny-2"]
