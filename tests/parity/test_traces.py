"""Traces as files: packed and read back, judged as parity judges, refused if damaged."""

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resdsl.cli.main import main
from resdsl.diagnostics import CompileError, render_all
from resdsl.ir.graph import Graph
from resdsl.parity import Settings, display
from resdsl.parity.places import places_of
from resdsl.parity.report import Status
from resdsl.parity.session import Session, backends_of
from resdsl.parity.trace import TraceWriter
from resdsl.parity.traces.description import places_from_json, places_to_json, sources_of
from resdsl.parity.traces.fields import Fields
from resdsl.parity.traces.judged import compare_traces
from resdsl.parity.traces.pack import FORMAT, PackedTrace, pack
from resdsl.parity.traces.record import record
from resdsl.passes.elaborate import elaborate
from resdsl.passes.load import load_program
from tests.parity.trace_files import POLICY, Maker, Sections, described, rewritten


@pytest.fixture
def maker(small: Graph, tmp_path: Path) -> Maker:
    return Maker(small, tmp_path)


def refusal(*paths: Path) -> tuple[str, str]:
    """The code and the text of the error that a comparison ends with."""
    with pytest.raises(CompileError) as caught:
        compare_traces(paths)
    return caught.value.diagnostics[0].code, render_all(caught.value.diagnostics)


def test_any_section_is_packed_and_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "sections"
    writer = TraceWriter(folder)
    values = {"layer1.0.relu#1": np.arange(6.0).reshape(2, 3), "a/b": np.array(7, "<i8")}
    writer.section("gradients-values", values.items)
    writer.section("forced", lambda: [("x", np.zeros((0, 2), "<f4"))])
    pack(folder, {"policy": {}, "seconds": {}, "text": "\x1b[31m", "odd": None}, tmp_path / "t")
    trace = PackedTrace(tmp_path / "t")
    assert trace.sections == {"gradients-values", "forced"}
    found = trace.section("gradients-values")
    assert found is not None and sorted(found) == ["a/b", "layer1.0.relu#1"]
    for name, array in values.items():
        assert found[name].dtype == array.dtype and (found[name] == array).all()
    assert trace.section("eval") is None
    assert trace.description["text"].text() == "\N{REPLACEMENT CHARACTER}[31m"


def test_other_readers_can_read_it(maker: Maker) -> None:
    from safetensors.numpy import load_file

    arrays = load_file(maker.trace("a"))
    assert (arrays["eval/output"] == maker.arrays()["eval"]["output"]).all()


def test_equal_traces_agree(maker: Maker) -> None:
    report = compare_traces([maker.trace("a"), maker.trace("b", backend="jax", rounding=1e-15)])
    assert report.agreed and report.warnings == ()
    compared = [quantity.name for quantity in report.quantities()]
    assert len(compared) == 8, "a trace has no values on the way"
    statuses = [{row.cells[name].status for name in compared} for row in report.rows]
    assert statuses == [{Status.REFERENCE}, {Status.AGREES}]
    assert report.to_json()["runs"][1]["trace"].endswith("b.safetensors")
    assert report.numerics == "TF32 off, deterministic, 1 thread"


def planted(sections: Sections) -> None:
    sections["gradients"]["conv1.weight"][0, 0, 0, 0] += 1e-3


def test_the_first_difference_is_shown_where_it_stands(maker: Maker) -> None:
    report = compare_traces([maker.trace("a"), maker.trace("b", planted, backend="jax")])
    first = report.rows[1].first
    assert first is not None and (first.quantity, first.name) == ("gradients", "conv1.weight")
    assert first.diagnostic is not None and first.diagnostic.primary is not None
    assert first.diagnostic.primary.span.text.startswith("conv")


def test_without_the_text_the_words_are_shown(small: Graph, tmp_path: Path) -> None:
    """On another machine: the network's file has gone, or has become another."""
    text = Path(__file__).with_name("small.res").read_text(encoding="utf-8")
    file = tmp_path / "small.res"
    file.write_text(text, encoding="utf-8")
    maker = Maker(elaborate(load_program(str(file)), "small"), tmp_path)
    paths = [maker.trace("a"), maker.trace("b", planted, backend="jax")]
    file.write_text(f"# another line\n{text}", encoding="utf-8")
    first = compare_traces(paths).rows[1].first
    assert first is not None and first.diagnostic is not None
    assert first.diagnostic.primary is None
    assert f"{file}:" in first.diagnostic.notes[0] and "`conv" in first.diagnostic.notes[0]


def test_places_survive_the_journey(maker: Maker, tmp_path: Path) -> None:
    places = places_of(maker.graph)
    data = json.loads(json.dumps(places_to_json(places)))
    assert places_from_json(Fields(data, "t"), {}, tmp_path).weights == {
        name: type(place)(place.at, place.words, place.calls)
        for name, place in places.weights.items()
    }
    again = places_from_json(Fields(data, "t"), sources_of(places), tmp_path)
    for name, place in places.nodes.items():
        found = again.nodes[name].span
        assert place.span is not None and found is not None
        assert (found.start, found.text, str(found)) == (
            *(place.span.start, place.span.text, str(place.span)),
        )


def test_float32_is_measured_by_the_references_own(maker: Maker) -> None:
    reference = maker.trace("a")
    yardstick = maker.trace("b", dtype="float32", rounding=1e-6)
    near = maker.trace("c", backend="jax", dtype="float32", rounding=5e-6)
    far = maker.trace("d", backend="onnx", dtype="float32", rounding=5e-5)
    report = compare_traces([reference, near, far, yardstick])
    statuses = [row.cells["eval"].status for row in report.rows]
    assert [row.trace for row in report.rows] == [str(p) for p in (reference, yardstick, near, far)]
    assert statuses == [Status.REFERENCE, Status.YARDSTICK, Status.AGREES, Status.DIFFERS]
    assert refusal(reference, near)[0] == "R0622"
    assert refusal(yardstick, reference)[0] == "R0622"


def test_tf32_has_a_yardstick_of_its_own(maker: Maker) -> None:
    rounded = {**POLICY, "dtype": "float32", "tf32 matmul": True, "tf32 conv": True}
    reference = maker.trace("a")
    plain = maker.trace("b", dtype="float32", rounding=1e-7)
    coarse = maker.trace("c", dtype="float32", rounding=1e-4, policy=rounded)
    other = maker.trace("d", backend="jax", dtype="float32", rounding=2e-4, policy=rounded)
    report = compare_traces([reference, plain, coarse, other])
    assert report.agreed and len(report.rows) == 4
    assert [row.cells["eval"].status for row in report.rows] == [
        *(Status.REFERENCE, Status.YARDSTICK, Status.YARDSTICK, Status.AGREES),
    ]
    code, text = refusal(reference, plain, other)
    assert code == "R0622" and "--tf32" in text


def test_moved_inputs_are_a_yardstick_alone(maker: Maker) -> None:
    reference = maker.trace("a")
    subject = described(maker.trace("b", dtype="float32"))["subject"]
    plain = maker.trace("b", dtype="float32", rounding=1e-7)
    moved = {**subject, "moved": True}
    noisy = maker.trace("c", dtype="float32", rounding=1e-5, subject=moved)
    candidate = maker.trace("d", backend="jax", dtype="float32", rounding=5e-5)
    alone = compare_traces([reference, plain, candidate])
    assert not alone.agreed and "--moved" in alone.notes[-1]
    report = compare_traces([reference, plain, noisy, candidate])
    assert report.agreed and not any("--moved" in note for note in report.notes)
    assert [row.trace for row in report.rows] == [str(p) for p in (reference, plain, candidate)]
    assert refusal(reference, noisy)[0] == refusal(noisy, plain)[0] == "R0622"
    of_jax = maker.trace("e", backend="jax", dtype="float32", subject=moved)
    assert refusal(reference, plain, of_jax)[0] == "R0622"
    with pytest.raises(CompileError, match="R0601"):
        record(maker.graph, maker.folder / "f", Settings(backends=("torch",)), moved=True)


def test_other_policies_are_compared_with_a_warning(maker: Maker) -> None:
    versions = {"python": "3.12.1", "torch": "2.14.0", "jax": "0.10.2"}
    policy = {**POLICY, "device": "NVIDIA H100", "threads": 8, "versions": versions}
    report = compare_traces([maker.trace("a"), maker.trace("b", policy=policy)])
    assert report.agreed
    (warning,) = report.warnings
    assert warning.code == "R0623" and warning.notes == (
        "device: cpu and NVIDIA H100",
        "threads: 1 and 8",
        "version of python: 3.11.7 and 3.12.1",
        "version of torch: 2.13.0 and 2.14.0",
    )
    assert report.to_json()["warnings"][0]["code"] == "R0623"


def test_another_text_is_compared_with_a_warning(maker: Maker) -> None:
    other = maker.trace("b", sources={"elsewhere.res": "3" * 64})
    report = compare_traces([maker.trace("a"), other])
    assert [w.code for w in report.warnings] == ["R0624"]


def test_traces_of_different_things_are_refused(maker: Maker, dense: Graph, tmp_path: Path) -> None:
    first = maker.trace("a")
    subject = described(first)["subject"]
    code, text = refusal(first, maker.trace("b", subject={**subject, "seed": 7, "batch": 2}))
    assert code == "R0621" and "seed: 0 and 7" in text and "batch: 4 and 2" in text
    digests = {"weights": "9" * 64, "batches": "8" * 64}
    code, text = refusal(first, maker.trace("b", digests=digests))
    assert code == "R0621" and "weights: drawn (111111111111) and drawn (999999999999)" in text
    assert "batches: 222222222222 and 888888888888" in text
    (tmp_path / "dense").mkdir()
    code, text = refusal(first, Maker(dense, tmp_path / "dense").trace("c"))
    assert code == "R0621" and "model: small and dense" in text and "weights: " in text


def test_a_trace_alone_or_twice_is_refused(maker: Maker) -> None:
    path = maker.trace("a")
    assert refusal(path)[0] == refusal(path, path)[0] == "R0601"
    assert refusal(path, path.with_name("gone"))[0] == "R0602"
    assert refusal(path, path.parent)[0] == "R0602"


def cut(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def say(**changes: Any) -> Callable[[Path], None]:
    """A damage: other metadata."""

    def damage(path: Path) -> None:
        said = {"format": FORMAT, "version": "1", "description": json.dumps(described(path))}
        rewritten(path, {**said, **changes})

    return damage


def describing(*path: str, value: Any = None) -> Callable[[Path], None]:
    """A damage: another value somewhere in the description."""

    def damage(file: Path) -> None:
        description = described(file)
        inner = description
        for key in path[:-1]:
            inner = inner[key]
        if value is None:
            del inner[path[-1]]
        else:
            inner[path[-1]] = value
        say(description=json.dumps(description))(file)

    return damage


@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        (lambda path: path.write_text("no trace"), "R0620", "not a safetensors file"),
        (lambda path: path.write_bytes(b""), "R0620", "not a safetensors file"),
        (lambda path: cut(path, 100), "R0711", "cut off"),
        (lambda path: cut(path, -8), "R0711", "cut off"),
        (lambda path: path.write_bytes(path.read_bytes() + b"12345678"), "R0712", "follow"),
        (flip, "R0620", "bytes of the section `train` have changed"),
        (lambda path: rewritten(path, {}), "R0620", "something else"),
        (say(version="2"), "R0620", "version '2'"),
        (say(version=1), "R0620", "version 1 of the format"),
        (say(description=None), "R0620", "there is none"),
        (say(description="{"), "R0620", "it is no JSON"),
        (say(description="[" * 100_000), "R0620", "it is no JSON"),
        (say(description='{"a": NaN}'), "R0620", "it is no JSON"),
        (say(description="[]"), "R0620", "has no `sections`"),
        (say(description='{"a": "\\u001b[2J"}'), "R0620", "cannot be shown"),
        (describing("sections", "eval"), "R0620", "`eval` is not as it says"),
        (describing("sections", "more", value={"arrays": 1, "sha256": ""}), "R0620", "`more`"),
        (describing("facts", "weights"), "R0620", "`facts` has no `weights`"),
        (describing("facts", "weights", value={}), "R0620", "`facts.weights` is no list"),
        (describing("facts", "outputs", value=[{"name": "o", "shape": [-1]}]), "R0620", "whole"),
        (describing("facts", "rates", value={"drop": "x"}), "R0620", "no number"),
        (describing("facts", "rates", value={"drop": 1e300}), "R0620", "too large"),
        (describing("subject", "steps", value=10**9), "R0620", "more than there are sections"),
        (describing("subject", "batch", value=2**60), "R0620", "`subject.batch`"),
        (describing("subject", "batch", value=True), "R0620", "`subject.batch`"),
        (describing("subject", "device", value="abacus"), "R0620", "none of cpu, cuda"),
        (describing("subject", "dtype", value="float9"), "R0620", "`subject.dtype`"),
        (describing("capabilities", value="eval"), "R0620", "is no list"),
        (describing("policy", value=[]), "R0620", "`policy`"),
        (describing("policy", "versions", value={"torch": 2}), "R0620", "is no text"),
        (describing("places", "weights", value={"conv1.weight": 10**6}), "R0620", "whole number"),
        (describing("places", "calls", value=[{"text": "f", "in": 0}]), "R0620", "comes before"),
        (
            describing(
                "places",
                "calls",
                value=[{"text": "f", "in": i - 1 if i else None} for i in range(999)],
            ),
            "R0620",
            "inside too many others",
        ),
    ],
)
def test_a_damaged_trace_is_refused(
    maker: Maker, damage: Callable[[Path], None], code: str, words: str
) -> None:
    path = maker.trace("b")
    damage(path)
    found, text = refusal(maker.trace("a"), path)
    assert found == code and words in text, text


VALUES = (None, True, -1, 0, 1.5, 10**400, 2**60, "x", "", [], {}, [[]], {"a": {}}, [1, 2])


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in JSON."""
    keys = value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    return [path, *(p for key in keys for p in places_in(value[key], (*path, key)))]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_stands_in_a_description_is_reported_or_refused(maker: Maker, seed: int) -> None:
    draw = random.Random(seed)
    first, path = maker.trace("a"), maker.trace("b")
    whole, text = path.read_bytes(), json.dumps(described(path))
    everywhere = places_in(json.loads(text))[1:]
    for _ in range(50):
        description = json.loads(text)
        *way, last = draw.choice(everywhere)
        inner = description
        for key in way:
            inner = inner[key]
        inner[last] = draw.choice(VALUES)
        path.write_bytes(whole)
        say(description=json.dumps(description))(path)
        try:
            report = compare_traces(draw.sample([first, path], 2))
        except CompileError as failure:
            assert {d.code for d in failure.diagnostics} <= {"R0620", "R0621", "R0622"}
        else:
            assert display.text(report) and json.dumps(report.to_json(), allow_nan=False)


def test_absurd_shapes_differ_and_take_no_memory(maker: Maker) -> None:
    """Both traces say so, and neither holds such an array."""
    description = described(maker.trace("a"))
    facts = {**description["facts"], "outputs": [{"name": "output", "shape": [2**40, 2**12]}]}
    report = compare_traces([maker.trace("a", facts=facts), maker.trace("b", facts=facts)])
    assert not report.agreed
    assert "the shape is" in str(report.rows[1].cells["eval"].problem)


def test_compare_judges_as_parity_does(small: Graph, tmp_path: Path) -> None:
    """What two runs leave, once as a comparison reads it and once from files: one verdict."""
    settings = Settings(backends=("torch", "onnx"), steps=1)
    session = Session(small, settings, backends_of(settings))
    plans = session.prepare(tmp_path)
    paths = []
    for plan in plans:
        keep = tmp_path / f"{plan.backend}-alone"
        paths.append(tmp_path / f"{plan.backend}.safetensors")
        record(small, paths[-1], replace(settings, backends=(plan.backend,), keep=keep))
        shutil.copytree(keep / plan.name / "trace", plan.trace)
    whole = session.report(plans, {plan.name: None for plan in plans}, 0.0)
    report = compare_traces(paths)
    assert report.agreed and report.notes == whole.notes
    assert [row.cells for row in report.rows] == [row.cells for row in whole.rows]
    assert [row.policy for row in report.rows] == [row.policy for row in whole.rows]
    # A seed means the same numbers everywhere.
    assert described(paths[0])["digests"] == described(paths[1])["digests"]


def test_the_command_compares_and_says_so(maker: Maker, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = maker.trace("a"), maker.trace("b", planted, backend="jax")
    assert main(["compare", str(a), str(b), "--json", "-"]) == 1
    assert json.loads(capsys.readouterr().out)["runs"][1]["first"]["name"] == "conv1.weight"
    assert main(["compare", str(a), str(b)]) == 1
    told = capsys.readouterr()
    assert "error[R0605]" in told.err and "numerics: TF32 off" in told.out
    assert main(["compare", str(a), str(a)]) == 2


def test_a_comparison_of_traces_is_written_as_other_reports_are(maker: Maker) -> None:
    """Two traces of one framework are told apart by their files."""
    a = maker.trace("a")
    b = maker.trace("b", planted, policy={**POLICY, "threads": 8})
    junit, html = maker.folder / "report.xml", maker.folder / "report.html"
    assert main(["compare", str(a), str(b), "--junit", str(junit), "--html", str(html)]) == 1
    for text in (junit.read_text(encoding="utf-8"), html.read_text(encoding="utf-8")):
        assert "a.safetensors" in text and "b.safetensors" in text
    assert "different policies: threads: 1 and 8" in html.read_text(encoding="utf-8")
