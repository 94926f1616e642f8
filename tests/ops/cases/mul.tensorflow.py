# Written by `make golden` from mul.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = self.a(x)  # (N, 5, 6, 4)
        b = ops.relu(a)  # (N, 5, 6, 4)
        y = a * b  # (N, 5, 6, 4)
        return y * x  # (N, 5, 6, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = self.a(x)  # (N, 5, 6, 4)
        b = ops.mean(a, axis=(1, 2))  # (N, 4)
        return a * b[:, None, None]  # (N, 5, 6, 4)


# ---- vector_first --------------------------------------------------------------------


class VectorFirst(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = self.a(x)  # (N, 5, 6, 4)
        b = ops.mean(a, axis=(1, 2))  # (N, 4)
        return b[:, None, None] * a  # (N, 5, 6, 4)


# ---- vectors -------------------------------------------------------------------------


class Vectors(keras.Model):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Dense(6)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 6)
        y = ops.relu(x)  # (N, 6)
        return x * y  # (N, 6)


# ---- one_position --------------------------------------------------------------------


class OnePosition(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = self.a(x)  # (N, 5, 6, 4)
        b = ops.mean(a, axis=(1, 2), keepdims=True)  # (N, 1, 1, 4)
        return b * a  # (N, 5, 6, 4)


# ---- rows ----------------------------------------------------------------------------


class Rows(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = self.a(x)  # (N, 5, 6, 4)
        b = ops.average_pool(a, (5, 1))  # (N, 1, 6, 4)
        return b * a  # (N, 5, 6, 4)


# ---- several -------------------------------------------------------------------------


class Several(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = self.a(x)  # (N, 5, 6, 4)
        rows = ops.average_pool(a, (5, 1))  # (N, 1, 6, 4)
        columns = ops.average_pool(a, (1, 6))  # (N, 5, 1, 4)
        vector = ops.mean(columns, axis=(1, 2))  # (N, 4)
        return rows * vector[:, None, None] * vector[:, None, None] * columns  # (N, 5, 6, 4)


# ---- sums ----------------------------------------------------------------------------


class Sums(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = self.a(x)  # (N, 5, 6, 4)
        s = a + x  # (N, 5, 6, 4)
        v = ops.mean(s, axis=(1, 2))  # (N, 4)
        return s * v[:, None, None] * a  # (N, 5, 6, 4)


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 9, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = ops.mean(x, axis=1)  # (N, 4)
        y = y[:, None] * x  # (N, 9, 4)
        z = ops.max(y, axis=1, keepdims=True)  # (N, 1, 4)
        return y * z  # (N, 9, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = ops.mean(x, axis=(1, 2, 3))  # (N, 4)
        y = y[:, None, None, None] * x  # (N, 3, 2, 3, 4)
        z = ops.max(y, axis=(1, 2, 3), keepdims=True)  # (N, 1, 1, 1, 4)
        return y * z  # (N, 3, 2, 3, 4)
