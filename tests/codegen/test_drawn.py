"""What a framework's dropout makes of ones is judged without a framework."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from resdsl.codegen.drawn import check_drawn
from resdsl.codegen.runtime import Facts, TensorFact, Unavailable

RATE = 0.2


def facts(*shape: int) -> Facts:
    layer = TensorFact("drop", shape)
    return Facts("net", "Net", (), (), (), (layer,), {"drop": RATE})


def dropping(
    rate: float = RATE, factor: float = 1 / (1 - RATE), *, whole: bool = False, always: bool = False
) -> Callable[[Any, bool], Any]:
    """A layer of that kind."""

    def draw(ones: Any, training: bool) -> Any:
        if not (training or always):
            return ones
        shape = (len(ones), *([1] * (ones.ndim - 1))) if whole else ones.shape
        kept = np.random.Generator(np.random.PCG64(0)).uniform(size=shape) >= rate
        return (ones * kept * factor).astype(np.float32)

    return draw


def test_the_right_ones_pass() -> None:
    check_drawn(facts(16), "drop", dropping())
    check_drawn(facts(3, 8, 8), "drop", dropping())
    check_drawn(facts(1, 1, 1), "drop", dropping(whole=True))


@pytest.mark.parametrize(
    ("shape", "layer", "problem"),
    [
        (
            (16,),
            dropping(0.1, 1 / 0.9),
            "`drop` multiplies what it keeps by 1.111, and not by 1.25",
        ),
        ((16,), dropping(factor=1.0), "`drop` multiplies what it keeps by 1, and not by 1.25"),
        ((16,), dropping(0.3), "`drop` drops 0.3"),
        ((1, 1, 1), dropping(0.3, whole=True), "`drop` drops 0.3"),
        ((1, 1, 1), dropping(), "`drop` drops single entries, and not whole samples"),
        ((3, 8, 8), dropping(whole=True), "`drop` drops whole samples, and not single entries"),
        ((16,), dropping(always=True), "`drop` changes its input in evaluation"),
        ((16,), lambda ones, _: ones, "`drop` multiplies what it keeps by 1, and not by 1.25"),
    ],
)
def test_others_are_refused(
    shape: tuple[int, ...], layer: Callable[[Any, bool], Any], problem: str
) -> None:
    with pytest.raises(Unavailable) as caught:
        check_drawn(facts(*shape), "drop", layer)
    assert caught.value.message.startswith(problem)
