# Written by `make golden` from add.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = self.a(x)  # (N, 5, 6, 4)
        b = ops.relu(a)  # (N, 5, 6, 4)
        y = a + b + x  # (N, 5, 6, 4)
        return y + a  # (N, 5, 6, 4)


# ---- vectors -------------------------------------------------------------------------


class Vectors(keras.Model):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Dense(6)
        self.linear2 = Dense(6, use_bias=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 6)
        y = self.linear2(x)  # (N, 6)
        z = ops.relu(x)  # (N, 6)
        return y + z  # (N, 6)


# ---- bodies --------------------------------------------------------------------------


class Bodies(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(2, 3, padding=1)
        self.conv2 = Conv2D(2, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = self.conv1(x)  # (N, 5, 6, 2)
        z = ops.relu(self.conv2(x))  # (N, 5, 6, 2)
        return y + z  # (N, 5, 6, 2)


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 9, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = ops.relu(x)  # (N, 9, 4)
        return y + x  # (N, 9, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = ops.relu(x)  # (N, 3, 2, 3, 4)
        return y + x  # (N, 3, 2, 3, 4)
