# Written by `make golden` from sub.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = self.a(x)  # (N, 5, 6, 4)
        b = ops.relu(a)  # (N, 5, 6, 4)
        y = b - a  # (N, 5, 6, 4)
        return y - x  # (N, 5, 6, 4)


# ---- bodies --------------------------------------------------------------------------


class Bodies(keras.Model):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(4)
        self.linear2 = Dense(4)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = self.linear1(x)  # (N, 4)
        z = ops.relu(self.linear2(x))  # (N, 4)
        return y - z  # (N, 4)
