"""A run without frameworks: what is counted, what is written, and how small it gets."""

from pathlib import Path

import pytest

from resdsl.codegen.backend import get_backend
from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.fuzzing import session
from resdsl.fuzzing.compiling import Workshop
from resdsl.fuzzing.display import report
from resdsl.fuzzing.session import Order, Summary
from resdsl.fuzzing.shrink import shrunk
from resdsl.fuzzing.verdicts import Failure, Verdict
from resdsl.ir.graph import Graph

BACKENDS = {name: get_backend(name) for name in ("torch", "jax")}


class Planted:
    """Finds fault with every network that has a certain operation."""

    def __init__(self, operation: str) -> None:
        self.operation = operation

    def of(self, graph: Graph, only: object = ()) -> Verdict:
        ran = ("torch", "jax")
        if any(node.op.name == self.operation for node in graph.nodes):
            failure = Failure(("differs", "jax", "forward"), Diagnostic("R0605", "jax: it differs"))
            return Verdict(ran, {}, (failure,))
        if any(node.op.name == "concat" for node in graph.nodes):
            return Verdict(("torch",), {"jax": "R0503"})
        return Verdict(ran)


def run(tmp_path: Path, operation: str, **changes: object) -> Summary:
    order = Order(tmp_path / "found", ("torch", "jax"), count=20, **changes)  # type: ignore[arg-type]
    workshop = Workshop(order.folder)
    trial: object = Planted(operation)
    runner = session._Run(order, workshop, None, trial, lambda summary: None)  # type: ignore[arg-type]
    return runner.go()


def test_a_failure_is_written_made_small_and_counted(tmp_path: Path) -> None:
    summary = run(tmp_path, "gelu")
    assert summary.ran + summary.alone == 20
    count = summary.kinds["differs", "jax", "forward"]
    assert summary.agreed == summary.ran - count
    assert summary.refused == {("jax", "R0503"): summary.alone} and summary.alone > 0
    # One of a kind is written, however many there are.
    (found,) = summary.found
    assert count > 1
    folder = found.path.parent
    assert folder.name == f"1-{found.number}-differs-jax"
    small = (folder / "shrunk.res").read_text()
    body = small[small.index("{") + 1 : small.rindex("}")].split("\n")
    kept = [line.strip() for line in body if line.strip()]
    assert len(kept) == 2 and kept[0].startswith("input(") and kept[1].startswith("gelu")
    assert "R0605" in (folder / "diagnostic.txt").read_text()
    assert (folder / "network.res").read_text() == dict(
        session.texts(Order(tmp_path, start=found.number))
    ).popitem()[1]
    lines = "\n".join(report(summary))
    assert f"{count:6,} fail" in lines and "differs jax forward" in lines


def test_nothing_found(tmp_path: Path) -> None:
    summary = run(tmp_path, "no such operation", seed=3)
    assert not summary.kinds and not summary.found
    assert list((tmp_path).glob("found/*")) == []


def test_time_ends_a_run(tmp_path: Path) -> None:
    assert run(tmp_path, "gelu", minutes=1e-9).ran == 0


def test_a_crash_of_the_compiler_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elaborate = session.Workshop._graph

    def crashing(workshop: Workshop, text: str) -> Graph:
        if "tanh" in text:
            raise KeyError("tanh")
        return elaborate(workshop, text)

    monkeypatch.setattr(session.Workshop, "_graph", crashing)
    summary = run(tmp_path, "no such operation")
    (found,) = summary.found
    assert found.failure.kind[:2] == ("compiler", "KeyError") and found.failure.backend is None
    assert "tanh" in (found.path.parent / "shrunk.res").read_text()


def test_what_cannot_be_run(tmp_path: Path) -> None:
    for order in (
        Order(tmp_path, ("torch",)),
        Order(tmp_path, ("torch", "jacks")),
        Order(tmp_path, operations=("convolution",)),
        Order(tmp_path, files=(tmp_path / "none.res",)),
    ):
        with pytest.raises(CompileError):
            session.run(order, lambda summary: None)


def test_cuts_of_every_kind(tmp_path: Path) -> None:
    """Blocks are taken apart, bodies taken out, arguments and numbers left out."""
    text = """let half = 4
block unit(width = 3, stride = 1) {
    residual {
        conv(width, 3, stride = stride); batch_norm; relu
    } shortcut projection
}

model net(n = 2) {
    input(4, 8, 8)
    stage layer1: n x unit(2 * half, stride = 2)
    for i in range(3) { if i == 1 { mul { tanh } } else { relu } }
    tap: identity
    group: { conv(12, 5, bias = false); concat { sigmoid; conv(12, 1) } }
    concat(tap)
}
"""
    workshop = Workshop(tmp_path)
    assert workshop.probe(text) is not None

    def fails(candidate: str) -> bool:
        nodes = workshop.graph(candidate).nodes
        return any(n.op.name == "conv" and getattr(n.op, "stride") != 1 for n in nodes)  # noqa: B009

    small = shrunk(text, workshop, fails, 60)
    assert small == "model net {\n    input(1, 1)\n    conv(1, 1, stride = 2)\n}\n"
