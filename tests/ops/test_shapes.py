"""Shape rules: what comes out, what does not fit, and where channels and positions go."""

import pytest

from resdsl.expressions.nodes import Binary, Literal, Name
from resdsl.ops import OPS, Op, OpError
from resdsl.types import TensorType

IMAGE = TensorType((64, 56, 56))


def use(name: str, *positional: object, **keywords: object) -> Op:
    return OPS[name](*positional, **keywords)


@pytest.mark.parametrize(
    ("operation", "before", "after"),
    [
        (use("conv", 64, 7, stride=2), (3, 224, 224), (64, 112, 112)),
        (use("conv", 64, 3), (3, 7, 9), (64, 7, 9)),
        (use("conv", 64, 3, dilation=2), (3, 7, 9), (64, 7, 9)),
        (use("conv", 64, (1, 7), stride=(1, 2)), (3, 9, 9), (64, 9, 5)),
        (use("conv", 64, 11, stride=4, pad=2), (3, 224, 224), (64, 55, 55)),
        (use("conv", 8, 3, stride=2, pad="tf_same"), (3, 12, 11), (8, 6, 6)),
        (use("conv", 8, 3, pad="valid"), (3, 12, 11), (8, 10, 9)),
        (use("conv", 8, 2, pad=(0, 1, 1, 0)), (3, 4, 4), (8, 4, 4)),
        (use("conv", 8, 3, stride=2), (3, 1, 1), (8, 1, 1)),
        (use("conv", 64, 15, stride=2), (12, 1000), (64, 500)),
        (use("conv", 8, 3, pad=(0, 2)), (12, 10), (8, 10)),
        (use("conv", 8, (1, 3, 5), stride=(1, 2, 2)), (3, 4, 9, 9), (8, 4, 5, 5)),
        (use("conv", 8, 3, pad="tf_same", stride=2), (3, 7, 8, 9), (8, 4, 4, 5)),
        (use("conv", 8, 2, pad=(0, 1, 1, 0, 0, 0)), (3, 4, 4, 4), (8, 4, 4, 3)),
        (use("linear", 10), (512,), (10,)),
        (use("linear", 10), (512, 7), (10, 7)),
        (use("linear", 10), (512, 7, 7), (10, 7, 7)),
        (use("batch_norm"), (64, 5, 5), (64, 5, 5)),
        (use("batch_norm"), (64,), (64,)),
        (use("lrn"), (96, 55, 55), (96, 55, 55)),
        (use("relu"), (64,), (64,)),
        (use("softmax"), (10,), (10,)),
        (use("dropout", 0.2), (10, 2, 2), (10, 2, 2)),
        (use("max_pool", 3, stride=2), (64, 112, 112), (64, 56, 56)),
        (use("max_pool", 2), (64, 7, 8), (64, 3, 4)),
        (use("max_pool", 2, ceil=True), (64, 7, 8), (64, 4, 4)),
        (use("max_pool", 3, stride=2, pad=0, ceil=True), (64, 112, 111), (64, 56, 55)),
        # PyTorch's rule: the last window would start in the padding after the input.
        (use("max_pool", 2, stride=2, pad=1, ceil=True), (1, 3, 3), (1, 2, 2)),
        (use("avg_pool", 2), (64, 56, 56), (64, 28, 28)),
        (use("avg_pool", 3, stride=1, pad="same"), (64, 5, 6), (64, 5, 6)),
        (use("avg_pool", 2, stride=2, pad="tf_same"), (64, 5, 5), (64, 3, 3)),
        (use("adaptive_avg_pool", 6), (256, 13, 3), (256, 6, 6)),
        (use("adaptive_avg_pool", (1, 2)), (256, 13, 13), (256, 1, 2)),
        (use("max_pool", 3, stride=2), (64, 11), (64, 6)),
        (use("max_pool", 2, ceil=True), (64, 7, 8, 9), (64, 4, 4, 5)),
        (use("avg_pool", (1, 2, 3)), (64, 7, 8, 9), (64, 7, 4, 3)),
        (use("adaptive_avg_pool", 6), (256, 13), (256, 6)),
        (use("adaptive_avg_pool", (1, 2, 3)), (256, 7, 13, 13), (256, 1, 2, 3)),
        (use("global_avg_pool", keep=True), (512, 7), (512, 1)),
        (use("global_max_pool"), (512, 2, 7, 7), (512,)),
        (use("pad", 1), (3, 5), (3, 7)),
        (use("pad", (0, 1, 2, 3, 4, 5)), (3, 5, 5, 5), (3, 6, 10, 14)),
        (use("subsample", (2, 1, 3)), (16, 9, 8, 8), (16, 5, 8, 3)),
        (use("global_avg_pool"), (512, 7, 7), (512,)),
        (use("global_avg_pool", keep=True), (512, 7, 7), (512, 1, 1)),
        (use("global_max_pool"), (512, 7, 7), (512,)),
        (use("flatten"), (256, 6, 6), (9216,)),
        (use("flatten"), (256,), (256,)),
        (use("pad", 1), (3, 5, 5), (3, 7, 7)),
        (use("pad", (0, 1, 2, 3)), (3, 5, 5), (3, 6, 10)),
        (use("subsample", 2), (16, 9, 8), (16, 5, 4)),
        (use("subsample", 1), (16,), (16,)),
        (use("pad_channels", 32), (16, 8, 8), (32, 8, 8)),
        (use("identity"), (16, 8, 8), (16, 8, 8)),
    ],
    ids=str,
)
def test_one_input(operation: Op, before: tuple[int, ...], after: tuple[int, ...]) -> None:
    assert operation.infer(TensorType(before)).shape == after


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("add", [(64, 5, 5), (64, 5, 5), (64, 5, 5)], (64, 5, 5)),
        ("add", [(64,)], (64,)),
        ("sub", [(64,), (64,)], (64,)),
        ("mul", [(64, 5, 5), (64,)], (64, 5, 5)),
        ("mul", [(64, 1, 1), (64, 5, 5)], (64, 5, 5)),
        ("mul", [(64, 1, 5), (64, 5, 1), (64,)], (64, 5, 5)),
        ("concat", [(64, 5, 5), (32, 5, 5), (1, 5, 5)], (97, 5, 5)),
        ("concat", [(64,), (32,)], (96,)),
    ],
)
def test_joins(name: str, before: list[tuple[int, ...]], after: tuple[int, ...]) -> None:
    assert use(name).infer(*map(TensorType, before)).shape == after


@pytest.mark.parametrize(
    ("operation", "inputs", "text"),
    [
        (use("conv", 8, 3), [(512,)], "`conv` works on positions, and gets a vector of 512"),
        (
            use("conv", 8, (3, 3)),
            [(12, 1000)],
            "`kernel` gives 2 numbers, and a 1-d input takes 1: [length]",
        ),
        (
            use("conv", 8, 3, pad=(1, 1)),
            [(12, 8, 9)],
            "`pad` gives 2 numbers, and a 2-d input takes 4: [top, bottom, left, right]",
        ),
        (use("subsample", (2, 2)), [(12, 4, 8, 9)], "`by` gives 2 numbers, and a 3-d input takes"),
        (use("max_pool", 2), [(1, 2, 2, 2, 2)], "`max_pool` works on 3 spatial dimensions at most"),
        (use("conv", 8, 3, groups=2), [(3, 5, 5)], "2 groups do not divide 3 input channels"),
        (use("conv", 8, 7, pad=1), [(3, 4, 9)], "the kernel covers 7 x 7 positions"),
        (use("conv", 8, 3, pad=0, dilation=4), [(3, 8, 8)], "the kernel covers 9 x 9 positions"),
        (use("max_pool", 2), [(3, 1, 4)], "the window is 2 x 2, and the input only 3 x 1 x 4"),
        (use("adaptive_avg_pool", 2), [(3,)], "`adaptive_avg_pool` works on positions"),
        (use("global_avg_pool"), [(3,)], "`global_avg_pool` works on positions"),
        (use("lrn"), [(3,)], "`lrn` works on positions, and gets a vector of 3"),
        (use("pad", 1), [(3,)], "`pad` works on positions"),
        (use("subsample", 2), [(3,)], "`subsample` works on positions"),
        (use("pad_channels", 8), [(16, 4, 4)], "`pad_channels` adds channels: 16 cannot become 8"),
        (use("softmax", slices=3), [(4, 2, 2)], "3 slices do not divide 4 channels"),
        (use("relu"), [(3,), (3,)], "`relu` takes one tensor, and gets 2"),
        (use("add"), [], "`add` has nothing to join"),
        (use("add"), [(64, 5, 5), (64, 1, 1)], "`add` wants equal shapes, and gets 64 x 5 x 5 and"),
        (use("sub"), [(64,), (64,), (64,)], "`sub` takes two tensors, and gets 3"),
        (use("mul"), [(64, 5, 5), (1, 5, 5)], "`mul` does not fit 64 x 5 x 5 and 1 x 5 x 5"),
        (use("mul"), [(64, 5, 5), (64, 2, 5)], "`mul` does not fit 64 x 5 x 5 and 64 x 2 x 5"),
        (use("concat"), [(64, 5, 5), (64, 4, 5)], "`concat` wants equal positions"),
        (use("concat"), [(64, 5, 5), (64,)], "`concat` wants equal positions"),
    ],
    ids=str,
)
def test_misfits(operation: Op, inputs: list[tuple[int, ...]], text: str) -> None:
    with pytest.raises(OpError) as misfit:
        operation.infer(*map(TensorType, inputs))
    assert misfit.value.message.startswith(text)


@pytest.mark.parametrize(
    ("operation", "pads"),
    [
        (use("conv", 8, 3), (1, 1, 1, 1)),
        (use("conv", 8, (1, 7)), (0, 0, 3, 3)),
        (use("conv", 8, 3, dilation=3), (3, 3, 3, 3)),
        (use("conv", 8, 3, stride=2, pad="tf_same"), (0, 1, 0, 1)),
        (use("conv", 8, 1, stride=2, pad="tf_same"), (0, 0, 0, 0)),
        (use("conv", 8, 4, pad="tf_same"), (1, 2, 1, 2)),
        (use("conv", 8, 3, pad="valid"), (0, 0, 0, 0)),
        (use("conv", 8, 3, pad=(1, 2, 3, 4)), (1, 2, 3, 4)),
        (use("max_pool", 2), (0, 0, 0, 0)),
        (use("max_pool", 4), (1, 1, 1, 1)),
        (use("avg_pool", 3), (0, 0, 0, 0)),
    ],
    ids=str,
)
def test_pads(operation: Op, pads: tuple[int, ...]) -> None:
    assert operation.pads(IMAGE) == pads  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("operation", "strides"),
    [
        (use("conv", 8, 3, stride=(1, 2)), (1, 2)),
        (use("max_pool", 3), 3),
        (use("avg_pool", 3, stride=2), 2),
        (use("subsample", 2), 2),
        (use("relu"), 1),
        (use("linear", 8), 1),
        (use("flatten"), None),
        (use("global_avg_pool", keep=True), None),
        (use("adaptive_avg_pool", 7), None),
    ],
    ids=str,
)
def test_strides(operation: Op, strides: int | tuple[int, ...] | None) -> None:
    assert operation.strides() == strides


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (use("identity"), True),
        (use("subsample", 1), True),
        (use("subsample", (1, 2)), False),
        (use("pad", 0), True),
        (use("pad", (0, 0, 0, 1)), False),
        (use("pad_channels", 64), True),
        (use("pad_channels", 65), False),
        (use("dropout", 0.0), False),
        (use("flatten"), False),
        (use("relu"), False),
    ],
    ids=str,
)
def test_identities(operation: Op, expected: bool) -> None:
    assert operation.is_identity(IMAGE) is expected


def test_symbolic_channels() -> None:
    width, channels = Name("width"), Name("in_channels")
    sizes = (Literal(6), Literal(7))
    assert OPS["conv"].channels_out({"out": width}, channels, sizes) is width
    assert OPS["linear"].channels_out({"out": width}, channels, ()) is width
    assert OPS["pad_channels"].channels_out({"to": width}, channels, sizes) is width
    assert OPS["batch_norm"].channels_out({}, channels, sizes) is channels
    assert OPS["flatten"].channels_out({}, channels, sizes) == Binary(
        "*", Binary("*", channels, Literal(6)), Literal(7)
    )
