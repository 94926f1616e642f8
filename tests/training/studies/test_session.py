"""A study in worker processes: what is run, kept, refused, and written."""

import json
from pathlib import Path
from typing import Any

import pytest

from resdsl.cli.main import main
from resdsl.diagnostics import CompileError
from resdsl.records import replace
from resdsl.training.studies import STUDIES
from resdsl.training.studies.bench import Place
from resdsl.training.studies.results import page, read_results
from resdsl.training.studies.session import UNFINISHED, Notebook, Order, carry_out
from resdsl.training.studies.study import load_study, with_seeds

ROOT = Path(__file__).resolve().parent.parent.parent.parent
RESULTS = ROOT / "docs" / "results"


def order(folder: Path, study: str = "shortcuts") -> Order:
    return Order(study, "smallest", 1, Place(), 2, folder, f"resdsl study {study}")


def test_a_study_in_processes_goes_on_where_it_was(tmp_path: Path) -> None:
    said: list[tuple[str, dict[str, Any]]] = []
    first = carry_out(order(tmp_path / "a"), lambda name, message: said.append((name, message)))
    runs = next(message["runs"] for _, message in said if "runs" in message)
    assert sum("finished" in message for _, message in said) == runs == 5
    assert {message["title"] for _, message in said if "title" in message} == {
        f"{option}, seed 0" for option in ("plain", "A", "B", "C", "costs")
    }
    assert read_results(tmp_path / "a").tables == first.tables
    assert not (tmp_path / "a" / UNFINISHED).exists()

    kept = order(tmp_path / "b")
    notebook = Notebook(kept)
    study = load_study("shortcuts")
    for run in with_seeds(study.runs(study.SCALES["smallest"]), 1):
        rows = [
            [name, row]
            for name, table in first.tables.items()
            for row in table.rows
            if (name == "costs") == (run.labels["option"] == "costs")
            and row["option"] in (run.labels["option"], *("plain", "A", "B", "C")[: 4 * run.alone])
        ]
        if run.labels["option"] != "B":
            machine = {"device": "cpu", "versions": {}}
            notebook.write({"run": run.to_json(), "rows": rows, "machine": machine})
    with (tmp_path / "b" / UNFINISHED).open("a") as file:
        file.write('{"run": ')  # Where a process was killed.
    said.clear()
    second = carry_out(kept, lambda name, message: said.append((name, message)))
    assert [message["title"] for _, message in said if "title" in message] == ["B, seed 0"]
    # The same numbers, but for the time.
    assert second["curves"] == first["curves"]


def test_another_device_or_version_begins_again(tmp_path: Path) -> None:
    study = load_study("depth")
    run = study.runs(study.SCALES["smallest"])[0]
    mine = order(tmp_path, "depth")
    Notebook(mine).write({"run": run.to_json(), "rows": [], "machine": {}})
    assert Notebook(mine).has(run)
    assert not Notebook(replace(mine, place=Place(threads=2))).has(run)
    assert not Notebook(mine).has(replace(run, seed=1))


def test_data_that_is_not_there_is_said_before_anything_runs(tmp_path: Path) -> None:
    wanted = replace(
        order(tmp_path / "out"), scale="cifar10", place=Place(data=str(tmp_path / "nowhere"))
    )
    with pytest.raises(CompileError) as caught:
        carry_out(wanted, lambda name, message: pytest.fail(f"{name}: {message}"))
    assert caught.value.diagnostics[0].code == "R0802"
    assert not (tmp_path / "out").exists()


def test_a_worker_that_is_refused_ends_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    wanted = replace(order(tmp_path, "depth"), place=Place(device="cuda"))
    with pytest.raises(CompileError) as caught:
        carry_out(wanted, lambda name, message: None)
    assert caught.value.diagnostics[0].code == "R0858"


def test_studies_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(STUDIES)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["vanishing"], "R0870"), (["depth", "--redraw", "-o", "nowhere"], "R0871")],
)
def test_what_is_not_there(
    arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", *arguments]) == 2
    assert code in capsys.readouterr().err


@pytest.mark.parametrize("name", STUDIES)
def test_the_committed_page_is_what_the_committed_numbers_say(name: str) -> None:
    folder = RESULTS / name
    results = read_results(folder)
    assert (folder / "README.md").read_text(encoding="utf-8") == page(results)
    facts = results.facts
    assert (facts.study, facts.scale, facts.seeds) == (name, "digits", 3)
    study = load_study(name)
    runs = with_seeds(study.runs(study.SCALES["digits"]), 3)
    rows = [row for table in results.tables.values() for row in table.rows]
    for run in runs:
        labels = {**run.labels, "seed": run.seed}
        assert run.alone or any(labels.items() <= row.items() for row in rows), run.title


@pytest.mark.parametrize("name", STUDIES)
def test_redrawing_gives_the_page_again(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (RESULTS / name).iterdir():
        if path.suffix in (".csv", ".json"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    assert main(["study", name, "--redraw", "-o", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "README.md")
    committed = (RESULTS / name / "README.md").read_text(encoding="utf-8")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == committed
    assert (tmp_path / f"{name}.svg").stat().st_size < 400_000
    assert json.loads((tmp_path / "study.json").read_text())["study"] == name
