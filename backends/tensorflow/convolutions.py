"""Convolutions that Keras lacks, one class for each number of spatial dimensions."""

from __future__ import annotations

from .helper import OPS, Helper

CONVOLUTIONS: dict[str, Helper] = {
    "dilated": Helper(
        '''
def dilated(kernel, steps):
    """A kernel with zeros between its entries: TensorFlow transposes no dilated convolution."""
    for axis, step in enumerate(steps):
        sizes = list(kernel.shape)
        around = [(0, 0)] * (axis + 1) + [(0, step - 1)] + [(0, 0)] * (len(sizes) - axis - 1)
        kernel = ops.pad(ops.expand_dims(kernel, axis + 1), around)
        sizes[axis] *= step
        kernel = ops.reshape(kernel, sizes)
        kernel = kernel[(slice(None),) * axis + (slice(sizes[axis] - step + 1),)]
    return kernel
''',
        (OPS,),
    ),
}


def _ranked(rank: int) -> dict[str, Helper]:
    """The helpers that Keras has a class for each rank of."""
    strided, exact = f"StridedConv{rank}D", f"ExactConv{rank}DTranspose"
    return {
        strided: Helper(
            f'''
class {strided}(BASE{rank}):
    """A dilated convolution with a stride, which Keras refuses: all positions, then every few."""

    def __init__(self, filters, kernel_size, every, **options):
        super().__init__(filters, kernel_size, **options)
        self.every = every

    def compute_output_shape(self, input_shape):
        batch, *sizes, channels = super().compute_output_shape(input_shape)
        fewer = (n and -(-n // step) for n, step in zip(sizes, self.every, strict=True))
        return batch, *fewer, channels

    def call(self, inputs):
        fewer = (slice(None, None, step) for step in self.every)
        return super().call(inputs)[(slice(None), *fewer)]
''',
        ),
        f"StdConv{rank}D": _standardizing(f"BASE{rank}", f"StdConv{rank}D"),
        f"Std{strided}": _standardizing(strided, f"Std{strided}"),
        exact: Helper(
            f'''
class {exact}(layers.Conv{rank}DTranspose):
    """A transposed convolution as PyTorch has it: `padding` is cut from both ends, `extra` added
    at the end, and groups of channels and dilations are computed as well."""

    def __init__(
        self, filters, kernel_size, padding=0, extra=0, groups=1, dilation_rate=1, **options
    ):
        super().__init__(filters, kernel_size, output_padding=0, **options)
        given = (padding, extra, dilation_rate)
        each = ((n,) * {rank} if isinstance(n, int) else n for n in given)
        self.cut, self.extra, self.dilation = each
        self.groups = groups

    def build(self, input_shape):
        shape = (*self.kernel_size, self.filters // self.groups, input_shape[-1])
        self.kernel = self.add_weight(shape, self.kernel_initializer, name="kernel")
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight((self.filters,), self.bias_initializer, name="bias")

    def call(self, inputs):
        kernel = dilated(self.kernel, self.dilation)
        groups = zip(*(ops.split(v, self.groups, -1) for v in (inputs, kernel)), strict=True)
        x = ops.concatenate([self.transposed(*group) for group in groups], -1)
        x = ops.pad(x, ((0, 0), *((0, more) for more in self.extra), (0, 0)))
        x = x[(slice(None), *(slice(cut, -cut or None) for cut in self.cut))]
        return x if self.bias is None else x + self.bias

    def transposed(self, x, kernel):
        return ops.conv_transpose(x, kernel, self.strides, output_padding=0)

    def compute_output_shape(self, input_shape):
        batch, *sizes, _ = input_shape
        found = []
        for i, size in enumerate(sizes):
            reach = self.dilation[i] * (self.kernel_size[i] - 1)
            more = reach + 1 + self.extra[i] - 2 * self.cut[i]
            found.append(size and (size - 1) * self.strides[i] + more)
        return batch, *found, self.filters
''',
            (OPS,),
            ("dilated",),
        ),
    }


def _standardizing(base: str, name: str) -> Helper:
    """A convolution with standardized kernels."""
    return Helper(
        f'''
class {name}({base}):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, filters, kernel_size, eps=1e-8, **options):
        super().__init__(filters, kernel_size, **options)
        self.eps = eps

    @property
    def kernel(self):
        kernel = super().kernel
        axes = tuple(range(len(kernel.shape) - 1))
        mean, variance = ops.mean(kernel, axes), ops.var(kernel, axes)
        return (kernel - mean) / ops.sqrt(variance + self.eps)
''',
        (OPS,),
        () if base.startswith("BASE") else (base,),
    )


for _rank in (1, 2, 3):
    CONVOLUTIONS |= _ranked(_rank)
