"""The type of a value in the pipeline: a shape without the batch, channels first.

Bottom floor: everything else may import this module.
"""

from __future__ import annotations

from math import prod
from operator import index

from resdsl.records import dataclass
from resdsl.sizes import Dim, UnknownSize, short


@dataclass(frozen=True, slots=True)
class TensorType:
    """Shape of one sample: `(channels, height, width)` for images, `(channels,)` for vectors.

    The batch dimension is never part of it, and channels stand first whatever a framework stores.
    Positions may be known at run time only: then they are a `Size`.
    """

    shape: tuple[Dim, ...]

    @property
    def channels(self) -> int:
        """Number of channels: the first dimension. Raises `UnknownSize` where it is none."""
        channels = self.shape[0]
        if not isinstance(channels, int):
            raise UnknownSize(channels)
        return channels

    @property
    def spatial(self) -> tuple[Dim, ...]:
        """The dimensions after the channels: `(height, width)` for images, `()` for vectors."""
        return self.shape[1:]

    @property
    def rank(self) -> int:
        """Number of spatial dimensions: 2 for images, 0 for vectors."""
        return len(self.shape) - 1

    @property
    def size(self) -> Dim:
        """Number of elements of one sample."""
        return prod(self.shape)

    @property
    def is_known(self) -> bool:
        """Whether all sizes are numbers, none of them left to the run time."""
        return all(isinstance(size, int) for size in self.shape)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The shape, where all sizes are numbers. Raises `UnknownSize` where one is not."""
        return tuple(map(index, self.shape))

    def to_json(self) -> list[int | str]:
        """The shape as JSON has it: sizes known at run time as text, `"h / 32"`."""
        return [size if isinstance(size, int) else str(size) for size in self.shape]

    def __str__(self) -> str:
        return " x ".join(map(short, self.shape))
