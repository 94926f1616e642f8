"""Comparing two traces made by hand: nothing that is wrong, missing or not a number ever passes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from resdsl.codegen.runtime import Facts, TensorFact, WeightFact
from resdsl.parity.compare import Comparison, Finding, Subject, compare, relative_error
from resdsl.parity.quantities import QUANTITIES, Quantity
from resdsl.parity.trace import Trace, TraceWriter, shapes_of

FACTS = Facts(
    model="net",
    class_name="Net",
    inputs=(TensorFact("input", (3, 8, 8)),),
    outputs=(TensorFact("output", (10,)),),
    weights=(
        WeightFact("conv.weight", (4, 3, 3, 3), True),
        WeightFact("conv.bias", (4,), True),
        WeightFact("bn.running_mean", (4,), False),
    ),
    values=(TensorFact("conv", (4, 8, 8)), TensorFact("parts#1", (2, 8, 8))),
)
SUBJECT = Subject(FACTS, batch=2, steps=3, probed=("conv", "parts#1"))
SECTIONS = [
    section for quantity in QUANTITIES for section in quantity.sections(steps=3, can_step=True)
]
INFINITE = float("inf")

Sections = dict[str, dict[str, np.ndarray]]


def always(limit: float) -> Callable[[Finding], float]:
    """The same limit for every value."""
    return lambda finding: limit


def quantity(name: str) -> Quantity:
    return next(q for q in QUANTITIES if q.name == name)


@pytest.fixture
def sections() -> Sections:
    """Everything that the network has, drawn."""
    generator = np.random.Generator(np.random.PCG64(0))
    return {
        section: {
            name: np.asarray(generator.standard_normal(shape))
            for name, shape in shapes_of(section, FACTS, batch=2).items()
        }
        for section in SECTIONS
    }


@pytest.fixture
def reference(sections: Sections, tmp_path: Path) -> Trace:
    return written(sections, tmp_path / "reference")


def written(sections: Sections, folder: Path) -> Trace:
    writer = TraceWriter(folder)
    for name, arrays in sections.items():
        writer.section(name, arrays.items)
    return Trace(folder)


def compared(
    name: str, reference: Trace, candidate: Trace, subject: Subject = SUBJECT
) -> Comparison:
    return compare(quantity(name), subject, reference, candidate, dtype="float64")


def test_equal_traces_agree_exactly(sections: Sections, reference: Trace, tmp_path: Path) -> None:
    candidate = written(sections, tmp_path / "candidate")
    for each in QUANTITIES:
        comparison = compared(each.name, reference, candidate)
        assert comparison.findings
        assert all(f.error == 0 for f in comparison.findings)
        assert comparison.beyond(always(0.0)) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_wrong_by_one_part_in_a_billion_is_found_everywhere(
    section: str, sections: Sections, reference: Trace, tmp_path: Path
) -> None:
    name, array = list(sections[section].items())[-1]
    flat = array.reshape(-1)
    flat[0] += 1e-9 * np.abs(array).max()
    candidate = written(sections, tmp_path / "candidate")
    beyond = [
        finding
        for each in QUANTITIES
        for finding in compared(each.name, reference, candidate).beyond(always(each.limit))
    ]
    assert [(f.section, f.name) for f in beyond] == [(section, name)]
    assert beyond[0].error == pytest.approx(1e-9, rel=0.01)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_dropped_section_never_passes(
    section: str, sections: Sections, reference: Trace, tmp_path: Path
) -> None:
    dropped = len(sections.pop(section))
    candidate = written(sections, tmp_path / "candidate")
    beyond = [
        finding
        for each in QUANTITIES
        for finding in compared(each.name, reference, candidate).beyond(always(INFINITE))
    ]
    assert len(beyond) == dropped
    assert all(f.problem == f"the backend computed no {section}" for f in beyond)
    # Nor if the reference lacks it.
    assert any(compared(q.name, candidate, reference).beyond(always(INFINITE)) for q in QUANTITIES)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_missing_tensor_never_passes(
    section: str, sections: Sections, reference: Trace, tmp_path: Path
) -> None:
    name = next(iter(sections[section]))
    array = sections[section].pop(name)
    sections[section]["unknown"] = array
    candidate = written(sections, tmp_path / "candidate")
    beyond = {
        finding.name: finding.problem
        for each in QUANTITIES
        for finding in compared(each.name, reference, candidate).beyond(always(INFINITE))
    }
    assert beyond == {name: "missing", "unknown": "not of the network"}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["candidate", "reference", "both"])
def test_what_is_no_number_never_passes(
    value: float, where: str, sections: Sections, tmp_path: Path
) -> None:
    good = written(sections, tmp_path / "good")
    sections["gradients"]["conv.weight"][1, 2, 0, 0] = value
    bad = written(sections, tmp_path / "bad")
    reference, candidate = {
        "candidate": (good, bad),
        "reference": (bad, good),
        "both": (bad, bad),
    }[where]
    (finding,) = compared("gradients", reference, candidate).beyond(always(INFINITE))
    assert finding.name == "conv.weight"
    assert finding.problem is not None and "NaN or infinity" in finding.problem


def test_a_shape_that_would_broadcast_never_passes(
    sections: Sections, reference: Trace, tmp_path: Path
) -> None:
    sections["gradients"]["conv.bias"] = sections["gradients"]["conv.bias"].reshape(1, 4)
    candidate = written(sections, tmp_path / "candidate")
    (finding,) = compared("gradients", reference, candidate).beyond(always(INFINITE))
    assert finding.problem == "the shape is (1, 4), not (4,)"


def test_another_precision_never_passes(
    sections: Sections, reference: Trace, tmp_path: Path
) -> None:
    arrays = sections["statistics-2"]
    arrays["bn.running_mean"] = arrays["bn.running_mean"].astype(np.float32)
    candidate = written(sections, tmp_path / "candidate")
    (finding,) = compared("statistics", reference, candidate).beyond(always(INFINITE))
    assert finding.problem == "is float32 in a float64 run"


def test_the_worst_finding_is_shown(sections: Sections, reference: Trace, tmp_path: Path) -> None:
    sections["parameters"]["conv.weight"][0, 0, 0, 0] += 1e-3
    sections["parameters"]["conv.bias"][0] += 1e-1
    candidate = written(sections, tmp_path / "candidate")
    worst = compared("parameters", reference, candidate).worst(always(1.0))
    assert worst is not None and worst.name == "conv.bias"
    del sections["parameters"]["conv.weight"]
    candidate = written(sections, tmp_path / "candidate")
    worst = compared("parameters", reference, candidate).worst(always(1.0))
    assert worst is not None and worst.problem == "missing"


def test_errors_are_relative_to_the_largest_entry() -> None:
    assert relative_error(np.array([4.0, 1e-9]), np.array([4.0, 2e-9])) == pytest.approx(2.5e-10)
    assert relative_error(np.array([-8.0, 0.0]), np.array([-4.0, 0.0])) == 0.5


def test_zeros_agree_with_zeros_alone() -> None:
    zeros = np.zeros(3)
    assert relative_error(zeros, zeros) == 0
    assert relative_error(zeros, np.array([0.0, 1e-300, 0.0])) == 1


def test_a_bias_without_a_gradient_is_measured_by_its_weight(
    sections: Sections, tmp_path: Path
) -> None:
    sections["gradients"]["conv.weight"] = np.full((4, 3, 3, 3), 0.01)
    sections["gradients"]["conv.bias"] = np.array([1e-18, 0.0, -2e-18, 0.0])
    reference = written(sections, tmp_path / "reference")
    sections["gradients"]["conv.bias"] = np.array([0.0, 3e-18, 1e-18, 0.0])
    candidate = written(sections, tmp_path / "candidate")
    limit = quantity("gradients").limit
    assert compared("gradients", reference, candidate).beyond(always(limit))
    absorbed = Subject(FACTS, 2, 3, {"conv.bias": "conv.weight"})
    assert not compared("gradients", reference, candidate, absorbed).beyond(always(limit))
    # Rounding is forgiven, a gradient that should not be there is not.
    sections["gradients"]["conv.bias"] = np.array([0.0, 0.0, 1e-6, 0.0])
    candidate = written(sections, tmp_path / "candidate")
    assert compared("gradients", reference, candidate, absorbed).beyond(always(limit))


def test_an_old_trace_is_not_taken_for_a_new_one(sections: Sections, tmp_path: Path) -> None:
    trace = written(sections, tmp_path / "trace")
    assert trace.section("eval") is not None
    TraceWriter(tmp_path / "trace")
    assert trace.section("eval") is None


def test_values_that_nobody_asked_for_are_not_compared(
    sections: Sections, reference: Trace, tmp_path: Path
) -> None:
    del sections["values"]
    candidate = written(sections, tmp_path / "candidate")
    subject = Subject(FACTS, batch=2, steps=3)
    assert compared("activations", reference, candidate, subject).findings == ()


def test_a_file_without_probes_is_compared_where_it_has_layers(
    sections: Sections, reference: Trace, tmp_path: Path
) -> None:
    for section in ("values", "values-train"):
        del sections[section]["parts#1"]
    candidate = written(sections, tmp_path / "candidate")
    whole = compared("activations", reference, candidate)
    assert [f.problem for f in whole.beyond(always(INFINITE))] == ["missing", "missing"]
    partly = compare(quantity("activations"), SUBJECT, reference, candidate, is_partial=True)
    assert [(f.section, f.name, f.error) for f in partly.findings] == [
        ("values", "conv", 0.0),
        ("values-train", "conv", 0.0),
    ]
