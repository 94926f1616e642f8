"""Initializers as authors call them."""

import pytest

from resdsl.ops import (
    INITIALIZERS,
    Constant,
    Initializer,
    Normal,
    Uniform,
    VarianceScaling,
    WrongInitializer,
    make_initializer,
)


@pytest.mark.parametrize(
    ("name", "positional", "keywords", "made"),
    [
        ("he_normal", (), {}, VarianceScaling(2.0, "in", "normal")),
        ("he_normal", (), {"fan": "out"}, VarianceScaling(2.0, "out", "normal")),
        ("he_normal", ("out",), {"gain": 2}, VarianceScaling(8.0, "out", "normal")),
        ("he_normal", (), {"truncated": True}, VarianceScaling(2.0, "in", "normal", True)),
        ("he_uniform", (), {}, VarianceScaling(2.0, "in", "uniform")),
        ("xavier_normal", (), {}, VarianceScaling(1.0, "average", "normal")),
        ("xavier_uniform", (), {"fan": "in"}, VarianceScaling(1.0, "in", "uniform")),
        ("glorot_uniform", (), {}, VarianceScaling(1.0, "average", "uniform")),
        ("lecun_normal", (), {}, VarianceScaling(1.0, "in", "normal")),
        ("variance_scaling", (3,), {}, VarianceScaling(3.0, "in", "normal")),
        ("normal", (0.01,), {}, Normal(0.01)),
        ("normal", (), {"std": 1, "mean": 2, "truncated": True}, Normal(1.0, 2.0, True)),
        ("truncated_normal", (0.02,), {}, Normal(0.02, truncated=True)),
        ("uniform", (-1, 1), {}, Uniform(-1.0, 1.0)),
        ("constant", (-2,), {}, Constant(-2.0)),
        ("zeros", (), {}, Constant(0.0)),
        ("ones", (), {}, Constant(1.0)),
    ],
)
def test_makes(
    name: str, positional: tuple[object, ...], keywords: dict[str, object], made: Initializer
) -> None:
    assert make_initializer(name, positional, keywords) == made


@pytest.mark.parametrize(
    ("name", "positional", "keywords", "text"),
    [
        ("kaiming", (), {}, "there is no initializer `kaiming`; there are `he_normal`"),
        ("normal", (), {}, "`normal` wants `std`: standard deviation"),
        ("zeros", (1,), {}, "`zeros` takes no arguments, and is given 1 by position"),
        ("he_normal", (), {"mode": "fan_out"}, "`he_normal` has no `mode`; it takes `fan`, `gain`"),
        ("he_normal", ("in",), {"fan": "out"}, "`he_normal` is given `fan` twice"),
        ("he_normal", ("fan_out",), {}, '`fan` of `he_normal` must be `"in"` or `"out"`'),
        ("he_uniform", (), {"truncated": True}, "`he_uniform` has no `truncated`"),
        ("normal", (-1,), {}, "`std` of `normal` must be a number, 0 or more"),
        ("constant", (1e39,), {}, "`value` of `constant` is too large for a weight of 32 bits"),
        ("uniform", (1, 0), {}, "`uniform` wants `low` below `high`"),
        (
            "variance_scaling",
            (1,),
            {"distribution": "uniform", "truncated": True},
            "`variance_scaling` cannot truncate a uniform distribution",
        ),
    ],
)
def test_refuses(
    name: str, positional: tuple[object, ...], keywords: dict[str, object], text: str
) -> None:
    with pytest.raises(WrongInitializer) as refused:
        make_initializer(name, positional, keywords)
    assert str(refused.value).startswith(text)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_is_documented(name: str) -> None:
    signature = INITIALIZERS[name]
    assert signature.name == name
    assert signature.doc.endswith(".")
    assert all(parameter.doc for parameter in signature.parameters)


@pytest.mark.parametrize(
    ("name", "positional", "value"),
    [
        ("normal", (0, 2.5), 2.5),
        ("truncated_normal", (0,), 0.0),
        ("variance_scaling", (0,), 0.0),
        ("he_normal", ("in", 0.0), 0.0),
    ],
)
def test_without_a_spread_every_entry_is_the_same(
    name: str, positional: tuple[object, ...], value: float
) -> None:
    assert make_initializer(name, positional) == Constant(value)
