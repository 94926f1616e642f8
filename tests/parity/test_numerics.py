"""The numerics policy in words: what is common to all runs, who is apart, what two do not share."""

from resdsl.parity.numerics import differences, line

PLAIN = {"tf32 matmul": False, "tf32 conv": False, "deterministic": True, "threads": 1}


def test_what_all_share_is_said_once() -> None:
    assert line([("torch", PLAIN), ("jax", {**PLAIN, "excess precision": False})]) == (
        "TF32 off, deterministic, 1 thread, no excess precision"
    )
    assert line([]) == ""


def test_who_is_apart_is_named() -> None:
    kept, flushed = {**PLAIN, "denormals": "kept"}, {**PLAIN, "denormals": "flushed"}
    said = line([("torch", flushed), ("jax", flushed), ("onnx", {**kept, "threads": 4})])
    assert "1 thread (onnx: 4 threads)" in said
    assert said.endswith("denormals flushed (onnx: denormals kept)")


def test_tf32_in_one_of_both_is_said() -> None:
    assert line([("torch", {**PLAIN, "tf32 conv": True})]).startswith("TF32 in convolutions alone")


def test_differences_are_of_what_both_have() -> None:
    left = {**PLAIN, "versions": {"jax": "1"}, "xla flags": "--a", "dtype": "float64"}
    right = {"threads": 2, "deterministic": False, "versions": {"jax": "2"}, "xla flags": "--b"}
    assert differences(left, right) == [
        *("deterministic: on and off", "threads: 1 and 2", "version of jax: 1 and 2"),
    ]
    assert differences(left, {"versions": {"torch": "2"}}) == []
