# Written by `make golden` from concat.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 9)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(2, 3, padding=1)
        self.b = Conv2D(3, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = self.a(x)  # (N, 5, 6, 2)
        b = self.b(a)  # (N, 5, 6, 3)
        return ops.concatenate([a, x, b], axis=-1)  # (N, 5, 6, 9)


# ---- vectors -------------------------------------------------------------------------


class Vectors(keras.Model):
    """Maps (N, 6) to (N, 9)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Dense(3)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = self.a(x)  # (N, 3)
        return ops.concatenate([y, x], axis=-1)  # (N, 9)


# ---- bodies --------------------------------------------------------------------------


class Bodies(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(2, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        z = ops.relu(self.conv1(x))  # (N, 5, 6, 2)
        return ops.concatenate([x, z], axis=-1)  # (N, 5, 6, 6)


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 9, 8)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = ops.relu(x)  # (N, 9, 4)
        return ops.concatenate([y, x], axis=-1)  # (N, 9, 8)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 8)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = ops.relu(x)  # (N, 3, 2, 3, 4)
        return ops.concatenate([y, x], axis=-1)  # (N, 3, 2, 3, 8)
