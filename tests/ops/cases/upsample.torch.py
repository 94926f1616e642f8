# Written by `make golden` from upsample.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 3, 4, 5) to (N, 2, 48, 60)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2)  # (N, 3, 8, 10)
        x = F.interpolate(x, scale_factor=(1, 3))  # (N, 3, 8, 30)
        x = self.conv1(x)  # (N, 2, 8, 30)
        x = F.interpolate(x, scale_factor=2, mode="bilinear")  # (N, 2, 16, 60)
        return F.interpolate(x, scale_factor=(3, 1), mode="bilinear")  # (N, 2, 48, 60)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 3, 4, 5) to (N, 2, 48, 30)."""

    def __init__(self) -> None:
        super().__init__(
            nn.Upsample(scale_factor=3),
            nn.Upsample(scale_factor=2, mode="bilinear"),
            nn.Conv2d(3, 2, 1),
            nn.Upsample(scale_factor=(2, 1)),
        )


# ---- like_another --------------------------------------------------------------------


class LikeAnother(nn.Module):
    """Maps (N, 3, 7, 10) to (N, 7, 7, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(4, 4, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        conv1 = self.conv1(x)  # (N, 4, 4, 5)
        y = self.conv2(conv1)  # (N, 4, 2, 3)
        y = F.interpolate(y, size=conv1.shape[2:])  # (N, 4, 4, 5)
        y = y + conv1  # (N, 4, 4, 5)
        y = F.interpolate(y, size=x.shape[2:], mode="bilinear")  # (N, 4, 7, 10)
        y = torch.cat([y, x], dim=1)  # (N, 7, 7, 10)
        return F.interpolate(y, size=x.shape[2:], mode="bilinear")  # (N, 7, 7, 10)


# ---- levels --------------------------------------------------------------------------


class Pyramid(nn.Module):
    """A pyramid: what comes down is repeated to what it meets."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.level = nn.ModuleList()
        self.level.append(nn.Conv2d(in_channels, 4, 3, padding=1))
        self.level.append(nn.Conv2d(4, 4, 3, stride=2, padding=1))
        self.level.append(nn.Conv2d(4, 4, 3, stride=2, padding=1))
        self.top = nn.Conv2d(4, 4, 1)
        self.lateral = nn.ModuleList()
        for _ in range(2):
            self.lateral.append(nn.Conv2d(4, 4, 1))

    def forward(self, x: Tensor) -> Tensor:
        level: list[Tensor] = []
        x = self.level[0](x)
        level.append(x)
        x = self.level[1](x)
        level.append(x)
        x = self.level[2](x)
        level.append(x)
        x = self.top(x)
        for i in range(2):
            y = F.interpolate(x, size=level[1 - i].shape[2:])
            z = self.lateral[i](level[1 - i])
            x = y + z
        return x


class Levels(nn.Sequential):
    """Maps (N, 3, 9, 6) to (N, 4, 9, 6)."""

    def __init__(self) -> None:
        super().__init__(Pyramid(3))


# ---- sequences -----------------------------------------------------------------------


class Sequences(nn.Module):
    """Maps (N, 3, 10) to (N, 7, 60)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(3, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = F.interpolate(x, scale_factor=2)  # (N, 3, 20)
        y = self.conv1(y)  # (N, 4, 20)
        y = F.interpolate(y, scale_factor=3, mode="linear")  # (N, 4, 60)
        b = y  # (N, 4, 60)
        y = F.interpolate(x, size=b.shape[2:], mode="linear")  # (N, 3, 60)
        return torch.cat([y, b], dim=1)  # (N, 7, 60)


# ---- volumes -------------------------------------------------------------------------


class Volumes(nn.Module):
    """Maps (N, 2, 3, 2, 4) to (N, 2, 6, 8, 24)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        a = F.interpolate(x, scale_factor=2)  # (N, 2, 6, 4, 8)
        x = F.interpolate(a, scale_factor=(1, 2, 3), mode="trilinear")  # (N, 2, 6, 8, 24)
        b = x  # (N, 2, 6, 8, 24)
        return F.interpolate(a, size=b.shape[2:], mode="trilinear")  # (N, 2, 6, 8, 24)


# ---- volumes_in_a_row ----------------------------------------------------------------


class VolumesInARow(nn.Sequential):
    """Maps (N, 2, 3, 2, 4) to (N, 2, 12, 16, 16)."""

    def __init__(self) -> None:
        super().__init__(
            nn.Upsample(scale_factor=2),
            nn.Upsample(scale_factor=(1, 2, 1)),
            nn.Upsample(scale_factor=2, mode="trilinear"),
        )


# ---- sequences_in_a_row --------------------------------------------------------------


class SequencesInARow(nn.Sequential):
    """Maps (N, 3, 10) to (N, 3, 60)."""

    def __init__(self) -> None:
        super().__init__(nn.Upsample(scale_factor=2), nn.Upsample(scale_factor=3, mode="linear"))


# ---- by_parameter --------------------------------------------------------------------


class Scaled(nn.Module):
    """The block `scaled`."""

    def __init__(self, in_channels: int, by: int) -> None:
        super().__init__()
        self.by = by
        self.conv = nn.Conv2d(in_channels, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return F.interpolate(x, scale_factor=self.by)


class ByParameter(nn.Sequential):
    """Maps (N, 3, 4, 5) to (N, 3, 24, 30)."""

    def __init__(self) -> None:
        super().__init__(Scaled(3, 2), Scaled(3, 3))
