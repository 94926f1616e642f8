# Written by `make golden` from drop_path.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = layers.Dropout(0.3, noise_shape=(None, 1, 1, 1))
        self.conv1 = Conv2D(3, 1)
        self.drop_path2 = layers.Dropout(0.2, noise_shape=(None, 1, 1, 1))

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 4)
        return self.drop_path2(self.conv1(x))  # (N, 5, 6, 3)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = layers.Dropout(0, noise_shape=(None, 1))
        self.linear1 = Dense(4)
        self.drop_path2 = layers.Dropout(0.9, noise_shape=(None, 1))

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 6)
        return self.drop_path2(self.linear1(x))  # (N, 4)


# ---- deeper --------------------------------------------------------------------------


class Branch(layers.Layer):
    """The block `branch`."""

    def __init__(self, drop: float) -> None:
        super().__init__()
        self.conv1 = Conv2D(4, 3, padding=1)
        self.drop_path1 = layers.Dropout(drop, noise_shape=(None, 1, 1, 1))

    def call(self, x):
        y = self.drop_path1(self.conv1(x))
        return y + x


class Deeper(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, depth: int = 3, drop: float = 0.2) -> None:
        super().__init__()
        s: list[layers.Layer] = []
        for index in range(depth):
            s.append(Branch(drop * index / (depth - 1)))
        self.s = keras.Sequential(s)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.s(x)  # (N, 5, 6, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Dropout(0.2, noise_shape=(None, 1, 1, 1)),
                Conv2D(3, 1),
                layers.Dropout(0.5, noise_shape=(None, 1, 1, 1)),
                layers.GlobalAveragePooling2D(),
                layers.Dropout(0.1, noise_shape=(None, 1)),
            ]
        )
