"""A sample of `make mutation`: detected, the lines shown, the causes named."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from mutation.catalogue import SOURCE_FAULTS
from mutation.expected import CAUSES
from mutation.mutants import TARGETS, all_mutants, networks, parsed_file
from mutation.results import MEANINGS, page, read_results
from mutation.runner import Bench, Worker, workers
from mutation.runtime_faults import RUNTIME_FAULTS

from resdsl.codegen.backend import get_backend
from resdsl.ir.graph import Graph

HERE = Path(__file__).parent
GRAPHS = networks(HERE / "networks")

#: One of each kind: what is compared first differs, and where.
SAMPLE = (
    "conv-same-padding",
    "conv-tied",
    "bn-eps-late",
    "bn-biased-statistics",
    "bn-detached",
    "max-pool-zeros",
    "relu-relu6",
    "relu-before-sum",
    "shortcut-stopped",
    "sgd-nesterov",
)


@pytest.fixture(scope="module")
def torch() -> Iterator[dict[str, Worker]]:
    with workers(["torch"]) as running:
        yield running


def test_a_sample_is_detected(torch: dict[str, Worker], tmp_path: Path) -> None:
    bench = Bench("bottleneck", GRAPHS["bottleneck"], tmp_path, ["torch"])
    bench.reference(torch["torch"])
    unchanged = bench.unchanged("torch", torch)
    assert unchanged.is_right, unchanged
    wanted = list(all_mutants(bench.name, bench.graph, "torch", 1, SAMPLE))
    assert {mutant.fault for mutant in wanted} == set(SAMPLE)
    for mutant in wanted:
        result = bench.run(mutant, torch)
        assert result.is_right and result.how == "differs" and result.is_localised, result
        assert result.is_named or result.fault not in CAUSES, result


def test_there_are_enough_faults() -> None:
    ids = [f.id for f in (*SOURCE_FAULTS, *RUNTIME_FAULTS)]
    assert len(ids) == len(set(ids)) >= 60
    assert len(GRAPHS) >= 6


@pytest.mark.parametrize("name", GRAPHS)
def test_every_operation_of_a_file_is_a_site(name: str) -> None:
    graph: Graph = GRAPHS[name]
    paths = {node.path for node in graph.nodes}
    for backend in TARGETS:
        parsed = parsed_file(graph, backend)
        assert {path for site in parsed.sites for path in site.paths} == paths
        emit = get_backend(backend).emit
        assert emit is not None
        assert ast.dump(ast.parse(parsed.text)) == ast.dump(ast.parse(emit(graph)))


def test_the_page_is_that_of_the_results() -> None:
    results = read_results(HERE / "results.json")
    assert {r.fault for r in results} - {""} == set(MEANINGS)
    shown = HERE.parent.parent / "docs" / "results" / "mutation.md"
    assert shown.read_text(encoding="utf-8") == page(results)
