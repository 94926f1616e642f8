# Written by `make golden` from layer_norm.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


norm_init = partial(keras.initializers.RandomNormal, stddev=0.1)


class Labelled(keras.Model):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = layers.LayerNormalization(epsilon=1e-05)
        self.conv1 = Conv2D(5, 1)
        self.b = layers.LayerNormalization(
            epsilon=0.1, gamma_initializer="zeros", beta_initializer=norm_init()
        )
        self.layer_norm3 = layers.LayerNormalization(epsilon=1e-05, center=False, scale=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 4, 5, 6)
        x = self.conv1(x)  # (N, 4, 5, 5)
        x = self.b(x)  # (N, 4, 5, 5)
        return self.layer_norm3(x)  # (N, 4, 5, 5)


# ---- numbered ------------------------------------------------------------------------


norm_init = partial(keras.initializers.Constant, 0.5)


class Numbered(keras.Sequential):
    """Maps (N, 4, 5, 8) to (N, 4, 5, 8)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.LayerNormalization(epsilon=1e-05),
                layers.LayerNormalization(epsilon=1e-06, gamma_initializer=norm_init()),
                layers.LayerNormalization(epsilon=0.01, center=False, scale=False),
            ]
        )


# ---- vectors -------------------------------------------------------------------------


class Vectors(keras.Model):
    """Maps (N, 8) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = layers.LayerNormalization(epsilon=1e-05)
        self.linear1 = Dense(6)
        self.layer_norm2 = layers.LayerNormalization(epsilon=1e-05, center=False, scale=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 8)
        x = self.linear1(x)  # (N, 6)
        return self.layer_norm2(x)  # (N, 6)


# ---- vectors_in_a_row ----------------------------------------------------------------


class VectorsInARow(keras.Sequential):
    """Maps (N, 8) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.LayerNormalization(epsilon=1e-06),
                Dense(6),
                layers.LayerNormalization(epsilon=1e-05),
            ]
        )


# ---- other_ranks ---------------------------------------------------------------------


class OtherRanks(keras.Sequential):
    """Maps (N, 2, 3, 4, 8) to (N, 24, 8)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.LayerNormalization(epsilon=1e-05),
                layers.Lambda(lambda x: ops.reshape(x, (-1, 24, x.shape[-1]))),
                layers.LayerNormalization(epsilon=1e-05),
            ]
        )
