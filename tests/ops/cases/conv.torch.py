# Written by `make golden` from conv.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 5, 3, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 6, 3, padding=1)
        self.b = nn.Conv2d(6, 4, 3, stride=2, padding=1, bias=False)
        self.c = nn.Conv2d(4, 5, (3, 5), stride=(2, 1), padding=(1, 4), dilation=(1, 2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 9, 11)
        x = self.b(x)  # (N, 4, 5, 6)
        return self.c(x)  # (N, 5, 3, 6)


# ---- numbers -------------------------------------------------------------------------


class Numbers(nn.Module):
    """Maps (N, 4, 12, 10) to (N, 5, 11, 9)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 5, 3, padding=2)
        self.conv2 = nn.Conv2d(5, 5, 3)
        self.conv3 = nn.Conv2d(5, 5, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 5, 14, 12)
        x = self.conv2(x)  # (N, 5, 12, 10)
        return self.conv3(x)  # (N, 5, 11, 9)


# ---- sides ---------------------------------------------------------------------------


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


class Sides(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 2, 4, 11)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = PaddedConv2d(4, 6, 3, stride=2, sides=(2, 3, 0, 1))
        self.conv2 = PaddedConv2d(6, 2, 2, sides=(2, 3, 0, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 4, 7)
        return self.conv2(x)  # (N, 2, 4, 11)


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
    """Maps (N, 4, 9, 11) to (N, 6, 5, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = SameConv2d(4, 6, 3, stride=(2, 3))
        self.conv2 = SameConv2d(6, 6, (2, 4), dilation=(2, 1))
        self.conv3 = SameConv2d(6, 6, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 5, 4)
        x = self.conv2(x)  # (N, 6, 5, 4)
        return self.conv3(x)  # (N, 6, 5, 4)


# ---- groups --------------------------------------------------------------------------


class Groups(nn.Module):
    """Maps (N, 4, 9, 8) to (N, 16, 5, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 8, 3, stride=2, padding=1, groups=4)
        self.depthwise = nn.Conv2d(8, 16, 3, padding=1, groups=8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 8, 5, 4)
        return self.depthwise(x)  # (N, 16, 5, 4)


# ---- dilated_groups ------------------------------------------------------------------


class DilatedGroups(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 6, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 8, 3, stride=2, padding=2, dilation=2, groups=2)
        self.b = PaddedConv2d(8, 6, 3, stride=(2, 3), sides=(3, 0, 1, 2), dilation=(2, 1), groups=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 8, 5, 6)
        return self.b(x)  # (N, 6, 2, 3)


# ---- dilated_tensorflow_same ---------------------------------------------------------


class DilatedTensorflowSame(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = SameConv2d(4, 6, 3, stride=2, dilation=2)
        self.conv2 = SameConv2d(6, 4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 5, 6)
        return self.conv2(x)  # (N, 4, 5, 6)


# ---- narrow --------------------------------------------------------------------------


class Narrow(nn.Module):
    """Maps (N, 3, 1, 7) to (N, 2, 1, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 1, 4)
        return self.conv2(x)  # (N, 2, 1, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 4, 9, 11) to (N, 4, 4, 9)."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(4, 6, 3, padding=1),
            SameConv2d(6, 4, 3, stride=2, bias=False),
            nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=2),
            PaddedConv2d(4, 4, 3, sides=(2, 3, 0, 1)),
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
                nn.Conv2d(4, 3, 1),
                weight=partial(nn.init.kaiming_normal_, mode="fan_out", nonlinearity="relu"),
                bias=nn.init.zeros_,
            ),
            initialized(
                nn.Conv2d(3, 3, 3, padding=1),
                weight=partial(nn.init.normal_, std=0.01),
                bias=partial(nn.init.constant_, val=0.5),
            ),
            nn.Conv2d(3, 3, 3, padding=1),
        )


# ---- length --------------------------------------------------------------------------


class PaddedConv1d(nn.Conv1d):
    """A convolution with other paddings on opposite sides: left, right."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        sides: tuple[int, int] = (0, 0),
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        self.sides = sides

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.sides))


class Length(nn.Module):
    """Maps (N, 4, 13) to (N, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv1d(4, 6, 3, padding=1)
        self.b = nn.Conv1d(6, 4, 5, stride=2, padding=2, bias=False)
        self.c = PaddedConv1d(4, 5, 3, sides=(1, 2), dilation=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 13)
        x = self.b(x)  # (N, 4, 7)
        return self.c(x)  # (N, 5, 6)


# ---- length_groups -------------------------------------------------------------------


class SameConv1d(nn.Conv1d):
    """A convolution with TensorFlow's SAME padding, which PyTorch has at stride 1 alone."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(same_pad(x, self.kernel_size, self.stride, self.dilation))


class LengthGroups(nn.Module):
    """Maps (N, 4, 13) to (N, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv1d(4, 8, 3, stride=2, padding=1, groups=4)
        self.conv2 = nn.Conv1d(8, 4, 3, stride=2, padding=2, dilation=2, groups=2)
        self.conv3 = SameConv1d(4, 6, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 8, 7)
        x = self.conv2(x)  # (N, 4, 4)
        return self.conv3(x)  # (N, 6, 4)


# ---- volume --------------------------------------------------------------------------


class PaddedConv3d(nn.Conv3d):
    """A convolution with other paddings on opposite sides: of width, of height, of depth."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int, int],
        stride: int | tuple[int, int, int] = 1,
        sides: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0),
        dilation: int | tuple[int, int, int] = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        self.sides = sides

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.sides))


class Volume(nn.Module):
    """Maps (N, 3, 5, 7, 6) to (N, 4, 5, 4, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv3d(3, 4, 3, padding=1)
        self.b = PaddedConv3d(4, 6, (1, 3, 2), stride=(1, 2, 1), sides=(0, 1, 1, 1, 0, 0))
        self.c = nn.Conv3d(6, 4, 2, padding=1, dilation=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 5, 7, 6)
        x = self.b(x)  # (N, 6, 5, 4, 6)
        return self.c(x)  # (N, 4, 5, 4, 6)


# ---- volume_groups -------------------------------------------------------------------


class SameConv3d(nn.Conv3d):
    """A convolution with TensorFlow's SAME padding, which PyTorch has at stride 1 alone."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(same_pad(x, self.kernel_size, self.stride, self.dilation))


class VolumeGroups(nn.Module):
    """Maps (N, 4, 5, 7, 6) to (N, 2, 2, 1, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv3d(4, 4, 3, stride=2, padding=1, groups=2)
        self.conv2 = nn.Conv3d(4, 6, 2, stride=(1, 2, 1), padding=1, dilation=2, groups=2)
        self.conv3 = SameConv3d(6, 2, (2, 1, 3), stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 3, 4, 3)
        x = self.conv2(x)  # (N, 6, 3, 2, 3)
        return self.conv3(x)  # (N, 2, 2, 1, 2)


# ---- lists ---------------------------------------------------------------------------


class Rows(nn.Sequential):
    """The block `rows`."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, width, 3, padding=1),
            nn.Conv2d(width, width, (1, 3), stride=2, padding=(0, 1)),
        )


class Lists(nn.Module):
    """Maps (N, 3, 6, 7) to (N, 5, 2, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Rows(3, 4)
        self.b = Rows(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 3, 4)
        return self.b(x)  # (N, 5, 2, 2)


# ---- standardized --------------------------------------------------------------------


def standardized(weight: Tensor, eps: float) -> Tensor:
    """Kernels with mean 0 and variance 1, each over all its entries."""
    axes = tuple(range(1, weight.dim()))
    mean = weight.mean(axes, keepdim=True)
    variance = weight.var(axes, unbiased=False, keepdim=True)
    return (weight - mean) / torch.sqrt(variance + eps)


class StdConv2d(nn.Conv2d):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, *arguments: Any, eps: float = 1e-8, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.eps = eps

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return super()._conv_forward(x, standardized(weight, self.eps), bias)


class Standardized(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StdConv2d(4, 6, 3, padding=1)
        self.conv2 = StdConv2d(6, 4, 3, stride=2, padding=1, groups=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 9, 11)
        return self.conv2(x)  # (N, 4, 5, 6)


# ---- standardized_in_part ------------------------------------------------------------


class StdSameConv2d(SameConv2d):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, *arguments: Any, eps: float = 1e-8, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.eps = eps

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return super()._conv_forward(x, standardized(weight, self.eps), bias)


class StdPaddedConv2d(PaddedConv2d):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, *arguments: Any, eps: float = 1e-8, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.eps = eps

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return super()._conv_forward(x, standardized(weight, self.eps), bias)


class StandardizedInPart(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 4, 3, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StdConv2d(4, 6, 3, padding=1, bias=False, eps=0.01)
        self.conv2 = StdPaddedConv2d(6, 4, (1, 3), sides=(1, 2, 0, 0))
        self.conv3 = StdSameConv2d(4, 6, 3, stride=2)
        self.conv4 = StdConv2d(6, 6, 3, stride=2, padding=2, dilation=2)
        self.conv5 = nn.Conv2d(6, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 9, 11)
        x = self.conv2(x)  # (N, 4, 9, 12)
        x = self.conv3(x)  # (N, 6, 5, 6)
        x = self.conv4(x)  # (N, 6, 3, 3)
        return self.conv5(x)  # (N, 4, 3, 3)


# ---- standardized_length -------------------------------------------------------------


class StdConv1d(nn.Conv1d):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, *arguments: Any, eps: float = 1e-8, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.eps = eps

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return super()._conv_forward(x, standardized(weight, self.eps), bias)


class StandardizedLength(nn.Module):
    """Maps (N, 4, 13) to (N, 6, 11)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StdConv1d(4, 6, 3, padding=1, eps=1e-05)
        self.conv2 = StdConv1d(6, 6, 3, eps=1e-05)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 13)
        return self.conv2(x)  # (N, 6, 11)


# ---- standardized_volume -------------------------------------------------------------


class StdConv3d(nn.Conv3d):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, *arguments: Any, eps: float = 1e-8, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.eps = eps

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return super()._conv_forward(x, standardized(weight, self.eps), bias)


class StandardizedVolume(nn.Module):
    """Maps (N, 3, 5, 7, 6) to (N, 4, 5, 7, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StdConv3d(3, 4, 3, padding=1)
        self.conv2 = nn.Conv3d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 5, 7, 6)
        return self.conv2(x)  # (N, 4, 5, 7, 6)
