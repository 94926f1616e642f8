"""A helper of generated Keras files: what stands in the tables of `prelude`, `convolutions` and
`sequences`."""

from __future__ import annotations

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Helper:
    """Source of a helper, the imports it needs, and the helpers it calls."""

    source: str
    imports: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()


OPS = "from keras import ops"
MATH = "import math"
