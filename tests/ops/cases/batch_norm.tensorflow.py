# Written by `make golden` from batch_norm.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class BatchNorm(layers.BatchNormalization):
    """Keeps the unbiased variance in its statistics, as PyTorch does; Keras divides by n."""

    def __init__(self, momentum=0.9, epsilon=1e-5, **options):
        super().__init__(momentum=momentum, epsilon=epsilon, **options)

    def call(self, inputs, training=None):
        kept = self.momentum * self.moving_variance
        outputs = super().call(inputs, training=training)
        if training and self.trainable:
            n = ops.cast(ops.size(inputs) // inputs.shape[-1], self.variable_dtype)
            added = self.moving_variance - kept
            self.moving_variance.assign(kept + added * n / (n - 1))
        return outputs


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = BatchNorm()
        self.b = BatchNorm(momentum=0.7, epsilon=0.1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.b(ops.relu(self.a(x)))  # (N, 5, 6, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = BatchNorm()
        self.batch_norm2 = BatchNorm(momentum=0.99, center=False, scale=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.batch_norm2(ops.relu(self.a(x)))  # (N, 6)


# ---- population ----------------------------------------------------------------------


class Population(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = BatchNorm()
        self.batch_norm2 = layers.BatchNormalization(momentum=0.9, epsilon=1e-05)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.batch_norm2(ops.relu(self.a(x)))  # (N, 5, 6, 4)


# ---- all_plain -----------------------------------------------------------------------


class AllPlain(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = layers.BatchNormalization(momentum=0, epsilon=0.01, center=False, scale=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.a(x)  # (N, 5, 6, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [
                BatchNorm(),
                BatchNorm(center=False, scale=False),
                layers.BatchNormalization(momentum=0.9, epsilon=0.01),
            ]
        )


# ---- numbered_vector -----------------------------------------------------------------


class NumberedVector(keras.Sequential):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__([layers.BatchNormalization(momentum=0.5, epsilon=1e-05)])


# ---- initial -------------------------------------------------------------------------


norm_init = partial(keras.initializers.Constant, 0.2)


norm_init_2 = partial(keras.initializers.RandomNormal, stddev=0.1)


class Initial(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [
                BatchNorm(gamma_initializer="zeros"),
                BatchNorm(gamma_initializer=norm_init(), beta_initializer=norm_init_2()),
            ]
        )


# ---- ranks ---------------------------------------------------------------------------


class NormRelu2d(keras.Sequential):
    """A block at two ranks is two classes."""

    def __init__(self) -> None:
        super().__init__([BatchNorm(), layers.ReLU()])


class NormReluVector(keras.Sequential):
    """A block at two ranks is two classes."""

    def __init__(self) -> None:
        super().__init__([BatchNorm(), layers.ReLU()])


class Ranks(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = NormRelu2d()
        self.b = NormReluVector()
        self.c = NormReluVector()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 4)
        x = ops.mean(x, axis=(1, 2))  # (N, 4)
        x = self.b(x)  # (N, 4)
        return self.c(x)  # (N, 4)


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 9, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = BatchNorm()
        self.batch_norm2 = layers.BatchNormalization(momentum=0.9, epsilon=1e-05)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.batch_norm2(self.a(x))  # (N, 9, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = BatchNorm()
        self.batch_norm2 = layers.BatchNormalization(
            momentum=0.9, epsilon=1e-05, center=False, scale=False
        )

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.batch_norm2(self.a(x))  # (N, 3, 2, 3, 4)
