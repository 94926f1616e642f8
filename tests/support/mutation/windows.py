"""Wrong pools, blurs and resizings, as sums and products of what stands beside each position."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mutation.arrays import Array, Arrays


class Windows:
    """Images of height and width; channels as the framework has them."""

    a: Arrays

    # ---- pools ----------------------------------------------------------------------------------

    def _windows(
        self, x: Array, kernel: int, stride: int, pads: Sequence[int], value: float
    ) -> list[Array]:
        """For each place in a window, what all windows hold there."""
        before, after = pads
        x = self.a.pad(x, ((0, 0), (before, after), (before, after), (0, 0)), value)
        ends = [size - kernel + 1 for size in x.shape[1:3]]
        return [
            x[:, i : i + ends[0] : stride, j : j + ends[1] : stride]
            for i in range(kernel)
            for j in range(kernel)
        ]

    def max_pool(
        self, x: Array, kernel: int, stride: int, before: int, after: int, value: float = -math.inf
    ) -> Array:
        x = self.a.last(x)
        best, *others = self._windows(x, kernel, stride, (before, after), value)
        for other in others:
            best = self.a.where(other > best, other, best)
        return self.a.first(best)

    def avg_pool(self, x: Array, kernel: int, stride: int, pad: int, counted: bool = True) -> Array:
        x = self.a.last(x)
        total = sum(self._windows(x, kernel, stride, (pad, pad), 0.0))
        if counted:
            return self.a.first(total / kernel**2)
        ones = self.a.like(np.ones((1, *x.shape[1:3], 1)), x)
        return self.a.first(total / sum(self._windows(ones, kernel, stride, (pad, pad), 0.0)))

    def uncounted_avg_pool(self, x: Array, kernel: int, stride: int, pad: int) -> Array:
        """Over the positions that there are, padding left out."""
        return self.avg_pool(x, kernel, stride, pad, counted=False)

    def zero_padded_max_pool(self, x: Array, kernel: int, stride: int, pad: int) -> Array:
        return self.max_pool(x, kernel, stride, pad, pad, 0.0)

    def global_max(self, x: Array, keep: bool = False) -> Array:
        return self._global(x, self.a.max, keep)

    def global_mean(self, x: Array, keep: bool = False) -> Array:
        return self._global(x, self.a.mean, keep)

    def global_sum(self, x: Array, keep: bool = False) -> Array:
        return self._global(x, self.a.sum, keep)

    def _global(self, x: Array, reduce: object, keep: bool) -> Array:
        x = self.a.last(x)
        found = reduce(x, (1, 2))  # type: ignore[operator]
        return self.a.first(found) if keep else self.a.reshape(found, (x.shape[0], x.shape[-1]))

    # ---- matrices over height and width ---------------------------------------------------------

    def _along(self, x: Array, matrix: np.ndarray) -> Array:
        """`matrix` (new x old) over height and over width."""
        x = self.a.last(x)
        m = self.a.like(matrix, x)
        x = self.a.einsum("oh,nhwc->nowc", m, x)
        return self.a.first(self.a.einsum("ow,nhwc->nhoc", m, x))

    def _side(self, x: Array) -> int:
        return int(self.a.last(x).shape[1])

    def even_adaptive(self, x: Array, size: int) -> Array:
        """Windows that never overlap, where the operation's do."""
        side = self._side(x)
        matrix = np.zeros((size, side))
        for i in range(size):
            start, end = i * side // size, (i + 1) * side // size
            matrix[i, start:end] = 1 / (end - start)
        return self._along(x, matrix)

    def aligned_upsample(self, x: Array, by: int) -> Array:
        """Bilinear, with the corners on each other (`align_corners=True`)."""
        side = self._side(x)
        return self._along(x, _hats(np.arange(side * by) * (side - 1) / (side * by - 1), side))

    def linear_upsample(self, x: Array, by: int) -> Array:
        side = self._side(x)
        places = (np.arange(side * by) + 0.5) / by - 0.5
        return self._along(x, _hats(np.clip(places, 0, side - 1), side))

    def nearest_upsample(self, x: Array, by: int) -> Array:
        side = self._side(x)
        return self._along(x, np.repeat(np.eye(side), by, axis=0))

    def blur(self, x: Array, weights: Sequence[float], mode: str) -> Array:
        """Every second position of a blur; `mode` is NumPy's word for what lies beyond the edge."""
        side, reach = self._side(x), len(weights) // 2
        source = np.pad(np.eye(side), ((reach, reach), (0, 0)), mode=mode)  # type: ignore[call-overload]
        rows = [sum(w * source[i + k] for k, w in enumerate(weights)) for i in range(0, side, 2)]
        return self._along(x, np.stack(rows) / sum(weights))

    def subsampled(self, x: Array, by: int, start: int) -> Array:
        x = self.a.last(x)
        return self.a.first(x[:, start::by, start::by])


def _hats(places: np.ndarray, side: int) -> np.ndarray:
    """How much each old position counts at each place between them."""
    return np.maximum(0, 1 - np.abs(np.subtract.outer(places, np.arange(side))))
