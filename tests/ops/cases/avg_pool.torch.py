# Written by `make golden` from avg_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 4, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(x, 3, stride=2, padding=1)  # (N, 4, 5, 6)
        return F.avg_pool2d(x, 2)  # (N, 4, 2, 3)


# ---- same ----------------------------------------------------------------------------


class Same(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(x, 3, stride=1, padding=1)  # (N, 4, 9, 11)
        return F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)  # (N, 4, 5, 6)


# ---- sides ---------------------------------------------------------------------------


class Sides(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 4, 2, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(F.pad(x, (0, 1, 1, 0)), 3, stride=2)  # (N, 4, 4, 5)
        # (N, 4, 2, 4)
        return F.avg_pool2d(F.pad(x, (0, 2, 1, 0)), (3, 4), stride=(2, 1)) / F.avg_pool2d(
            F.pad(torch.ones_like(x), (0, 2, 1, 0)), (3, 4), stride=(2, 1)
        )


# ---- tensorflow_same -----------------------------------------------------------------


def same_pad(
    x: Tensor,
    kernel: int | Sequence[int],
    stride: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    value: float = 0.0,
) -> Tensor:
    """Pad as TensorFlow's SAME does: by the size of the input, the odd one at the end."""
    pads: list[int] = []
    for axis in reversed(range(x.dim() - 2)):
        size = x.shape[2 + axis]
        k, s, d = (v if isinstance(v, int) else v[axis] for v in (kernel, stride, dilation))
        total = max((-(-size // s) - 1) * s + d * (k - 1) + 1 - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)


class TensorflowSame(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 4, 1, 1)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(same_pad(x, (3, 2), (2, 3)), (3, 2), stride=(2, 3))  # (N, 4, 5, 4)
        x = F.avg_pool2d(same_pad(x, 2, 1), 2, stride=1)  # (N, 4, 5, 4)
        # (N, 4, 3, 2)
        x = F.avg_pool2d(same_pad(x, 3, 2), 3, stride=2) / F.avg_pool2d(
            same_pad(torch.ones_like(x), 3, 2), 3, stride=2
        )
        return F.avg_pool2d(same_pad(x, 2, 5), 2, stride=5)  # (N, 4, 1, 1)


# ---- hanging -------------------------------------------------------------------------


class Hanging(nn.Module):
    """Maps (N, 2, 10, 13) to (N, 2, 3, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(x, 3, stride=2, padding=1, ceil_mode=True)  # (N, 2, 6, 7)
        return F.avg_pool2d(x, 2, stride=3, padding=1, ceil_mode=True)  # (N, 2, 3, 3)


# ---- dropped -------------------------------------------------------------------------


class Dropped(nn.Module):
    """Maps (N, 2, 10, 13) to (N, 2, 4, 5)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 2, stride=3, padding=1, ceil_mode=True)  # (N, 2, 4, 5)


# ---- hanging_far ---------------------------------------------------------------------


class HangingFar(nn.Module):
    """Maps (N, 2, 11, 5) to (N, 2, 2, 1)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(x, 5, stride=4, padding=2, ceil_mode=True)  # (N, 2, 4, 2)
        # (N, 2, 2, 1)
        return F.avg_pool2d(x, 3, padding=1, ceil_mode=True, count_include_pad=False)


# ---- hanging_without_padding ---------------------------------------------------------


class HangingWithoutPadding(nn.Module):
    """Maps (N, 2, 12, 10) to (N, 2, 2, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(x, 3, stride=2, ceil_mode=True)  # (N, 2, 6, 5)
        return F.avg_pool2d(x, 1, stride=4, ceil_mode=True)  # (N, 2, 2, 2)


# ---- hanging_inside ------------------------------------------------------------------


class HangingInside(nn.Module):
    """Maps (N, 2, 9, 11) to (N, 2, 4, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        # (N, 2, 4, 4)
        return F.avg_pool2d(x, (2, 3), stride=3, padding=1, ceil_mode=True, count_include_pad=False)


# ---- numbered ------------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Numbered(nn.Sequential):
    """Maps (N, 4, 9, 11) to (N, 4, 4, 5)."""

    def __init__(self) -> None:
        super().__init__(
            nn.AvgPool2d(3, stride=1, padding=1),
            nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
            Lambda(
                lambda x: (
                    F.avg_pool2d(same_pad(x, 2, 1), 2, stride=1)
                    / F.avg_pool2d(same_pad(torch.ones_like(x), 2, 1), 2, stride=1)
                )
            ),
            nn.AvgPool2d(2),
        )


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 13) to (N, 4, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool1d(x, 3, stride=2, padding=1)  # (N, 4, 7)
        x = F.avg_pool1d(same_pad(x, 2, 1), 2, stride=1)  # (N, 4, 7)
        return F.avg_pool1d(x, 3, stride=2, ceil_mode=True)  # (N, 4, 3)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 3, 7, 8, 9) to (N, 3, 2, 1, 1)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool3d(x, (1, 2, 2))  # (N, 3, 7, 4, 4)
        x = F.avg_pool3d(x, 3, stride=2, padding=1, count_include_pad=False)  # (N, 3, 4, 2, 2)
        return F.avg_pool3d(x, 2, ceil_mode=True)  # (N, 3, 2, 1, 1)


# ---- volume_padded -------------------------------------------------------------------


class VolumePadded(nn.Module):
    """Maps (N, 3, 7, 8, 9) to (N, 3, 4, 3, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool3d(F.pad(x, (1, 1, 0, 1, 1, 0)), 3, stride=(1, 2, 2))  # (N, 3, 6, 4, 5)
        # (N, 3, 6, 4, 5)
        x = F.avg_pool3d(same_pad(x, 2, 1), 2, stride=1) / F.avg_pool3d(
            same_pad(torch.ones_like(x), 2, 1), 2, stride=1
        )
        return F.avg_pool3d(x, 3, stride=2, padding=1, ceil_mode=True)  # (N, 3, 4, 3, 3)
