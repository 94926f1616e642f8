"""Runs in the frameworks: each goes on bit by bit, and one goes on where another was."""

from pathlib import Path

import numpy as np
import pytest
from runs import TRAINING, assert_same_state, figures, log, state, train

SMALL = TRAINING / "small.res"
OPTIONS = ("--log-every", "3", "--evaluate-every", "6", "--checkpoint-every", "6", "--threads", "1")
FRAMEWORKS = ("torch", "jax", "tensorflow")


@pytest.mark.parametrize("backend", FRAMEWORKS)
def test_a_run_goes_on_bit_by_bit(backend: str, tmp_path: Path) -> None:
    """Weights, momentum, averages and the log; dropout draws the same numbers again."""
    new = (f"{SMALL}:small", "--backend", backend, *OPTIONS)
    train(*new, "-o", tmp_path / "whole")
    train(*new, "-o", tmp_path / "parts", "--stop-after", "4")
    train("--resume", tmp_path / "parts", "--stop-after", "9")
    train("--resume", tmp_path / "parts")
    whole, parts = tmp_path / "whole" / backend, tmp_path / "parts" / backend
    assert [line["step"] for line in log(parts, "start")] == [0, 4, 9]
    assert figures(parts) == figures(whole)
    held = state(parts)
    assert any(np.any(array) for name, array in held.items() if name.startswith("momentum/"))
    assert any(name.startswith("average/") for name in held)
    assert_same_state(held, state(whole))


@pytest.mark.parametrize(("first", "second"), [("torch", "jax"), ("jax", "tensorflow")])
def test_a_checkpoint_goes_on_in_another_framework(first: str, second: str, tmp_path: Path) -> None:
    """In float64, where what follows is the same but for rounding."""
    new = (f"{SMALL}:plain", "--backend", first, *OPTIONS, "--dtype", "float64")
    train(*new, "-o", tmp_path / "one")
    checkpoint = tmp_path / "one" / first / "checkpoints" / "step-00000006.safetensors"
    train("--resume", checkpoint, "--backend", second, *OPTIONS, "-o", tmp_path / "two")
    one, two = tmp_path / "one" / first, tmp_path / "two" / second
    for line, other in zip(figures(one), figures(two), strict=True):
        assert line["loss"] == pytest.approx(other["loss"], rel=1e-12)
        assert line["accuracy"] == other["accuracy"]
    held, others = state(one), state(two)
    assert held.keys() == others.keys()
    for name, array in held.items():
        np.testing.assert_allclose(others[name], array, rtol=1e-10, atol=1e-12, err_msg=name)
