"""The page about trajectories is true: its commands are understood, its tables are its figures."""

import csv
import re
import shlex
from pathlib import Path

import pytest

from resdsl.cli.parity import parity

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "results"
PAGE = (FOLDER / "trajectory.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ {4}resdsl parity (.*)$", PAGE.replace(" \\\n", ""), re.MULTILINE)


def column(name: str, run: str, key: str) -> list[float]:
    with (FOLDER / "trajectory" / name / "trajectory.csv").open(encoding="utf-8") as file:
        return [float(row[key]) for row in csv.DictReader(file) if row["run"] == run]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command: str) -> None:
    context = parity.make_context("parity", shlex.split(command))
    assert context.params["recipe"] == "digits"
    assert (FOLDER.parent.parent / context.params["output"] / "trajectory.svg").is_file()


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (FOLDER / link).is_file(), link


@pytest.mark.parametrize(
    ("table", "name", "key", "steps"),
    [
        (0, "float64", "error", (1, 10, 100, 200)),
        (1, "float64_high_rate", "error", (1, 10, 100, 200)),
        (2, "float32", "weights", (1, 2, 5, 10, 50, 100, 200)),
    ],
)
def test_a_table_is_the_figures(table: int, name: str, key: str, steps: tuple[int, ...]) -> None:
    rows = re.findall(r"^\| (one ulp|JAX|TensorFlow) \| (.*) \|$", PAGE, re.MULTILINE)
    for run, cells in rows[3 * table : 3 * table + 3]:
        errors = column(name, run if run == "one ulp" else run.lower(), key)
        wanted = [errors[step - 1] for step in steps]
        if name != "float32":
            wanted.append(max(errors))
        if name == "float64":
            losses = column(name, run if run == "one ulp" else run.lower(), "loss")
            wanted.append(max(losses))
        assert [f"{value:.1e}" for value in wanted] == cells.split(" | ")
