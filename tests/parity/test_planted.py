"""Differences put into generated source: parity fails, every time, and shows where.

Each is what a careful person gets wrong, or what a framework does by default. The text of the
generated file is changed as by hand; the backends beside it keep what the compiler printed.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from resdsl.codegen.backend import get_backend
from resdsl.ir.graph import Graph
from resdsl.parity import Report, Settings, run
from resdsl.parity.report import Row, Status


@dataclass(frozen=True, slots=True)
class Plant:
    """A change by hand in the file of one backend: what to find, what to write, what to append."""

    find: str = ""
    write: str = ""
    append: str = ""

    def put_into(self, text: str) -> str:
        changed, count = re.subn(self.find, self.write, text, count=1) if self.find else (text, 1)
        assert count == 1, f"there is no {self.find} in\n{text}"
        assert changed + self.append != text
        return changed + self.append


TORCH_NORM = r"nn\.BatchNorm2d\(width\)"

EPSILON = {
    "torch": Plant(TORCH_NORM, "nn.BatchNorm2d(width, eps=1e-3)"),
    "jax": Plant(r"momentum=0\.9", "momentum=0.9, epsilon=1e-3"),
    "tensorflow": Plant(r"epsilon=1e-5", "epsilon=1e-3"),
}

# At stride 2 on an even size, "same" pads at the bottom and right alone.
SAME_PADDING = {
    "torch": Plant(
        r"F\.max_pool2d\(x, 3, stride=2, padding=1\)",
        'F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=float("-inf")), 3, stride=2)',
    ),
    "jax": Plant(r"padding=\(\(1, 1\), \(1, 1\)\)", 'padding="SAME"'),
    "tensorflow": Plant(
        r"ops\.max_pool\(padded\(x, 1, -math\.inf\), 3, strides=2\)",
        'ops.max_pool(x, 3, strides=2, padding="same")',
    ),
}

BIASED_VARIANCE = {
    "torch": Plant(
        TORCH_NORM,
        "Biased(width)",
        """

class Biased(nn.BatchNorm2d):
    def forward(self, x):
        old = self.running_var.clone()
        y = super().forward(x)
        if self.training:
            kept = (self.running_var - 0.9 * old) * x.shape[1] / x.numel()
            self.running_var.data -= kept
        return y
""",
    ),
    "jax": Plant(r" \* n / \(n - 1\)", ""),
    "tensorflow": Plant(r" \* n / \(n - 1\)", ""),
}

SWAPPED_MOMENTUM = {
    "torch": Plant(TORCH_NORM, "nn.BatchNorm2d(width, momentum=0.9)"),
    "jax": Plant(r"momentum=0\.9", "momentum=0.1"),
    "tensorflow": Plant(r"momentum=0\.9", "momentum=0.1"),
}

DROPPED_RELU = {
    "torch": Plant(r"F\.relu\((self\.bn1\(self\.conv1\(x\)\))\)", r"\1"),
    "jax": Plant(r"nnx\.relu\((self\.bn1\(self\.conv1\(x\)\))\)", r"\1"),
    "tensorflow": Plant(r"ops\.relu\((self\.bn1\(self\.conv1\(x\)\))\)", r"\1"),
}

# As in Keras: velocity = momentum * velocity - rate * gradient.
RATE_IN_VELOCITY = {
    "torch": Plant(
        append="""

import torch

class Inside(torch.optim.SGD):
    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                held = self.state[p].get("velocity", torch.zeros_like(p))
                change = p.grad + group["weight_decay"] * p
                self.state[p]["velocity"] = group["momentum"] * held - group["lr"] * change
                p += self.state[p]["velocity"]

torch.optim.SGD = Inside
"""
    ),
    "jax": Plant(
        append="""

import optax

def inside(learning_rate, momentum):
    return optax.chain(optax.scale_by_learning_rate(learning_rate), optax.trace(decay=momentum))

optax.sgd = inside
"""
    ),
    "tensorflow": Plant(
        append="""

import sys

def inside(parameter, gradient, velocity, rate, update):
    change = rate * (gradient + update.decay * parameter)
    velocity.assign(update.momentum * velocity - change)
    parameter.assign_add(velocity)

sys.modules["resdsl.backends.tensorflow.runtime"].sgd = inside
"""
    ),
}

EVERYTHING = {"eval", "train", "loss", "gradients", "statistics", "losses", "parameters", "after"}


@dataclass(frozen=True, slots=True)
class Case:
    """What is planted, what must differ and what must not, and the first value to be shown."""

    plants: Mapping[str, Plant]
    differ: frozenset[str]
    agree: frozenset[str]
    first: str


CASES = {
    "epsilon": Case(
        EPSILON, frozenset(EVERYTHING), frozenset(), r"layer1\.0\.(bn1|bn2)\.running_mean"
    ),
    "same padding": Case(
        SAME_PADDING, frozenset(EVERYTHING), frozenset(), r"layer1\.0\.bn1\.running_mean"
    ),
    "biased variance": Case(
        BIASED_VARIANCE,
        frozenset({"statistics", "after"}),
        frozenset({"eval", "train", "loss", "gradients", "losses", "parameters"}),
        r"(bn1|layer1\.0\.bn1)\.running_var",
    ),
    "swapped momentum": Case(
        SWAPPED_MOMENTUM,
        frozenset({"statistics", "after"}),
        frozenset({"eval", "train", "loss", "gradients", "losses", "parameters"}),
        r"(bn1|layer1\.0\.bn1)\.running_mean",
    ),
    "dropped relu": Case(
        DROPPED_RELU, frozenset(EVERYTHING), frozenset(), r"layer1\.0\.bn2\.running_mean"
    ),
    "rate in velocity": Case(
        RATE_IN_VELOCITY,
        frozenset({"statistics", "losses", "parameters", "after"}),
        frozenset({"eval", "train", "loss", "gradients"}),
        r".*",
    ),
}


#: What is looked for besides, as it takes more runs: the operations, and the name of the cause.
LOCALIZED = {
    "dropped relu": ({"layer1.0.relu1", "layer2.0.relu1"}, "relu left out"),
}


def planted(graph: Graph, case: Case, backends: tuple[str, ...], folder: Path) -> dict[str, Path]:
    sources = {}
    for name in backends:
        backend = get_backend(name)
        assert backend.emit is not None
        sources[name] = folder / backend.file_name(graph.name)
        text = case.plants[name].put_into(backend.emit(graph))
        sources[name].write_text(text, encoding="utf-8")
    return sources


def check(report: Report, row: Row, case: Case) -> None:
    shown = json.dumps(report.to_json(), indent=1)
    # A crash is no proof that the comparison finds anything.
    assert all(each.failure is None for each in report.rows), shown
    statuses = {name: cell.status for name, cell in row.cells.items()}
    # ONNX does not compute all of them.
    computed = {n for n, status in statuses.items() if status is not Status.NOT_APPLICABLE}
    differ = {n for n, status in statuses.items() if status is Status.DIFFERS}
    assert case.differ & computed <= differ, shown
    assert not case.agree & differ, shown
    assert row.first is not None and row.first.place is not None, shown
    assert re.fullmatch(case.first, row.first.name), shown


@pytest.mark.parametrize("name", CASES)
def test_planted_in_jax_and_tensorflow(name: str, small: Graph, tmp_path: Path) -> None:
    case = CASES[name]
    sources = planted(small, case, ("jax", "tensorflow"), tmp_path)
    backends = ("torch", "jax", "tensorflow")
    report = run(small, Settings(backends, steps=3, sources=sources, localize=False))
    assert not report.agreed
    reference, *others = report.rows
    assert reference.is_good and [row.backend for row in others] == ["jax", "tensorflow"]
    for row in others:
        check(report, row, case)


@pytest.mark.parametrize("name", CASES)
def test_planted_in_torch(name: str, small: Graph, tmp_path: Path) -> None:
    """The reference itself is wrong: the other one differs from it."""
    case = CASES[name]
    other = "jax" if name == "rate in velocity" else "onnx"
    sources = planted(small, case, ("torch",), tmp_path)
    # To look into the update of the optimizer takes no more runs.
    looks = name in (*LOCALIZED, "rate in velocity")
    settings = Settings(("torch", other), steps=3, sources=sources, localize=looks)
    report = run(small, settings)
    assert not report.agreed
    row = report.rows[1]
    check(report, row, case)
    if name in LOCALIZED:
        check_cause(row, "torch", *LOCALIZED[name])
    elif looks:
        assert row.first is not None and row.first.diagnostic is not None
        assert "the update of the optimizer" in row.first.diagnostic.notes[0]


def check_cause(row: Row, odd: str, paths: set[str], cause: str) -> None:
    """The operations that were changed are found, all of them and no others, and named."""
    assert row.first is not None and row.first.created
    assert {path for fault in row.first.faults for path in fault.paths} == paths
    assert {(fault.odd, fault.causes[0].name) for fault in row.first.faults} == {(odd, cause)}
