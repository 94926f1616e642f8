# Written by `make golden` from lrn.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 9, 4, 3) to (N, 9, 4, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.local_response_norm(x, 5)  # (N, 9, 4, 3)
        return F.local_response_norm(x, 3, alpha=0.3, beta=0.6, k=1.5)  # (N, 9, 4, 3)


# ---- wide ----------------------------------------------------------------------------


class Wide(nn.Module):
    """Maps (N, 4, 4, 3) to (N, 4, 4, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return F.local_response_norm(x, 7, alpha=0.4)  # (N, 4, 4, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 9, 4, 3) to (N, 9, 4, 3)."""

    def __init__(self) -> None:
        super().__init__(
            nn.LocalResponseNorm(5), nn.LocalResponseNorm(3, alpha=0.3, beta=0.6, k=1.5)
        )


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 9, 7) to (N, 9, 7)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return F.local_response_norm(x, 3, alpha=0.4)  # (N, 9, 7)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 9, 2, 3, 2) to (N, 9, 2, 3, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return F.local_response_norm(x, 3, alpha=0.4)  # (N, 9, 2, 3, 2)
