# Written by `make golden` from global_avg_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return ops.mean(x, axis=(1, 2))  # (N, 4)


# ---- kept ----------------------------------------------------------------------------


class Kept(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(3, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.mean(x, axis=(1, 2), keepdims=True)  # (N, 1, 1, 4)
        return ops.squeeze(self.conv1(x), axis=(1, 2))  # (N, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__([layers.GlobalAveragePooling2D(), Dense(3)])


# ---- numbered_kept -------------------------------------------------------------------


class NumberedKept(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 1, 1, 3)."""

    def __init__(self) -> None:
        super().__init__([layers.GlobalAveragePooling2D(keepdims=True), Conv2D(3, 1)])


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv1D(5, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.mean(x, axis=1, keepdims=True)  # (N, 1, 4)
        x = self.conv1(x)  # (N, 1, 5)
        return ops.mean(x, axis=1)  # (N, 5)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 3, 5, 2, 4) to (N, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv3D(5, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.mean(x, axis=(1, 2, 3), keepdims=True)  # (N, 1, 1, 1, 4)
        x = self.conv1(x)  # (N, 1, 1, 1, 5)
        return ops.mean(x, axis=(1, 2, 3))  # (N, 5)
