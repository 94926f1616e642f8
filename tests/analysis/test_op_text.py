"""How operations are named in pictures and differences."""

from resdsl.analysis.op_text import op_text
from resdsl.ops import OPS
from resdsl.types import TensorType

SMALL, LARGE = TensorType((8, 4, 4)), TensorType((8, 8, 8))


def test_upsampling_says_its_factor_where_it_has_one() -> None:
    assert op_text(OPS["upsample"](by=2), SMALL, LARGE) == "upsample, x2"
    assert op_text(OPS["upsample"](like=LARGE), SMALL, LARGE) == "upsample"
