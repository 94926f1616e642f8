"""The arrays that layers own, and their multiply-accumulates."""

import pytest

from resdsl.ops import OPS, Constant, VarianceScaling
from resdsl.types import TensorType


def test_convolution_has_pytorchs_layout_and_fans() -> None:
    weight, bias = OPS["conv"](32, (3, 5), groups=4).weights(TensorType((16, 9, 9)))
    assert (weight.name, weight.shape) == ("weight", (32, 4, 3, 5))
    assert (bias.name, bias.shape) == ("bias", (32,))
    # PyTorch does not divide the fan out by the groups.
    assert (weight.fan_in, weight.fan_out) == (4 * 15, 32 * 15)
    assert (bias.fan_in, bias.fan_out) == (weight.fan_in, weight.fan_out)


def test_linear_has_pytorchs_layout() -> None:
    weight, bias = OPS["linear"](10).weights(TensorType((512,)))
    assert (weight.shape, bias.shape) == ((10, 512), (10,))
    assert (weight.fan_in, weight.fan_out) == (512, 10)


@pytest.mark.parametrize("name", ["conv", "linear"])
def test_bias_can_be_left_out(name: str) -> None:
    least = {"conv": (8, 3), "linear": (8,)}[name]
    weights = OPS[name](*least, bias=False).weights(TensorType((4, 5, 5)))
    assert [w.name for w in weights] == ["weight"]


def test_default_initializer_is_pytorchs() -> None:
    for weight in OPS["conv"](64, 7).weights(TensorType((3, 9, 9))):
        assert isinstance(weight.init, VarianceScaling)
        bound = weight.init.bound(weight.fan_in, weight.fan_out)
        assert bound == pytest.approx((3 * 49) ** -0.5, rel=1e-15)


def test_batch_norm_owns_statistics_that_are_not_trained() -> None:
    weights = OPS["batch_norm"]().weights(TensorType((64, 5, 5)))
    assert [(w.name, w.trainable) for w in weights] == [
        ("weight", True),
        ("bias", True),
        ("running_mean", False),
        ("running_var", False),
    ]
    assert [w.init for w in weights] == [Constant(1.0), Constant(0.0), Constant(0.0), Constant(1.0)]
    assert {w.shape for w in weights} == {(64,)}


@pytest.mark.parametrize(
    ("per", "shape"), [("channel", (4,)), ("tensor", (1,)), ("entry", (4, 5, 6))]
)
def test_learned_numbers_bear_the_name_of_the_item(per: str, shape: tuple[int, ...]) -> None:
    (weight,) = OPS["scale"](1e-6, per=per).weights(TensorType((4, 5, 6)))
    assert (weight.name, weight.shape, weight.init) == ("", shape, Constant(1e-6))
    assert OPS["scale"](1e-6, per=per, learned=False).weights(TensorType((4, 5, 6))) == ()


def test_batch_norm_without_affine_keeps_its_statistics() -> None:
    weights = OPS["batch_norm"](affine=False).weights(TensorType((64,)))
    assert [w.name for w in weights] == ["running_mean", "running_var"]


@pytest.mark.parametrize(
    ("name", "arguments", "shape", "macs"),
    [
        ("conv", {"out": 64, "kernel": 7, "stride": 2}, (3, 224, 224), 118_013_952),
        ("conv", {"out": 8, "kernel": 3, "groups": 4}, (8, 5, 5), 8 * 25 * 2 * 9),
        ("linear", {"out": 1000}, (2048,), 2_048_000),
        ("linear", {"out": 10}, (4, 3, 3), 10 * 4 * 9),
        ("batch_norm", {}, (64, 5, 5), 0),
        ("max_pool", {"kernel": 2}, (64, 4, 4), 0),
    ],
)
def test_multiply_accumulates(
    name: str, arguments: dict[str, object], shape: tuple[int, ...], macs: int
) -> None:
    assert OPS[name](**arguments).macs(TensorType(shape)) == macs
