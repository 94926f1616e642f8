# Written by `make golden` from split.res: classes and what they use.


# ---- halves --------------------------------------------------------------------------


class Halves(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(2, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x0, x1 = ops.split(x, 2, axis=-1)
        x = self.conv1(x1)  # (N, 5, 6, 2)
        return x + x0  # (N, 5, 6, 2)


# ---- sizes ---------------------------------------------------------------------------


class Sizes(keras.Model):
    """Maps (N, 5, 6, 7) to (N, 5, 6, 7)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        part0, part1, part2 = ops.split(x, [2, 6], axis=-1)
        return ops.concatenate([part2, part0, part1], axis=-1)  # (N, 5, 6, 7)


# ---- many ----------------------------------------------------------------------------


class Many(keras.Model):
    """Maps (N, 5, 6, 6) to (N, 5, 6, 8)."""

    def __init__(self, count: int = 6) -> None:
        super().__init__()
        self.count = count
        self.y = []
        for _ in range(count):
            self.y.append(Conv2D(2, 1))

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        parts = ops.split(x, self.count, axis=-1)
        ys = []
        for i in range(self.count):
            ys.append(self.y[i](parts[i]))
        total = sum(ys[1:], ys[0])  # (N, 5, 6, 2)
        return ops.concatenate([total, *parts], axis=-1)  # (N, 5, 6, 8)


# ---- given ---------------------------------------------------------------------------


class Given(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 2)."""

    def __init__(self, sizes: Sequence[int] = (1, 3)) -> None:
        super().__init__()
        self.sizes = sizes
        self.y = []
        for _ in range(len(sizes)):
            self.y.append(Conv2D(2, 1))

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        parts = ops.split(x, [sum(self.sizes[:i]) for i in range(1, len(self.sizes))], axis=-1)
        ys = []
        for index in range(len(self.sizes)):
            ys.append(self.y[index](parts[len(self.sizes) - 1 - index]))
        return math.prod(ys[1:], start=ys[0])  # (N, 5, 6, 2)


# ---- whole ---------------------------------------------------------------------------


class Whole(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 8)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        one = ops.split(x, 1, axis=-1)
        return ops.concatenate([*one, x], axis=-1)  # (N, 5, 6, 8)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        part0, _, part2 = ops.split(x, 3, axis=-1)
        return part2 - part0  # (N, 2)


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 9, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        part0, part1 = ops.split(x, 2, axis=-1)
        return part0 + part1  # (N, 9, 2)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 2, 3, 2, 4) to (N, 2, 3, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        _, part1 = ops.split(x, [1], axis=-1)
        return part1
