# Written by `make golden` from depthwise.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 12, 5, 11)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4, 3, padding=1, groups=4)
        self.b = nn.Conv2d(4, 4 * 3, (3, 5), stride=(2, 1), padding=(1, 2), groups=4, bias=False)
        self.c = nn.Conv2d(4 * 3, 4 * 3, 3, padding=2, dilation=2, groups=4 * 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 9, 11)
        x = self.b(x)  # (N, 12, 5, 11)
        return self.c(x)  # (N, 12, 5, 11)


# ---- strided_and_dilated -------------------------------------------------------------


class PaddedConv2d(nn.Conv2d):
    """A convolution with other paddings on opposite sides: left, right, top, bottom."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        sides: tuple[int, int, int, int] = (0, 0, 0, 0),
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        self.sides = sides

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.sides))


class StridedAndDilated(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 8, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4 * 2, 3, stride=2, padding=2, dilation=2, groups=4)
        self.depthwise2 = PaddedConv2d(4 * 2, 4 * 2, 2, sides=(1, 0, 0, 1), groups=4 * 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 8, 5, 6)
        return self.depthwise2(x)  # (N, 8, 5, 6)


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


class SameConv2d(nn.Conv2d):
    """A convolution with TensorFlow's SAME padding, which PyTorch has at stride 1 alone."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(same_pad(x, self.kernel_size, self.stride, self.dilation))


class TensorflowSame(nn.Module):
    """Maps (N, 4, 8, 11) to (N, 4, 2, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = SameConv2d(4, 4, 3, stride=2, groups=4)
        self.depthwise2 = nn.Conv2d(4, 4, 3, groups=4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 4, 6)
        return self.depthwise2(x)  # (N, 4, 2, 4)


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 13) to (N, 8, 7)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv1d(4, 4, 5, stride=2, padding=2, groups=4)
        self.depthwise2 = nn.Conv1d(4, 4 * 2, 3, padding=2, dilation=2, groups=4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 7)
        return self.depthwise2(x)  # (N, 8, 7)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 3, 5, 7, 6) to (N, 6, 5, 4, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv3d(3, 3 * 2, (1, 3, 3), padding=(0, 1, 1), groups=3)
        self.depthwise2 = nn.Conv3d(3 * 2, 3 * 2, 3, stride=(1, 2, 2), padding=1, groups=3 * 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 5, 7, 6)
        return self.depthwise2(x)  # (N, 6, 5, 4, 3)


# ---- within_blocks -------------------------------------------------------------------


class Separable(nn.Module):
    """The block `separable`."""

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.dw = nn.Conv2d(
            in_channels, in_channels, 3, stride=stride, padding=1, groups=in_channels, bias=False
        )
        self.bn = nn.BatchNorm2d(in_channels)
        self.pw = nn.Conv2d(in_channels, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn(self.dw(x)))
        return self.pw(x)


class WithinBlocks(nn.Module):
    """Maps (N, 4, 9, 8) to (N, 36, 5, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Separable(4, 6, stride=2)
        channels = 6
        self.wide = nn.ModuleList()
        for n in (2, 3):
            self.wide.append(
                nn.Sequential(
                    nn.Conv2d(channels, channels * n, 3, padding=1, groups=channels),
                    nn.ReLU(),
                    nn.Conv2d(channels * n, channels * n, 1, groups=channels * n),
                )
            )
            channels *= n

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 5, 4)
        for wide_layer in self.wide:
            x = wide_layer(x)  # (N, 12, 5, 4) to (N, 36, 5, 4)
        return x


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 4, 9, 11) to (N, 8, 9, 11)."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(4, 4, 3, padding=1, groups=4), nn.Conv2d(4, 4 * 2, 3, padding=1, groups=4)
        )


# ---- initial -------------------------------------------------------------------------


def initialized(layer: nn.Module, **fills: Callable[[Tensor], object]) -> nn.Module:
    """A layer with its weights filled, as an item of a sequence."""
    for name, fill in fills.items():
        fill(getattr(layer, name))
    return layer


class Initial(nn.Sequential):
    """Maps (N, 4, 5, 5) to (N, 3, 5, 5)."""

    def __init__(self) -> None:
        super().__init__(
            initialized(
                nn.Conv2d(4, 4, 3, padding=1, groups=4),
                weight=partial(nn.init.kaiming_normal_, mode="fan_out", nonlinearity="relu"),
                bias=nn.init.zeros_,
            ),
            initialized(
                nn.Conv2d(4, 4, 3, padding=1, groups=4),
                weight=partial(nn.init.normal_, std=0.01),
                bias=partial(nn.init.constant_, val=0.5),
            ),
            nn.Conv2d(4, 3, 3, padding=1),
        )
