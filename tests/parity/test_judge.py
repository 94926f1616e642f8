"""From traces to verdicts: limits in both precisions, capabilities, failures, first differences."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from resdsl.codegen.backend import Backend
from resdsl.diagnostics import Diagnostic, render_all
from resdsl.ir.graph import Graph
from resdsl.parity.compare import Subject
from resdsl.parity.display import lines, table, verdict
from resdsl.parity.facts import absorbed, facts_of
from resdsl.parity.judge import Judge, Run
from resdsl.parity.places import places_of
from resdsl.parity.quantities import QUANTITIES
from resdsl.parity.report import Report, Row, Status
from resdsl.parity.trace import Trace, TraceWriter, shapes_of

TRAINS = frozenset({"eval", "train", "gradients", "steps", "probes"})
STEPS = 2

Change = Callable[[dict[str, dict[str, np.ndarray]]], None]


def backend(name: str, capabilities: frozenset[str] = TRAINS) -> Backend:
    return Backend(name, name, "", "", (), capabilities=capabilities)


class Court:
    """Makes runs of one network, with what a test changes in them, and judges them."""

    def __init__(self, graph: Graph, folder: Path) -> None:
        self.graph = graph
        self.folder = folder
        facts = facts_of(graph)
        probed = tuple(value.name for value in facts.values)
        self.subject = Subject(facts, 2, STEPS, absorbed(graph), probed)
        generator = np.random.Generator(np.random.PCG64(0))
        self.arrays = {
            section: {
                name: np.asarray(generator.standard_normal(shape))
                for name, shape in shapes_of(section, self.subject.facts, 2).items()
            }
            for quantity in QUANTITIES
            for section in quantity.sections(STEPS, True)
        }

    def run(
        self,
        name: str,
        change: Change | None = None,
        dtype: str = "float64",
        rounding: float = 0.0,
        capabilities: frozenset[str] = TRAINS,
    ) -> Run:
        """A run whose values are those of all runs, but for `rounding` and `change`."""
        sections = {
            s: {n: a.copy() for n, a in arrays.items()} for s, arrays in self.arrays.items()
        }
        for section, arrays in sections.items():
            for key, array in arrays.items():
                scaled = array * (1 + rounding)
                arrays[key] = scaled if section.startswith("loss") else scaled.astype(dtype)
        if change is not None:
            change(sections)
        writer = TraceWriter(self.folder / f"{name}-{dtype}")
        for section, arrays in sections.items():
            writer.section(section, arrays.items)
        writer.finish({"policy": {"dtype": dtype}, "seconds": {}})
        return Run(backend(name, capabilities), dtype, Trace(self.folder / f"{name}-{dtype}"))

    def judge(self, reference: Run, *others: Run, yardsticks: tuple[Run, ...] = ()) -> Report:
        every = [reference, *yardsticks, *others]
        runs = {str(place): run for place, run in enumerate(every)}
        judge = Judge(places_of(self.graph), self.subject, reference, yardsticks)
        rows = judge.rows(runs)
        about = {
            "parameters": 1,
            "inputs": {"input": [3, 16, 16]},
            "dtype": "float32" if yardsticks else "float64",
            "batch": 2,
            "steps": STEPS,
            "images": "noise",
            "device": "cpu",
        }
        return Report("small", about, "torch float64", tuple(rows), 1.0, depth=judge.depth)


@pytest.fixture
def court(small: Graph, tmp_path: Path) -> Court:
    return Court(small, tmp_path)


def statuses(row: Row) -> set[Status]:
    return {cell.status for cell in row.cells.values()}


def test_equal_runs_agree(court: Court) -> None:
    report = court.judge(court.run("torch"), court.run("jax", rounding=1e-15))
    assert report.agreed
    assert [statuses(row) for row in report.rows] == [{Status.REFERENCE}, {Status.AGREES}]
    assert verdict(report).startswith("small: torch, jax compute the same network")


def test_what_a_backend_cannot_compute_is_never_called_passed(court: Court) -> None:
    def forward_only(sections: dict[str, dict[str, np.ndarray]]) -> None:
        for section in list(sections):
            if section not in ("eval", "train", "statistics-1"):
                del sections[section]

    able = frozenset({"eval", "train"})
    onnx = court.run("onnx", forward_only, capabilities=able)
    report = court.judge(court.run("torch"), onnx)
    assert report.agreed
    cells = report.rows[1].cells
    agreed = {name for name, cell in cells.items() if cell.status is Status.AGREES}
    assert agreed == {"eval", "train", "statistics"}
    assert statuses(report.rows[1]) == {Status.AGREES, Status.NOT_APPLICABLE}
    # A backend that says it trains is not excused.
    liar = court.run("liar", forward_only)
    assert not court.judge(court.run("torch"), liar).agreed


def test_what_the_reference_cannot_compute_is_not_compared(court: Court) -> None:
    able = frozenset({"eval", "train"})
    report = court.judge(court.run("onnx", capabilities=able), court.run("jax"))
    cell = report.rows[1].cells["gradients"]
    assert cell.status is Status.NOT_APPLICABLE and cell.problem is not None


def test_a_reference_with_nan_agrees_with_nobody(court: Court) -> None:
    def spoil(sections: dict[str, dict[str, np.ndarray]]) -> None:
        sections["eval"]["output"][0, 0] = np.nan

    report = court.judge(court.run("torch", spoil), court.run("jax", spoil))
    assert not report.agreed
    assert [row.cells["eval"].status for row in report.rows] == [Status.DIFFERS] * 2


def test_a_failed_run_fails_the_report(court: Court) -> None:
    failure = Diagnostic("R0604", "the jax worker failed with status 1", notes=("ValueError: x",))
    failed = replace(court.run("jax"), failure=failure)
    report = court.judge(court.run("torch"), failed)
    assert not report.agreed
    assert statuses(report.rows[1]) == {Status.FAILED}
    assert "jax float64 failed" in verdict(report)


def test_nothing_agrees_with_a_reference_that_failed(court: Court) -> None:
    failure = Diagnostic("R0604", "the torch worker failed with status 1")
    report = court.judge(replace(court.run("torch"), failure=failure), court.run("jax"))
    assert not report.agreed
    assert [statuses(row) for row in report.rows] == [{Status.FAILED}, {Status.FAILED}]
    assert verdict(report).startswith("small: torch float64 failed (")


def test_float32_is_measured_by_the_reference_backend(court: Court) -> None:
    def judged(rounding: float) -> Report:
        return court.judge(
            court.run("torch"),
            court.run("jax", dtype="float32", rounding=rounding),
            yardsticks=(court.run("torch", dtype="float32", rounding=1e-5),),
        )

    assert judged(9e-5).agreed
    assert not judged(2e-4).agreed
    rows = judged(0.0).rows
    assert [(row.backend, row.dtype) for row in rows] == [
        ("torch", "float64"),
        ("torch", "float32"),
        ("jax", "float32"),
    ]
    assert statuses(rows[1]) == {Status.YARDSTICK}


def test_a_yardstick_with_nan_fails(court: Court) -> None:
    def spoil(sections: dict[str, dict[str, np.ndarray]]) -> None:
        sections["gradients"]["fc.bias"][:] = np.nan

    report = court.judge(
        court.run("torch"),
        court.run("jax", dtype="float32"),
        yardsticks=(court.run("torch", spoil, dtype="float32"),),
    )
    assert not report.agreed


def plant(*places: tuple[str, str]) -> Change:
    def change(sections: dict[str, dict[str, np.ndarray]]) -> None:
        for section, name in places:
            sections[section][name] = sections[section][name] * 1.5

    return change


@pytest.mark.parametrize(
    ("places", "first"),
    [
        ([("after", "output"), ("parameters", "fc.bias")], ("parameters", "fc.bias")),
        ([("gradients", "conv1.weight"), ("gradients", "fc.bias")], ("gradients", "fc.bias")),
        ([("train", "output"), ("gradients", "fc.bias")], ("train", "output")),
        (
            [
                ("train", "output"),
                ("statistics-1", "layer2.0.bn1.running_var"),
                ("statistics-1", "layer1.0.bn2.running_mean"),
            ],
            ("statistics", "layer1.0.bn2.running_mean"),
        ),
        ([("eval", "output"), ("gradients", "fc.bias")], ("eval", "output")),
        ([("loss-2", "loss"), ("parameters", "fc.bias")], ("losses", "loss")),
    ],
)
def test_the_first_difference_in_the_order_of_computation(
    court: Court, places: list[tuple[str, str]], first: tuple[str, str]
) -> None:
    report = court.judge(court.run("torch"), court.run("jax", plant(*places)))
    found = report.rows[1].first
    assert found is not None and (found.quantity, found.name) == first


def test_the_first_difference_has_a_place_in_the_file(court: Court) -> None:
    change = plant(("statistics-1", "layer2.0.bn1.running_mean"))
    report = court.judge(court.run("torch"), court.run("jax", change))
    found = report.rows[1].first
    assert found is not None and found.place is not None and found.diagnostic is not None
    assert "small.res:8:" in found.place
    assert any("basic" in call for call in found.calls)
    shown = render_all([found.diagnostic])
    assert "error[R0605]" in shown
    assert "conv1: conv(width, 3, stride = stride); bn1: batch_norm; relu" in shown
    assert "layer2.0.bn1.running_mean" in shown


def test_errors_along_the_depth_are_those_of_the_nodes(court: Court) -> None:
    def change(sections: dict[str, dict[str, np.ndarray]]) -> None:
        sections["statistics-1"]["layer1.0.bn2.running_var"] += 1e-3
        sections["gradients"]["fc.bias"][:] = np.nan

    report = court.judge(court.run("torch"), court.run("jax", change))
    assert list(report.depth) == ["jax"], "the reference has no errors"
    points = report.depth["jax"]
    nodes = [node.path for node in court.graph.nodes]
    assert list(dict.fromkeys(point.path for point in points)) == nodes
    beyond = [(point.path, point.quantity) for point in points if point.is_beyond]
    assert beyond == [("layer1.0.bn2", "statistics"), ("fc", "gradients")]
    limits = {point.quantity: point.limit for point in points}
    by_values = {"values": 1e-11, "gradients-values": 1e-10}
    assert limits == {"statistics": 1e-10, "gradients": 1e-11, **by_values}


def test_a_failed_run_has_no_errors_along_the_depth(court: Court) -> None:
    failed = replace(court.run("jax"), failure=Diagnostic("R0604", "the jax worker ended"))
    assert court.judge(court.run("torch"), failed).depth == {}


def test_a_report_is_plain_data(court: Court) -> None:
    def drop(sections: dict[str, dict[str, np.ndarray]]) -> None:
        del sections["gradients"]

    report = court.judge(court.run("torch"), court.run("jax", drop))
    data = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert data["agreed"] is False
    assert data["runs"][0]["policy"] == {"dtype": "float64"}
    gradients = data["runs"][1]["quantities"]["gradients"]
    assert gradients["status"] == "differs" and gradients["error"] is None
    assert gradients["problem"] == "the backend computed no gradients"


def test_every_form_of_the_report_names_the_worst_place(court: Court) -> None:
    report = court.judge(court.run("torch"), court.run("jax", plant(("gradients", "fc.bias"))))
    text = "\n".join(lines(report))
    assert "differs        3.3e-01 > 1.0e-11  fc.bias" in text
    from rich.console import Console

    console = Console(width=100, file=StringIO())
    with console.capture() as captured:
        console.print(table(report))
    assert "fc.bias" in captured.get()


def test_the_first_value_on_the_way_that_differs_is_named(court: Court) -> None:
    paths = [node.path for node in court.graph.nodes]

    def wrong_from_the_third(sections: dict[str, dict[str, np.ndarray]]) -> None:
        for path in paths[2:]:
            sections["values-train"][path] *= 1.01
        sections["statistics-1"] = {n: a * 1.01 for n, a in sections["statistics-1"].items()}
        sections["gradients-values"][paths[0]] *= 1.01

    report = court.judge(court.run("torch"), court.run("jax", wrong_from_the_third))
    first = report.rows[1].first
    assert first is not None and first.diagnostic is not None
    assert (first.quantity, first.name) == ("activations", paths[2])
    assert f"`{paths[2]} in training` differs by 9.9e-03" in first.diagnostic.message
    assert first.place == str(court.graph.nodes[2].origin.span)
    assert report.rows[1].cells["activation-gradients"].where == paths[0]
