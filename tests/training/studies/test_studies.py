"""Every study from its networks to its page, at the smallest scale."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from resdsl import library
from resdsl.codegen.live import build
from resdsl.passes.check import check_source
from resdsl.records import replace
from resdsl.syntax import read_source
from resdsl.training.studies import STUDIES, networks
from resdsl.training.studies.bench import Bench, Place, graph_of, recipe_of
from resdsl.training.studies.results import page as page_of
from resdsl.training.studies.results import read_results, write_results
from resdsl.training.studies.study import Facts, Results, Run, load_study, with_seeds
from resdsl.training.studies.table import collected, to_csv
from resdsl.training.studies.worker import measured

FILES = sorted((Path(library.__path__[0]) / "studies").glob("*.res"))
SEEDS = 2


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(Place())


def facts(name: str) -> Facts:
    return Facts(
        name, "smallest", SEEDS, f"resdsl study {name}", "digits", "cpu", 1, {"torch": "0"}
    )


def carried_out(name: str, bench: Bench) -> Results:
    study = load_study(name)
    runs = with_seeds(study.runs(study.SCALES["smallest"]), SEEDS)
    rows = [row for run in runs for row in measured(study, bench, run, "smallest")]
    return Results(facts(name), collected((table, row) for table, row in rows))


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_from_beginning_to_end(name: str, bench: Bench, tmp_path: Path) -> None:
    results = carried_out(name, bench)
    write_results(results, tmp_path)
    tables = {f"{table}.csv" for table in results.tables}
    shown = {f"{name}.svg", f"{name}.png", "README.md", "study.json"}
    assert {path.name for path in tmp_path.iterdir()} == tables | shown
    root = ElementTree.parse(tmp_path / f"{name}.svg").getroot()
    assert root.tag.endswith("svg")
    assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "README.md").read_text()
    assert page.startswith(f"# {load_study(name).TITLE}\n")
    assert "**Expected.**" in page and "**Measured.**" in page and "2 seeds" in page
    assert not re.search(r"\b(nan|inf)\b", page) and max(map(len, _prose(page))) <= 100
    again = read_results(tmp_path)
    assert again.facts == results.facts and page_of(again) == page
    # As texts, since what is no number does not equal itself.
    assert {n: to_csv(t) for n, t in again.tables.items()} == {
        n: to_csv(t) for n, t in results.tables.items()
    }


def _prose(page: str) -> list[str]:
    return [line for line in page.splitlines() if not line.startswith(("|", "!"))]


@pytest.mark.parametrize("name", STUDIES)
def test_every_run_has_a_name_and_a_network_of_its_own(name: str) -> None:
    study = load_study(name)
    assert set(study.SCALES) == {"digits", "cifar10", "smallest"}
    for scale in study.SCALES.values():
        runs = with_seeds(study.runs(scale), 3)
        assert len({run.name for run in runs}) == len(runs)
        assert len({json.dumps(run.to_json()) for run in runs}) == len(runs)
        for run in {run.network + run.input + run.recipe: run for run in runs}.values():
            graph, recipe = graph_of(run), recipe_of(run, Place(data="there"))
            assert graph.output_types[0].numbers == (10,)
            assert recipe.seed == run.seed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_networks_are_sound(path: Path) -> None:
    found = check_source(read_source(str(path)), str(path.parent))
    assert found.diagnostics == []


def network(skip: str, norm: str = "batch norm") -> Run:
    settings = networks.settings(8, skip, norm, width=4)
    return Run({}, networks.NETWORK, settings, "1x8x8", "digits(epochs = 1)")


def test_networks_that_are_compared_have_the_same_layers() -> None:
    """Option A adds no parameter, a bias has half of a batch norm's."""
    counts = {skip: graph_of(network(skip)).parameters for skip in networks.SKIPS}
    assert counts["plain"] == counts["A"] < counts["B"] < counts["C"]
    normed, biased = (graph_of(network("plain", norm)) for norm in networks.NORMS)
    channels = 4 + 2 * (4 + 8 + 16)
    assert normed.parameters - biased.parameters == channels


def test_points_are_looked_at_in_the_order_of_the_network() -> None:
    graph = graph_of(network("A", "no batch norm"))
    points = networks.before_relu(graph)
    assert points == ["norm1", *(f"layer{s}.0.norm{n}" for s in (1, 2, 3) for n in (1, 2))]
    modules = dict(build(graph, "torch").named_modules())
    assert set(points) <= modules.keys()


def test_looking_leaves_the_network_as_it_is(bench: Bench) -> None:
    training = bench.training(network("A"))
    before = {name: value.clone() for name, value in training.model.state_dict().items()}
    seen = training.observe(networks.before_relu(training.graph), lambda array: array.shape)
    assert seen.outputs["layer2.0.norm1"] == (128, 8, 4, 4) == seen.gradients["layer2.0.norm1"]
    assert set(seen.parameters) == {n for n, _ in training.model.named_parameters()}
    after = training.model.state_dict()
    assert all((after[name] == value).all() for name, value in before.items())
    assert all(p.grad is None for p in training.model.parameters())


def test_a_run_follows_from_its_seed(bench: Bench) -> None:
    losses = [
        [step.loss for step in bench.training(replace(network("A"), seed=seed)).steps(0, 4)]
        for seed in (0, 0, 1)
    ]
    assert losses[0] == losses[1] != losses[2]
