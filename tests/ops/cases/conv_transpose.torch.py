# Written by `make golden` from conv_transpose.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 3, 12, 26)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose2d(4, 6, 2, stride=2)
        self.b = nn.ConvTranspose2d(6, 3, (3, 4), stride=(1, 2), bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 10, 12)
        return self.b(x)  # (N, 3, 12, 26)


# ---- padded --------------------------------------------------------------------------


class Padded(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 2, 41, 22)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose2d(4, 3, 4, stride=2, padding=1)
        self.conv_transpose2 = nn.ConvTranspose2d(3, 4, 3, stride=2, padding=1, output_padding=1)
        self.conv_transpose3 = nn.ConvTranspose2d(4, 2, 3, stride=(2, 1), padding=(0, 2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 3, 10, 12)
        x = self.conv_transpose2(x)  # (N, 4, 20, 24)
        return self.conv_transpose3(x)  # (N, 2, 41, 22)


# ---- wide_strides --------------------------------------------------------------------


class WideStrides(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 3, 28, 34)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose2d(4, 3, 2, stride=3)
        self.conv_transpose2 = nn.ConvTranspose2d(3, 3, 1, stride=2, output_padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 3, 14, 17)
        return self.conv_transpose2(x)  # (N, 3, 28, 34)


# ---- dilated -------------------------------------------------------------------------


class Dilated(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 17, 16)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose2d(4, 6, 3, padding=1, dilation=2)
        self.conv_transpose2 = nn.ConvTranspose2d(
            6, 4, 2, stride=2, output_padding=(1, 0), dilation=(3, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 7, 8)
        return self.conv_transpose2(x)  # (N, 4, 17, 16)


# ---- groups --------------------------------------------------------------------------


class Groups(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 6, 19, 23)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, groups=2)
        self.conv_transpose2 = nn.ConvTranspose2d(6, 6, 2, stride=2, groups=6, dilation=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 9, 11)
        return self.conv_transpose2(x)  # (N, 6, 19, 23)


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 7) to (N, 4, 18)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose1d(4, 6, 4, stride=2, padding=1)
        self.conv_transpose2 = nn.ConvTranspose1d(6, 4, 3, groups=2, dilation=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 14)
        return self.conv_transpose2(x)  # (N, 4, 18)


# ---- length_plain --------------------------------------------------------------------


class LengthPlain(nn.Module):
    """Maps (N, 4, 7) to (N, 6, 14)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose1d(4, 6, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.a(x)  # (N, 6, 14)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 2, 3, 3) to (N, 2, 4, 12, 12)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose3d(4, 4, 2, stride=2)
        self.conv_transpose2 = nn.ConvTranspose3d(
            4, 2, (1, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1), output_padding=(0, 1, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 4, 6, 6)
        return self.conv_transpose2(x)  # (N, 2, 4, 12, 12)


# ---- volume_plain --------------------------------------------------------------------


class VolumePlain(nn.Module):
    """Maps (N, 4, 2, 3, 3) to (N, 4, 4, 6, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose3d(4, 4, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.a(x)  # (N, 4, 4, 6, 6)


# ---- within_blocks -------------------------------------------------------------------


class Up(nn.Module):
    """The block `up`."""

    def __init__(self, in_channels: int, width: int, by: int) -> None:
        super().__init__()
        self.skip = nn.Conv2d(in_channels, width, 1)
        self.conv_transpose1 = nn.ConvTranspose2d(width, width, by, stride=by)

    def forward(self, x: Tensor) -> Tensor:
        x = self.skip(x)
        return self.conv_transpose1(x)


class WithinBlocks(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 30, 36)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Up(4, 6, 2)
        channels = 6
        self.more = nn.ModuleList()
        for n in (1, 3):
            self.more.append(Up(channels, 4, n))
            channels = 4

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 10, 12)
        for more_layer in self.more:
            x = more_layer(x)  # (N, 4, 10, 12) to (N, 4, 30, 36)
        return x


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 3, 20, 24)."""

    def __init__(self) -> None:
        super().__init__(
            nn.ConvTranspose2d(4, 6, 2, stride=2), nn.ConvTranspose2d(6, 3, 2, stride=2, bias=False)
        )


# ---- initial -------------------------------------------------------------------------


def initialized(layer: nn.Module, **fills: Callable[[Tensor], object]) -> nn.Module:
    """A layer with its weights filled, as an item of a sequence."""
    for name, fill in fills.items():
        fill(getattr(layer, name))
    return layer


class Initial(nn.Sequential):
    """Maps (N, 4, 5, 5) to (N, 3, 10, 10)."""

    def __init__(self) -> None:
        super().__init__(
            initialized(
                nn.ConvTranspose2d(4, 3, 2),
                weight=partial(nn.init.kaiming_normal_, mode="fan_out", nonlinearity="relu"),
                bias=nn.init.zeros_,
            ),
            initialized(
                nn.ConvTranspose2d(3, 3, 3),
                weight=partial(nn.init.normal_, std=0.01),
                bias=partial(nn.init.constant_, val=0.5),
            ),
            nn.ConvTranspose2d(3, 3, 3),
        )


# ---- one_start -----------------------------------------------------------------------


class OneStart(nn.Module):
    """Maps (N, 4, 5, 5) to (N, 3, 8, 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose2d(4, 3, 2)
        self.conv_transpose2 = nn.ConvTranspose2d(3, 3, 3)
        for module in self.modules():
            if isinstance(module, nn.ConvTranspose2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 3, 6, 6)
        return self.conv_transpose2(x)  # (N, 3, 8, 8)
