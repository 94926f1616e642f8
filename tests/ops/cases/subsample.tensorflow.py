# Written by `make golden` from subsample.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 5, 2, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = x[:, ::2, ::2]  # (N, 5, 6, 4)
        return x[:, ::1, ::3]  # (N, 5, 2, 4)


# ---- nothing -------------------------------------------------------------------------


class Nothing(keras.Model):
    """Maps (N, 6) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(3)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.linear1(x)  # (N, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 9, 11, 4) to (N, 2, 6, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [layers.Lambda(lambda x: x[:, ::2, ::2]), layers.Lambda(lambda x: x[:, ::3, ::1])]
        )


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 5, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return x[:, ::2]  # (N, 5, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 5, 6, 7, 4) to (N, 3, 2, 2, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = x[:, ::1, ::2, ::3]  # (N, 5, 3, 3, 4)
        return x[:, ::2, ::2, ::2]  # (N, 3, 2, 2, 4)
