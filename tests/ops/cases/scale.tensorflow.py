# Written by `make golden` from scale.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Scale(layers.Layer):
    """Multiplies by learned numbers: one for each channel, for the tensor, or for each entry."""

    def __init__(self, initializer="ones", per="channel", **options):
        super().__init__(**options)
        self.initializer, self.per = initializer, per

    def build(self, input_shape):
        shapes = {"channel": input_shape[-1:], "tensor": (1,), "entry": input_shape[1:]}
        self.value = self.add_weight(shapes[self.per], self.initializer, name="value")

    def call(self, inputs):
        return inputs * self.value


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.gamma = Scale(keras.initializers.Constant(1e-06))
        self.conv1 = Conv2D(3, 1)
        self.alpha = Scale("zeros", per="tensor")
        self.factor = Scale(per="entry")

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.gamma(x)  # (N, 5, 6, 4)
        x = self.conv1(x)  # (N, 5, 6, 3)
        x = self.alpha(x)  # (N, 5, 6, 3)
        x = ops.relu(self.factor(x))  # (N, 5, 6, 3)
        return x * 0.5  # (N, 5, 6, 3)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.gamma = Scale()
        self.linear1 = Dense(4)
        self.alpha = Scale(keras.initializers.Constant(-1.0), per="tensor")
        self.factor = Scale(keras.initializers.Constant(2.0), per="entry")

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.gamma(x)  # (N, 6)
        x = self.linear1(x)  # (N, 4)
        x = self.alpha(x)  # (N, 4)
        x = self.factor(x)  # (N, 4)
        return x * -1  # (N, 4)


# ---- unlabelled ----------------------------------------------------------------------


class Unlabelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.scale1 = Scale()
        self.conv1 = Conv2D(3, 1)
        self.scale3 = Scale("zeros")

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.scale1(x)  # (N, 5, 6, 4)
        x = self.conv1(x)  # (N, 5, 6, 3)
        x = x * 1.0  # (N, 5, 6, 3)
        return self.scale3(x)  # (N, 5, 6, 3)


# ---- parameter -----------------------------------------------------------------------


class Branch(layers.Layer):
    """The block `branch`."""

    def __init__(self, width: int, start: float = 0.1) -> None:
        super().__init__()
        self.width = width
        self.conv1 = Conv2D(width, 3, padding=1)
        self.gamma = Scale(keras.initializers.Constant(start))
        self.scale2 = []
        for _ in range(2):
            self.scale2.append(Scale(keras.initializers.Constant(start**2)))
        self.y = []
        self.y.append(Scale())
        self.y.append(Scale(keras.initializers.Constant(start), per="tensor"))
        setattr(self, f"gain-{width}", Scale(keras.initializers.Constant(2 * start)))

    def call(self, x):
        y = self.conv1(x)
        y = self.gamma(y)
        for i in range(2):
            y = ops.relu(self.scale2[i](y))
        y = self.y[0](y)
        y = self.y[1](y)
        y = getattr(self, f"gain-{self.width}")(y)
        return y + x


class Parameter(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, start: float = 0.3) -> None:
        super().__init__()
        self.a = Branch(4, start=start)
        self.b = Branch(4)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 4)
        return self.b(x)  # (N, 5, 6, 4)


# ---- nested --------------------------------------------------------------------------


class Nested(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, n: int = 2) -> None:
        super().__init__()
        self.n = n
        self.scale1 = []
        for i in range(n):
            self.scale1.extend([[]])  # a list that is appended is not tracked
            for j in range(3):
                self.scale1[-1].append(Scale(keras.initializers.Constant(i + j + 1)))
        for i in range(n):
            if i > 0:
                setattr(self, f"z{i}", Scale())

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        for i in range(self.n):
            for j in range(3):
                x = self.scale1[i][j](x)  # (N, 5, 6, 4)
        for i in range(self.n):
            x = getattr(self, f"z{i}")(x) if i > 0 else ops.relu(x)  # (N, 5, 6, 4)
        return x


# ---- shortcuts -----------------------------------------------------------------------


class Shortcut(layers.Layer):
    """The group `shortcut` of `shortcuts`."""

    def __init__(self) -> None:
        super().__init__()
        self.scale1 = Scale(keras.initializers.Constant(2.0), per="tensor")

    def call(self, x):
        return self.scale1(x)


class Shortcuts(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(4, 3, padding=1)
        self.gain = Scale(keras.initializers.Constant(0.5))
        self.conv2 = Conv2D(4, 3, padding=1)
        self.shortcut = Shortcut()
        self.conv3 = Conv2D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = self.conv1(x)  # (N, 5, 6, 4)
        x = y + self.gain(x)  # (N, 5, 6, 4)
        y = self.conv2(x)  # (N, 5, 6, 4)
        x = y + self.shortcut(x)  # (N, 5, 6, 4)
        y = self.conv3(x)  # (N, 5, 6, 4)
        return y + (x * 0.5)  # (N, 5, 6, 4)


# ---- initial -------------------------------------------------------------------------


class Initial(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Scale(keras.initializers.RandomNormal(stddev=0.02))
        self.b = Scale(keras.initializers.RandomUniform(0.5, 1.5), per="entry")
        self.c = Scale(per="tensor")
        self.d = Scale(keras.initializers.RandomNormal(mean=1.0, stddev=0.1))

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 4)
        x = self.b(x)  # (N, 5, 6, 4)
        x = self.c(x)  # (N, 5, 6, 4)
        return self.d(x)  # (N, 5, 6, 4)


# ---- handed --------------------------------------------------------------------------


class Chain(keras.Sequential):
    """The block `chain`."""

    def __init__(self) -> None:
        super().__init__([Dense(4), layers.Lambda(lambda x: x * 0.5)])


class B(layers.Layer):
    """The group `b` of `handed`."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(3)

    def call(self, x):
        x = x * -0.5
        return self.linear1(x)


class Handed(keras.Model):
    """Maps (N, 6) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Chain()
        self.b = B()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 4)
        return self.b(x)  # (N, 3)


# ---- given_constants -----------------------------------------------------------------


class Constants(layers.Layer):
    """The block `constants`."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value
        self.linear1 = Dense(4)

    def call(self, x):
        x = x * self.value
        return self.linear1(x)


class GivenConstants(keras.Model):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Constants(2)
        self.b = Constants(0.3333333333333333)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 4)
        return self.b(x)  # (N, 4)
