"""The localiser on sections made of random numbers: order, places, segments, groups, limits.

No framework: what an operation computes does not matter here, only which numbers differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resdsl.codegen.runtime import Batch
from resdsl.ir.graph import Graph
from resdsl.parity.facts import absorbed
from resdsl.parity.localize.find import Case, find
from resdsl.parity.localize.flow import Flow
from resdsl.parity.localize.local import Evidence, locals_of
from resdsl.parity.localize.match import ruling
from resdsl.parity.localize.trials import experiment
from resdsl.parity.localize.words import told
from resdsl.parity.report import Cause, Fault
from resdsl.passes.elaborate import elaborate
from resdsl.passes.load import load_program

FILE = Path(__file__).with_name("small.res")
FORCED = {
    "values": "forced",
    "values-train": "forced-train",
    "statistics-1": "forced-statistics",
    "gradients-values": "forced-gradients-values",
    "gradients": "forced-gradients",
}


CAUSE = Cause("eps = 1e-3", "bn1", "another number is added", "Keras", "")


@dataclass
class Sections:
    held: dict[str, dict[str, np.ndarray]]

    def section(self, name: str) -> dict[str, np.ndarray] | None:
        return self.held.get(name)


@dataclass
class Numbers:
    """Random sections of a network, and a candidate whose numbers are the same."""

    graph: Graph
    flow: Flow = field(init=False)

    def __post_init__(self) -> None:
        self.flow = Flow(self.graph)
        random = np.random.Generator(np.random.PCG64(0))
        shapes = {key: self.graph.types[v].numbers for key, v in self.flow.values.items()}
        values = {key: (2, *shape) for key, shape in shapes.items()}
        weights = {w.name: w for w in self.graph.weights}
        trained = {n: w.weight.shape for n, w in weights.items() if w.weight.trainable}
        kept = {n: w.weight.shape for n, w in weights.items() if not w.weight.trainable}
        every = [values, values, kept, values, trained]
        self.reference = Sections(
            {
                section: {name: random.standard_normal(shape) for name, shape in shapes.items()}
                for section, shapes in zip(FORCED, every, strict=True)
            }
        )
        self.candidate = Sections(
            {
                name: {key: array.copy() for key, array in self.reference.held[section].items()}
                for section, forced in FORCED.items()
                for name in (section, forced)
            }
        )

    def differ(self, section: str, *names: str, by: float = 1e-3) -> None:
        for name in names:
            self.candidate.held[section][name] *= 1 + by

    def forget(self, *names: str) -> None:
        for section in ("values", "values-train", "gradients-values"):
            for name in names:
                self.candidate.held[section].pop(name)
                self.candidate.held[FORCED[section]].pop(name)

    def evidence(self, **more: Any) -> Evidence:
        return Evidence(self.reference, self.candidate, absorbed=absorbed(self.graph), **more)

    def locals(self, **more: Any) -> list[tuple[str, str, tuple[str, ...]]]:
        found = locals_of(self.flow, self.evidence(**more))
        return [(each.phase, each.key, tuple(n.path for n in each.nodes)) for each in found]

    def faults(self) -> list[Fault]:
        weights = {w.name: np.ones(w.weight.shape) for w in self.graph.weights}
        inputs = {
            i.name: np.ones((2, *self.graph.types[i.value].numbers)) for i in self.graph.inputs
        }
        given = Batch(inputs, {}, "")
        case = Case(self.flow, self.evidence(), weights, given, "torch", "jax")
        return find(case, lambda experiments: None)


@pytest.fixture
def numbers(small: Graph) -> Numbers:
    return Numbers(small)


def test_equal_numbers_have_no_differences(numbers: Numbers) -> None:
    assert numbers.locals() == []


def test_the_order_is_that_of_computation(numbers: Numbers) -> None:
    numbers.differ("forced-gradients", "fc.weight", "layer1.0.conv1.weight")
    numbers.differ("forced-statistics", "bn1.running_var")
    numbers.differ("forced-train", "layer1.0.conv1")
    numbers.differ("forced", "layer2.0.bn1", "layer1.0.conv2")
    assert numbers.locals() == [
        ("forward", "layer1.0.conv2", ("layer1.0.conv2",)),
        ("forward", "layer2.0.bn1", ("layer2.0.bn1",)),
        ("train forward", "layer1.0.conv1", ("layer1.0.conv1",)),
        ("statistics", "bn1.running_var", ("bn1",)),
        # The gradient of `layer1.0.conv1` follows from its forward pass in training.
        ("backward", "fc.weight", ("fc",)),
    ]


def test_what_no_gradient_arrives_at_has_no_fault(numbers: Numbers) -> None:
    """A gradient is stopped in `layer1.0.relu1`: all before it gets none, and none can be sent."""
    numbers.differ("forced-gradients-values", "conv1", "layer1.0.bn1", "layer1.0.conv1", by=-1.0)
    numbers.differ("forced-gradients", "layer1.0.bn1.weight", "layer1.0.conv1.weight", by=-1.0)
    # The other reader of its value has sent its share.
    numbers.differ("forced-gradients-values", "max_pool1", by=0.5)
    assert numbers.locals() == [
        ("backward", "layer1.0.bn1", ("layer1.0.relu1",)),
        ("backward", "conv1", ("bn1",)),
    ]


def test_gradients_go_from_the_end_to_the_beginning(numbers: Numbers) -> None:
    numbers.differ("forced-gradients-values", "conv1", "layer1.0.relu2", "layer1.0.bn1")
    assert numbers.locals() == [
        # A value that two operations read: either, or both.
        ("backward", "layer1.0.relu2", ("layer2.0.conv1", "layer2.0.downsample.0")),
        ("backward", "layer1.0.bn1", ("layer1.0.relu1",)),
        ("backward", "conv1", ("bn1",)),
    ]


def test_a_gradient_that_cancels_is_rounding(numbers: Numbers) -> None:
    for held in (numbers.reference, numbers.candidate):
        for section in ("gradients", "forced-gradients"):
            if section in held.held:
                held.held[section]["conv1.bias"] *= 1e-16
    numbers.differ("forced-gradients", "conv1.bias", by=1.0)
    assert numbers.locals() == []


def test_what_nobody_kept_is_looked_at_with_what_is_behind_it(numbers: Numbers) -> None:
    numbers.forget("layer1.0.relu1")
    numbers.differ("forced", "layer1.0.conv2")
    numbers.differ("forced-gradients-values", "layer1.0.bn1")
    assert numbers.locals()[0] == (
        "forward",
        "layer1.0.conv2",
        ("layer1.0.relu1", "layer1.0.conv2"),
    )
    assert len(numbers.locals()) == 2
    numbers.candidate.held.pop("forced")
    numbers.candidate.held.pop("forced-train")
    assert numbers.locals() == [
        ("backward", "layer1.0.bn1", ("layer1.0.relu1", "layer1.0.conv2")),
    ]


def test_the_end_of_a_network_may_be_unknown(numbers: Numbers) -> None:
    numbers.forget("fc")
    output = numbers.reference.held["values"]["fc"]
    numbers.reference.held["eval"] = {"output": output}
    numbers.candidate.held["eval"] = {"output": output * 2}
    assert numbers.locals() == [("forward", "output", ("fc",))]


def test_another_shape_is_a_difference(numbers: Numbers) -> None:
    held = numbers.candidate.held["forced"]
    held["layer2.0.conv1"] = held["layer2.0.conv1"][:, :, :-1]
    held["layer2.0.conv2"] = held["layer2.0.conv2"] * np.nan
    shapes, nans = numbers.faults()
    assert shapes.problem == "has the shape 16 x 3 x 4, and not 16 x 4 x 4"
    assert nans.problem == "holds NaN or infinity"


def test_one_line_is_one_fault(numbers: Numbers) -> None:
    numbers.differ("forced", "layer1.0.bn1", "layer2.0.bn1", "layer1.0.bn2")
    numbers.differ("forced-train", "layer1.0.bn1", "layer2.0.bn1")
    numbers.differ("values", "layer1.0.bn1")
    first, second = numbers.faults()
    assert first.paths == ("layer1.0.bn1", "layer2.0.bn1")
    assert (first.before, second.paths) == (0.0, ("layer1.0.bn2",))
    assert first.behind is not None and first.behind > 1e-4
    assert first.calls and first.place is not None and first.place.endswith("small.res:8:49")
    assert first.diagnostic is not None and first.diagnostic.code == "R0605"
    assert "without PyTorch, no causes are tried" in first.diagnostic.notes


def test_messages_are_few(numbers: Numbers) -> None:
    """One cause at several lines is one message, and no more than a few are shown."""
    numbers.differ("forced", "bn1")
    faults = [
        replace(fault, causes=causes, place=f"net.res:{n}:1", path=f"p{n}")
        for fault in numbers.faults()
        for n, causes in enumerate([(CAUSE,), (), (CAUSE,), *[()] * 8])
    ]
    shown = told(faults, ("the file is odd",))
    assert [fault.diagnostic is not None for fault in shown] == [True, True, False, *[True] * 4] + [
        False
    ] * 4
    assert shown[0].diagnostic is not None
    assert shown[0].diagnostic.notes[-3:] == (
        "the same at net.res:2:1 (`p2`)",
        "the file is odd",
        "4 more differences are created elsewhere",
    )


def test_in_float32_the_yardstick_gives_the_limit(numbers: Numbers) -> None:
    numbers.differ("forced", "layer1.0.bn1", by=1e-5)
    assert [key for _, key, _ in numbers.locals(dtype="float32")] == ["layer1.0.bn1"]
    rough = Sections({"forced": {"layer1.0.bn1": numbers.candidate.held["forced"]["layer1.0.bn1"]}})
    assert numbers.locals(dtype="float32", yardstick=rough) == []


def test_a_ruling_needs_a_variant_that_is_much_closer(numbers: Numbers) -> None:
    numbers.differ("forced", "layer1.0.bn1")
    (local,) = locals_of(numbers.flow, numbers.evidence())
    weights = {w.name: np.ones(w.weight.shape) for w in numbers.graph.weights}
    made = experiment(numbers.flow, numbers.evidence(), local, weights, Batch({}, {}, ""))
    assert made is not None and set(made.arrays) >= {"weight/layer1.0.bn1.weight"}
    names = [attempt.variant.name for attempt in made.attempts]

    def ruled(errors: dict[str, float], base: tuple[float, float] = (1e-3, 0.0)) -> list[str]:
        tried = [[errors.get(name), 1.0, None] for name in names]
        result = {
            "base": base,
            "deviant exact in": [],
            "right exact in": [],
            "attempts": tried,
        }
        return [match.variant.name for match in ruling([made], [result], "float64").matches]

    assert ruled({"eps = 1e-3": 1e-15, "eps = 1e-6": 5e-4}) == ["eps = 1e-3"]
    assert ruled({"eps = 1e-3": 1e-12}, base=(2e-11, 0.0)) == []
    assert ruled({"eps = 1e-3": 1e-6}) == []
    assert ruled({}) == []


def test_every_variant_has_words() -> None:
    """The catalogue, on every operation of every case file."""
    from cases import cases

    from resdsl.parity.causes import FORWARD, STATISTICS, TRAIN, variants_of

    for case in cases():
        graph = case.graph
        for node in graph.nodes:
            types = tuple(graph.types[v] for v in node.inputs)
            for phase in (FORWARD, TRAIN, STATISTICS):
                found = variants_of(node.op, types, phase)
                names = [(v.name, v.fit) for v in found]
                assert len(set(names)) == len(names), (node.op.name, names)
                for variant in found:
                    assert variant.says and not variant.says.endswith("."), variant
                    assert variant.op is not None or variant.twist, variant
                    assert variant.op != node.op or variant.twist or variant.fit, variant


def make(body: str, network: Callable[[str], Graph]) -> Numbers:
    return Numbers(network(body))


def test_second_results_and_layers_that_run_again(network: Callable[[str], Graph]) -> None:
    numbers = make(
        "input(4, 6, 6); c: conv(4, 3); again(c); parts: split(2); concat(parts[1], parts[0])",
        network,
    )
    numbers.differ("forced", "parts#1")
    numbers.differ("forced-gradients", "c.weight")
    assert [nodes for _, _, nodes in numbers.locals()] == [("parts",), ("c", "c@1")]


def test_a_network_of_a_file_has_its_places() -> None:
    numbers = Numbers(elaborate(load_program(str(FILE)), "dense"))
    numbers.differ("forced", "conv2")
    (fault,) = numbers.faults()
    assert fault.place is not None and fault.place.endswith("small.res:29:5")
