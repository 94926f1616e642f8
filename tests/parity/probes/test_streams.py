"""Sections that are written array by array, in whatever order and number they come."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from resdsl.diagnostics import InternalError
from resdsl.parity.probes.streams import array_stream, zeros
from resdsl.weights.store import read_weights

ARRAYS = {
    "layer1.0.relu1": np.arange(24.0).reshape(2, 3, 4),
    "loss": np.array(0.5),
    "fc": np.arange(6, dtype=np.float32).reshape(3, 2).T,
    "nothing": np.zeros((0, 3)),
}


def test_what_was_put_is_read_by_us_and_by_the_library(tmp_path: Path) -> None:
    path = tmp_path / "values.safetensors"
    with array_stream(path, ["never seen", *ARRAYS]) as stream:
        for name, array in ARRAYS.items():
            stream.put(name, array)
        assert stream.names == set(ARRAYS)
        assert stream.dtype("fc") == "float32"
    for found in (read_weights(path), load_file(path)):
        assert set(found) == set(ARRAYS)
        for name, array in ARRAYS.items():
            assert found[name].dtype == array.dtype
            assert np.array_equal(found[name], array)


def test_a_pass_that_fails_leaves_no_section(tmp_path: Path) -> None:
    path = tmp_path / "values.safetensors"
    with pytest.raises(ValueError, match="on the way"), array_stream(path, ["a"]) as stream:
        stream.put("a", np.zeros(3))
        raise ValueError("on the way")
    assert not path.exists()


def test_a_value_that_is_seen_twice_is_a_mistake(tmp_path: Path) -> None:
    with (
        pytest.raises(InternalError, match="seen twice"),
        array_stream(tmp_path / "v.safetensors", ["a"]) as stream,
    ):
        stream.put("a", np.zeros(3))
        stream.put("a", np.zeros(3))


def test_zeros_have_their_shape_and_no_memory() -> None:
    made = zeros((1000, 1000, 1000), "float64")
    assert made.shape == (1000, 1000, 1000)
    assert made.strides == (0, 0, 0)
