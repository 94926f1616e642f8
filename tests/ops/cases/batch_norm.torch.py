# Written by `make golden` from batch_norm.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.BatchNorm2d(4)
        self.b = nn.BatchNorm2d(4, eps=0.1, momentum=0.3)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(F.relu(self.a(x)))  # (N, 4, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.BatchNorm1d(6)
        self.batch_norm2 = nn.BatchNorm1d(6, momentum=0.01, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.batch_norm2(F.relu(self.a(x)))  # (N, 6)


# ---- population ----------------------------------------------------------------------


def population_batch_norm(
    norm: nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d, x: Tensor
) -> None:
    """Move running statistics towards the batch's, with its variance divided by n, not n - 1."""
    if norm.training and norm.running_mean is not None and norm.running_var is not None:
        axes = [axis for axis in range(x.dim()) if axis != 1]
        with torch.no_grad():
            momentum = norm.momentum or 0.0
            x = x.to(norm.running_mean.dtype)  # autocast hands over shorter numbers
            norm.running_mean.lerp_(x.mean(axes), momentum)
            norm.running_var.lerp_(x.var(axes, unbiased=False), momentum)


class PopulationBatchNorm2d(nn.BatchNorm2d):
    """A batch norm whose running variance is the population's; PyTorch's divides by n - 1."""

    def forward(self, x: Tensor) -> Tensor:
        population_batch_norm(self, x)
        if not self.training:
            return super().forward(x)
        return F.batch_norm(x, None, None, self.weight, self.bias, True, 0.0, self.eps)


class Population(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.BatchNorm2d(4)
        self.batch_norm2 = PopulationBatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        return self.batch_norm2(F.relu(self.a(x)))  # (N, 4, 5, 6)


# ---- all_plain -----------------------------------------------------------------------


class AllPlain(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = PopulationBatchNorm2d(4, eps=0.01, momentum=1, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.a(x)  # (N, 4, 5, 6)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__(
            nn.BatchNorm2d(4), nn.BatchNorm2d(4, affine=False), PopulationBatchNorm2d(4, eps=0.01)
        )


# ---- numbered_vector -----------------------------------------------------------------


class PopulationBatchNorm1d(nn.BatchNorm1d):
    """A batch norm whose running variance is the population's; PyTorch's divides by n - 1."""

    def forward(self, x: Tensor) -> Tensor:
        population_batch_norm(self, x)
        if not self.training:
            return super().forward(x)
        return F.batch_norm(x, None, None, self.weight, self.bias, True, 0.0, self.eps)


class NumberedVector(nn.Sequential):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__(PopulationBatchNorm1d(6, momentum=0.5))


# ---- initial -------------------------------------------------------------------------


def initialized(layer: nn.Module, **fills: Callable[[Tensor], object]) -> nn.Module:
    """A layer with its weights filled, as an item of a sequence."""
    for name, fill in fills.items():
        fill(getattr(layer, name))
    return layer


class Initial(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__(
            initialized(nn.BatchNorm2d(4), weight=nn.init.zeros_),
            initialized(
                nn.BatchNorm2d(4),
                weight=partial(nn.init.constant_, val=0.2),
                bias=partial(nn.init.normal_, std=0.1),
            ),
        )


# ---- ranks ---------------------------------------------------------------------------


class NormRelu2d(nn.Sequential):
    """A block at two ranks is two classes."""

    def __init__(self, in_channels: int) -> None:
        super().__init__(nn.BatchNorm2d(in_channels), nn.ReLU())


class NormReluVector(nn.Sequential):
    """A block at two ranks is two classes."""

    def __init__(self, in_channels: int) -> None:
        super().__init__(nn.BatchNorm1d(in_channels), nn.ReLU())


class Ranks(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = NormRelu2d(4)
        self.b = NormReluVector(4)
        self.c = NormReluVector(4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 5, 6)
        x = x.mean(dim=(2, 3))  # (N, 4)
        x = self.b(x)  # (N, 4)
        return self.c(x)  # (N, 4)


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 4, 9)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.BatchNorm1d(4)
        self.batch_norm2 = PopulationBatchNorm1d(4)

    def forward(self, x: Tensor) -> Tensor:
        return self.batch_norm2(self.a(x))  # (N, 4, 9)


# ---- volume --------------------------------------------------------------------------


class PopulationBatchNorm3d(nn.BatchNorm3d):
    """A batch norm whose running variance is the population's; PyTorch's divides by n - 1."""

    def forward(self, x: Tensor) -> Tensor:
        population_batch_norm(self, x)
        if not self.training:
            return super().forward(x)
        return F.batch_norm(x, None, None, self.weight, self.bias, True, 0.0, self.eps)


class Volume(nn.Module):
    """Maps (N, 4, 3, 2, 3) to (N, 4, 3, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.BatchNorm3d(4)
        self.batch_norm2 = PopulationBatchNorm3d(4, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.batch_norm2(self.a(x))  # (N, 4, 3, 2, 3)
