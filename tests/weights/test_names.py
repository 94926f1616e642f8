"""A file fits a network only if every name and shape does."""

from pathlib import Path
from typing import cast

import numpy as np
import pytest

from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.ir.graph import NamedWeight, Node
from resdsl.ops import Normal, Weight
from resdsl.weights import check_names, draw_all, layouts, load_weights, write_weights

NODE = cast("Node", None)  # Of no concern to weights.
WEIGHTS = [
    NamedWeight("conv1.weight", Weight("weight", (8, 3, 3, 3), Normal(1.0)), NODE),
    NamedWeight("bn1.running_mean", Weight("running_mean", (8,), Normal(1.0)), NODE),
]
EXPECTED = {"a.weight": (2, 3), "a.bias": (2,)}


def found(**changes: np.ndarray) -> dict[str, np.ndarray]:
    made = {"a.weight": np.zeros((2, 3)), "a.bias": np.zeros(2)}
    return made | {name.replace("__", "."): value for name, value in changes.items()}


def problems(arrays: dict[str, np.ndarray]) -> list[Diagnostic]:
    with pytest.raises(CompileError) as raised:
        check_names(EXPECTED, arrays, "`w`")
    return list(raised.value.diagnostics)


def test_from_seed_to_file_and_back(tmp_path: Path) -> None:
    write_weights(tmp_path / "w", layouts(WEIGHTS), draw_all(WEIGHTS, 7))
    loaded = load_weights(tmp_path / "w", reversed(WEIGHTS))
    assert list(loaded) == ["bn1.running_mean", "conv1.weight"]
    for name, array in draw_all(WEIGHTS, 7):
        assert loaded[name].tobytes() == array.tobytes()


def test_equal_sets_pass_and_counters_are_passed_over() -> None:
    check_names(EXPECTED, found(a__num_batches_tracked=np.array(3)))


def test_missing_and_unexpected_with_near_misses() -> None:
    arrays = found(a__weigth=np.zeros((2, 3)))
    del arrays["a.weight"]
    missing, extra = problems(arrays)
    assert missing.code == "R0713"
    assert missing.message == "`w` lacks one weight of the network"
    assert missing.notes == ("`a.weight`, but there is `a.weigth`",)
    assert extra.code == "R0714"
    assert extra.message == "`w` has one weight that the network does not have"
    assert extra.notes == ("`a.weigth`",)


def test_other_shapes_and_types() -> None:
    (unfit,) = problems(found(a__weight=np.zeros((3, 2)), a__bias=np.zeros(2, np.int64)))
    assert unfit.code == "R0715"
    assert unfit.notes == (
        "`a.weight` is 3 x 2 there and 2 x 3 in the network",
        "`a.bias` holds int64 there, not floating-point numbers",
    )


def test_long_lists_are_cut() -> None:
    (extra,) = problems(found(**{f"b{i}": np.zeros(1) for i in range(100)}))
    assert extra.message == "`w` has 100 weights that the network does not have"
    assert extra.notes[-2:] == ("`b7`", "and 92 more")
