# Written by `make golden` from pick.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 4, 5, 6) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(3)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        sequence = ops.reshape(x, (-1, 20, x.shape[-1]))  # (N, 20, 6)
        first = sequence[:, 0]  # (N, 6)
        other = sequence[:, 3]  # (N, 6)
        last = sequence[:, -1]  # (N, 6)
        x = ops.concatenate([first, other, last], axis=-1)  # (N, 18)
        return self.linear1(x)  # (N, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 4, 5, 6) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: ops.reshape(x, (-1, 20, x.shape[-1]))),
                Dense(4),
                layers.Lambda(lambda x: x[:, 2]),
                Dense(3),
            ]
        )
