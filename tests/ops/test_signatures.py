"""Every operation is complete: documented, with defaults that its own attributes accept."""

import pytest

from resdsl.ops import OPS, Normal, Op, VarianceScaling, WrongValue, attributes_of, required
from resdsl.types import TensorType

SEQUENCE = TensorType((6, 20))
#: The least an operation must be given.
LEAST = {
    "adaptive_avg_pool": (6,),
    "attend": (SEQUENCE, SEQUENCE, SEQUENCE),
    "avg_pool": (2,),
    "channel_conv": (3,),
    "conv": (8, 3),
    "conv_transpose": (8, 2),
    "depthwise": (3,),
    "drop_path": (0.1,),
    "group_norm": (2,),
    "linear": (10,),
    "max_pool": (2,),
    "pad": (1,),
    "pad_channels": (8,),
    "reshape": (8,),
    "split": (2,),
    "subsample": (2,),
    "upsample": (2,),
}


@pytest.mark.parametrize("name", OPS)
def test_is_documented(name: str) -> None:
    kind = OPS[name]
    assert kind.name == name
    assert kind.__doc__ and kind.__doc__ != Op.__doc__
    for attribute in attributes_of(kind).values():
        assert attribute.metadata["doc"]
        assert attribute.metadata["kind"].says


@pytest.mark.parametrize("name", OPS)
def test_defaults_are_accepted_as_they_are(name: str) -> None:
    for attribute in attributes_of(OPS[name]).values():
        if not required(attribute):
            assert attribute.metadata["kind"].accept(attribute.default) == attribute.default


@pytest.mark.parametrize("name", OPS)
def test_least_use_has_no_problem_and_compares_by_value(name: str) -> None:
    least = LEAST.get(name, ())
    operation = OPS[name](*least)
    assert not list(operation.problems())
    assert operation == OPS[name](*least)
    assert hash(operation) == hash(OPS[name](*least))
    assert sum(map(required, attributes_of(OPS[name]).values())) <= len(least)


def test_positions_are_those_of_the_language() -> None:
    assert " ".join(attributes_of(OPS["conv"])) == (
        "out kernel stride pad dilation groups bias init bias_init standardize standardize_eps"
    )
    assert list(attributes_of(OPS["batch_norm"]))[:4] == ["eps", "momentum", "affine", "variance"]
    assert list(attributes_of(OPS["max_pool"])) == ["kernel", "stride", "pad", "ceil"]


@pytest.mark.parametrize(
    ("name", "attribute", "value", "stored"),
    [
        ("conv", "kernel", [3, 3], (3, 3)),
        ("conv", "kernel", [3], (3,)),
        ("conv", "kernel", [1, 3, 3], (1, 3, 3)),
        ("conv", "kernel", [1, 7], (1, 7)),
        ("conv", "pad", [1, 1, 1, 1], (1, 1, 1, 1)),
        ("conv", "pad", [1, 2], (1, 2)),
        ("pad", "amount", [0, 0, 1, 1, 2, 2], (0, 0, 1, 1, 2, 2)),
        ("conv", "pad", [0, 1, 0, 1], (0, 1, 0, 1)),
        ("conv", "pad", "tf_same", "tf_same"),
        ("max_pool", "stride", None, None),
        ("max_pool", "stride", 2, 2),
        ("dropout", "rate", 0, 0.0),
        ("scale", "value", 1, 1.0),
        ("scale", "value", Normal(0.1), Normal(0.1)),
        ("batch_norm", "momentum", 1, 1.0),
    ],
)
def test_accepts(name: str, attribute: str, value: object, stored: object) -> None:
    accepted = attributes_of(OPS[name])[attribute].metadata["kind"].accept(value)
    assert accepted == stored
    assert type(accepted) is type(stored)


@pytest.mark.parametrize(
    ("name", "attribute", "value", "text"),
    [
        ("conv", "out", 0, "must be a whole number, 1 or more"),
        ("conv", "out", 64.0, "must be a whole number, 1 or more"),
        ("conv", "out", True, "must be a whole number, 1 or more"),
        ("conv", "stride", [1, 0], "must be a whole number, 1 or more, or a list of one for each"),
        ("conv", "stride", [], "must be a whole number, 1 or more, or a list of one for each"),
        ("conv", "stride", [1, 1, 1, 1], "must be a whole number, 1 or more, or a list of one"),
        (
            "conv",
            "pad",
            [1, 1, 1],
            'must be `"same"`, `"valid"`, `"tf_same"`, a whole number, or a',
        ),
        ("conv", "bias", 1, "must be `true` or `false`"),
        ("conv", "init", 0, "must be an initializer"),
        ("conv", "pad", "SAME", 'must be `"same"`, `"valid"`, `"tf_same"`, a whole number, or a'),
        ("offset", "value", "0", "must be a number, or an initializer"),
        ("dropout", "rate", 1, "must be a number, 0 or more, less than 1"),
        ("batch_norm", "momentum", 1.5, "must be a number, 0 or more, at most 1"),
        ("batch_norm", "eps", float("nan"), "must be a number, 0 or more"),
        ("batch_norm", "variance", "biased", 'must be `"unbiased"` or `"population"`'),
        ("max_pool", "stride", 0, "must be a whole number, 1 or more"),
        ("pad", "amount", -1, "must be a whole number, or a list of two for each spatial"),
    ],
)
def test_refuses(name: str, attribute: str, value: object, text: str) -> None:
    with pytest.raises(WrongValue) as refused:
        attributes_of(OPS[name])[attribute].metadata["kind"].accept(value)
    assert str(refused.value).startswith(text)


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("conv", {"out": 8, "kernel": 2}, '`pad = "same"` with an even kernel says nothing'),
        ("conv", {"out": 8, "kernel": [3, 4]}, '`pad = "same"` with an even kernel'),
        (
            "conv",
            {"out": 8, "kernel": [3, 3], "stride": [2]},
            "`kernel`, `stride` and `dilation` are given for different numbers of dimensions",
        ),
        (
            "max_pool",
            {"kernel": [3, 3], "pad": [1, 1]},
            "`kernel`, `stride` and `pad` are given for different numbers of dimensions",
        ),
        ("conv", {"out": 9, "kernel": 3, "groups": 2}, "2 groups do not divide 9 output channels"),
        ("max_pool", {"kernel": 3, "pad": 2}, "`pad` must be at most half the kernel, 1 here"),
        (
            "avg_pool",
            {"kernel": [2, 4], "pad": 2},
            "`pad` must be at most half the kernel, 1 and 2",
        ),
        ("lrn", {"size": 4}, "`size` must be odd"),
        ("depthwise", {"kernel": 4}, '`pad = "same"` with an even kernel says nothing'),
        ("conv_transpose", {"out": 9, "kernel": 3, "groups": 2}, "2 groups do not divide 9 output"),
        ("conv_transpose", {"out": 9, "kernel": 3, "pad": 3}, "`pad` takes more than the"),
        (
            "conv_transpose",
            {"out": 9, "kernel": 3, "output_pad": 1},
            "`output_pad` is less than `stride`",
        ),
        (
            "conv_transpose",
            {"out": 9, "kernel": [3, 3], "stride": [2]},
            "the attributes are given for different numbers of dimensions",
        ),
        (
            "scale",
            {"value": Normal(0.1), "learned": False},
            "a constant is a number: with `learned = false` there is nothing to initialize",
        ),
        ("offset", {"value": VarianceScaling(2.0, "in", "normal")}, "the numbers have no fan"),
    ],
)
def test_problems_between_attributes(name: str, arguments: dict[str, object], text: str) -> None:
    kinds = {key: a.metadata["kind"] for key, a in attributes_of(OPS[name]).items()}
    operation = OPS[name](**{key: kinds[key].accept(value) for key, value in arguments.items()})
    (problem,) = operation.problems()
    assert problem.startswith(text)


@pytest.mark.parametrize(
    "arguments",
    [
        {"kernel": 2, "dilation": 2},
        {"kernel": 2, "pad": 1},
        {"kernel": 2, "pad": "tf_same"},
        {"kernel": 4, "pad": "valid"},
    ],
)
def test_even_kernels_that_say_enough(arguments: dict[str, object]) -> None:
    assert not list(OPS["conv"](8, **arguments).problems())
