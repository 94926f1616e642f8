# Written by `make golden` from dropout.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = layers.Dropout(0.3)
        self.conv1 = Conv2D(3, 1)
        self.dropout2 = layers.Dropout(0.5)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 4)
        return self.dropout2(self.conv1(x))  # (N, 5, 6, 3)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = layers.Dropout(0)
        self.linear1 = Dense(4)
        self.dropout2 = layers.Dropout(0.9)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 6)
        return self.dropout2(self.linear1(x))  # (N, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self) -> None:
        super().__init__([layers.Dropout(0.2), Conv2D(3, 1), layers.Dropout(0.5)])


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 9, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = layers.Dropout(0.3)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.a(x)  # (N, 9, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = layers.Dropout(0.3)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.a(x)  # (N, 3, 2, 3, 4)
