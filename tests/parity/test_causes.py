"""The localiser on planted meanings: it finds the operation, its line, and the cause's name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from faults import Bench

from resdsl.diagnostics import render_all
from resdsl.parity.causes.variant import changed
from resdsl.parity.report import Fault
from resdsl.passes.elaborate import elaborate
from resdsl.passes.load import load_program

# Other work on the machine makes threads of tiny operations wait for one another.
torch.set_num_threads(1)

FILE = Path(__file__).with_name("causes.res")


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(elaborate(load_program(str(FILE)), "net"))


def meaning(bench: Bench, path: str, **changes: Any) -> Any:
    node = next(n for n in bench.graph.nodes if n.path == path)
    return changed(node.op, changes)


#: Where, what (attributes), what (a twist), the phase in which it shows, and the cause's name.
PLANTS: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    ("bn", {"eps": 1e-3}, {}, "forward", "eps = 1e-3"),
    ("bn", {"eps": 1.001e-5}, {}, "forward", "eps = 1.001e-5"),
    ("bn", {"eps": 3.7e-4}, {}, "forward", "eps = 3.7e-4"),
    ("bn", {"momentum": 0.9}, {}, "statistics", "momentum = 0.9 (inverted)"),
    ("bn", {"momentum": 0.01}, {}, "statistics", "momentum = 0.01"),
    ("bn", {"momentum": 0.35}, {}, "statistics", "momentum = 0.35"),
    ("bn", {"variance": "population"}, {}, "statistics", 'variance = "population"'),
    ("bn", {}, {"uses": "batch"}, "forward", "eval uses batch statistics"),
    ("bn", {}, {"uses": "running"}, "train forward", "training uses running statistics"),
    ("stem", {"pad": "tf_same"}, {}, "forward", "padding = SAME"),
    ("stem", {}, {"without": ["bias"]}, "forward", "bias = false"),
    ("stem", {}, {"kernel": "flipped"}, "forward", "kernel flipped"),
    ("stem", {}, {"kernel": "transposed"}, "forward", "kernel transposed"),
    ("stem", {}, {"precision": "tf32"}, "forward", "precision = TF32"),
    ("stem", {}, {"precision": "bfloat16"}, "forward", "precision = bfloat16"),
    ("stem", {}, {"precision": "float32"}, "forward", "precision = float32"),
    ("leaky", {"slope": 0.01}, {}, "forward", "slope = 0.01"),
    ("leaky", {"slope": float(np.float32(0.1))}, {}, "forward", "slope in float32"),
    ("pool", {"pad": "tf_same"}, {}, "forward", "padding = SAME"),
    ("pool", {}, {"frame value": 0.0}, "forward", "zeros around the input"),
    ("pool", {"ceil": True}, {}, "forward", "ceil_mode = true"),
    ("layer1.0.relu1", {}, {"missing": True}, "forward", "relu left out"),
    ("layer1.0.relu1", {}, {"curve": "silu"}, "forward", "silu (swish)"),
    ("layer1.0.add1", {}, {"leaves out": 1}, "forward", "without operand 2"),
    ("layer1.0.add1", {}, {"join": "sub"}, "forward", "sub"),
    ("layer1.1.conv1", {}, {"frame": "reflect"}, "forward", "pad mode = reflect"),
    ("layer1.1.conv1", {"dilation": 2}, {}, "forward", "dilation = 2"),
    ("layer1.1.conv1", {}, {"kernel": "turned over"}, "forward", "kernel's channels swapped"),
    ("hidden", {}, {"kernel": "reshaped"}, "forward", "weight reshaped"),
    ("gate.act", {}, {"curve": "gelu single"}, "forward", "gelu, its constant in float32"),
    ("gate.drop", {}, {"always": True}, "forward", "scaled in eval"),
    ("layer2.0.conv1", {"stride": 1}, {}, "forward", "stride = 1"),
    ("grouped", {}, {"channels": "in"}, "forward", "groups interleaved (in)"),
    ("norm", {"groups": 2}, {}, "forward", "groups = 2"),
    ("norm", {}, {"variance": "unbiased"}, "forward", "variance = unbiased"),
    ("gelu1", {"approximate": "tanh"}, {}, "forward", "gelu, approximate = tanh"),
    ("up", {}, {"coordinates": "align corners"}, "forward", "align_corners = true"),
    ("mean", {"count_pad": False}, {}, "forward", "count_include_pad = false"),
    ("flat", {}, {"order": "channels last"}, "forward", "order = channels last"),
    ("gate.drop", {}, {"divides by": "none"}, "train forward", "not scaled"),
    ("gate.drop", {}, {"missing": True}, "train forward", "dropout left out"),
    ("head", {}, {"times": 0.5}, "forward", "times 0.5"),
    ("head", {}, {"gradient times": 2.0}, "backward", "gradient times 2"),
]


@pytest.mark.parametrize(
    ("path", "attributes", "twist", "phase", "name"),
    PLANTS,
    ids=[f"{p[0]}: {p[4]}" for p in PLANTS],
)
def test_a_plant_is_found_and_named(
    bench: Bench,
    path: str,
    attributes: dict[str, Any],
    twist: dict[str, Any],
    phase: str,
    name: str,
) -> None:
    plant = twist or meaning(bench, path, **attributes)
    (fault,) = bench.planted({path: plant})
    assert (fault.path, fault.phase, fault.odd) == (path, phase, "jax"), text(fault)
    assert fault.causes and fault.causes[0].name == name, text(fault)


def text(fault: Fault) -> str:
    assert fault.diagnostic is not None
    return render_all([fault.diagnostic])


def test_without_a_plant_nothing_is_found(bench: Bench) -> None:
    assert bench.planted({}) == []


def test_several_faults_are_told_apart(bench: Bench) -> None:
    """One line is one fault, in however many blocks; another line is another."""
    blocks = [f"layer1.{i}.bn{j}" for i in (0, 1) for j in (1,)]
    plants = {path: meaning(bench, path, eps=1e-3) for path in blocks}
    plants["flat"] = {"order": "channels last"}
    plants["bn"] = meaning(bench, "bn", momentum=0.9, variance="population")
    faults = bench.planted(plants)
    assert [(f.path, f.phase) for f in faults] == [
        ("layer1.0.bn1", "forward"),
        ("flat", "forward"),
        ("bn", "statistics"),
    ]
    assert faults[0].paths == ("layer1.0.bn1", "layer1.1.bn1")
    names = [fault.causes[0].name for fault in faults]
    assert names[:2] == ["eps = 1e-3", "order = channels last"]
    assert names[2] == 'momentum = 0.9, variance = "population"'


def test_the_reference_may_be_the_one_that_departs(bench: Bench) -> None:
    reference = bench.reference({"bn": meaning(bench, "bn", eps=1e-3)})
    (fault,) = bench.faults(reference, bench.candidate({}, reference))
    assert (fault.path, fault.odd, fault.causes[0].name) == ("bn", "torch", "eps = 1e-3")
    assert "torch is the reference" in text(fault)


def test_two_that_depart_in_two_ways(bench: Bench) -> None:
    reference = bench.reference({"bn": meaning(bench, "bn", eps=1e-3)})
    candidate = bench.candidate({"bn": meaning(bench, "bn", eps=1e-6)}, reference)
    (fault,) = bench.faults(reference, candidate)
    assert (fault.odd, fault.causes[0].name) == ("jax", "eps = 1e-6")
    assert "neither backend computes here what the network says" in text(fault)


def test_values_that_nobody_kept(bench: Bench) -> None:
    """An edited source may have lost an operation, and its probe with it."""
    reference = bench.reference()
    candidate = bench.candidate({"layer1.0.relu1": {"missing": True}}, reference)
    for section in ("forced", "forced-train", "forced-gradients-values", "values"):
        candidate.sections[section].pop("layer1.0.relu1")
    # What comes next is given what the reference had in front of the operation.
    for mode, section in (("values", "forced"), ("values-train", "forced-train")):
        bench.pass_on(candidate, reference, section, mode, "layer1.0.bn1", "layer1.0.conv2")
    faults = bench.faults(reference, candidate)
    assert faults[0].path == "layer1.0.relu1", text(faults[0])
    assert faults[0].causes[0].name == "relu left out"


def test_the_message(bench: Bench, golden: Any) -> None:
    """Of two faults, one of them in two blocks."""
    blocks = ("layer1.0.bn1", "layer1.1.bn1")
    plants = {path: meaning(bench, path, eps=1e-3) for path in blocks}
    shown = text(bench.planted({**plants, "flat": {"order": "channels last"}})[0])
    shown = shown.replace(str(FILE), "net.res")
    golden(FILE.with_suffix(".txt"), re.sub(r"\d\.\de-0\d(?=,| behind)", "…", shown) + "\n")
