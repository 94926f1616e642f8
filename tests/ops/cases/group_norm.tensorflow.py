# Written by `make golden` from group_norm.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


norm_init = partial(keras.initializers.RandomNormal, stddev=0.1)


class Labelled(keras.Model):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = layers.GroupNormalization(3, epsilon=1e-05)
        self.conv1 = Conv2D(6, 1)
        self.b = layers.GroupNormalization(
            1, epsilon=0.1, gamma_initializer="zeros", beta_initializer=norm_init()
        )
        self.group_norm3 = layers.GroupNormalization(2, epsilon=1e-05, center=False, scale=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 4, 5, 6)
        x = self.conv1(x)  # (N, 4, 5, 6)
        x = self.b(x)  # (N, 4, 5, 6)
        return self.group_norm3(x)  # (N, 4, 5, 6)


# ---- numbered ------------------------------------------------------------------------


norm_init = partial(keras.initializers.Constant, 0.5)


class Numbered(keras.Sequential):
    """Maps (N, 4, 5, 8) to (N, 4, 5, 8)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.GroupNormalization(4, epsilon=1e-05),
                layers.GroupNormalization(2, gamma_initializer=norm_init()),
                layers.GroupNormalization(8, epsilon=0.01, center=False, scale=False),
            ]
        )


# ---- vectors -------------------------------------------------------------------------


class Vectors(keras.Sequential):
    """Maps (N, 8) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.GroupNormalization(2, epsilon=1e-05),
                Dense(6),
                layers.GroupNormalization(3, epsilon=1e-05, center=False, scale=False),
            ]
        )


# ---- other_ranks ---------------------------------------------------------------------


class OtherRanks(keras.Sequential):
    """Maps (N, 2, 3, 4, 8) to (N, 24, 8)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.GroupNormalization(2, epsilon=1e-05),
                layers.Lambda(lambda x: ops.reshape(x, (-1, 24, x.shape[-1]))),
                layers.GroupNormalization(4, epsilon=1e-05),
            ]
        )
