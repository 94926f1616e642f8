"""The type of a value in the pipeline: a shape without the batch, channels first.

Bottom floor: everything else may import this module, and it imports nothing of the project.
"""

from __future__ import annotations

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class TensorType:
    """Shape of one sample: `(channels, height, width)` for images, `(channels,)` for vectors.

    The batch dimension is never part of it, and channels stand first whatever a framework stores.
    """

    shape: tuple[int, ...]

    @property
    def channels(self) -> int:
        """Number of channels: the first dimension."""
        return self.shape[0]

    @property
    def spatial(self) -> tuple[int, ...]:
        """The dimensions after the channels: `(height, width)` for images, `()` for vectors."""
        return self.shape[1:]

    @property
    def rank(self) -> int:
        """Number of spatial dimensions: 2 for images, 0 for vectors."""
        return len(self.shape) - 1

    @property
    def size(self) -> int:
        """Number of elements of one sample."""
        count = 1
        for dimension in self.shape:
            count *= dimension
        return count

    def __str__(self) -> str:
        return " x ".join(map(str, self.shape))
