"""Faults in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mutation.arrays import Sides
from mutation.layers import Change, FaultyLayers


class TorchArrays:
    """PyTorch's tensors."""

    exp = staticmethod(torch.exp)
    tanh = staticmethod(torch.tanh)
    erf = staticmethod(torch.erf)
    sqrt = staticmethod(torch.sqrt)
    where = staticmethod(torch.where)
    einsum = staticmethod(torch.einsum)

    def last(self, x: Tensor) -> Tensor:
        return x.movedim(1, -1)

    def first(self, x: Tensor) -> Tensor:
        return x.movedim(-1, 1)

    def cast(self, x: Tensor, dtype: str) -> Tensor:
        return x.to(getattr(torch, dtype))

    def stop(self, x: Tensor) -> Tensor:
        return x.detach()

    def mean(self, x: Tensor, axes: Sequence[int]) -> Tensor:
        return x.mean(tuple(axes), keepdim=True)

    def sum(self, x: Tensor, axes: Sequence[int]) -> Tensor:
        return x.sum(tuple(axes), keepdim=True)

    def max(self, x: Tensor, axes: Sequence[int]) -> Tensor:
        return x.amax(tuple(axes), keepdim=True)

    def pad(self, x: Tensor, sides: Sides, value: float) -> Tensor:
        return F.pad(x, [n for pair in reversed(sides) for n in pair], value=value)

    def concat(self, parts: Sequence[Tensor], axis: int) -> Tensor:
        return torch.cat(list(parts), axis)

    def reshape(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        return x.reshape(tuple(shape))

    def transpose(self, x: Tensor, axes: Sequence[int]) -> Tensor:
        return x.permute(*axes)

    def flip(self, x: Tensor, axes: Sequence[int]) -> Tensor:
        return x.flip(tuple(axes))

    def like(self, values: np.ndarray, x: Tensor) -> Tensor:
        return torch.tensor(values, dtype=x.dtype)


class TorchFaulty(FaultyLayers):
    """Wrong layers of PyTorch's."""

    a = TorchArrays()

    def around(self, layer: nn.Module, change: Change) -> nn.Module:
        inner = layer.forward
        layer.forward = lambda x: change(layer, inner, x)
        return layer

    def layer_at(self, model: nn.Module, path: str, _: dict[str, Any]) -> nn.Module:
        return model.get_submodule(path)

    def with_weight(
        self, layer: nn.Module, name: str, change: Callable[[Tensor], Tensor]
    ) -> nn.Module:
        def called(own: nn.Module, call: Any, x: Tensor) -> Tensor:
            kept = own._parameters.pop(name)
            own.__dict__[name] = change(kept)
            try:
                return call(x)
            finally:
                del own.__dict__[name]
                own._parameters[name] = kept

        return self.around(layer, called)

    def weight_of(self, layer: nn.Module, name: str) -> Tensor:
        return getattr(layer, name)

    def statistics(self, layer: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
        return layer.running_mean.clone(), layer.running_var.clone()

    def keep_statistics(self, layer: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> None:
        # Past autograd, which counts changes of what it may still need.
        layer.running_mean.data.copy_(mean)
        layer.running_var.data.copy_(variance)

    def is_training(self, layer: nn.Module) -> bool:
        return layer.training

    def in_mode(self, layer: nn.Module, call: Any, x: Tensor, *, training: bool) -> Tensor:
        kept, layer.training = layer.training, training
        y = call(x)
        layer.training = kept
        return y

    def share(self, layer: nn.BatchNorm2d) -> float:
        return layer.momentum

    def epsilon(self, layer: nn.Module) -> float:
        return layer.eps

    def kernel_axes(self, weight: Tensor) -> tuple[tuple[int, ...], int, int]:
        return tuple(range(2, weight.dim())), 1, 0

    # ---- attributes -----------------------------------------------------------------------------

    def eps(self, layer: nn.Module, value: float) -> nn.Module:
        layer.eps = value
        return layer

    def momentum(self, layer: nn.BatchNorm2d, share: float) -> nn.BatchNorm2d:
        layer.momentum = share
        return layer

    def rounded_momentum(self, layer: nn.BatchNorm2d) -> nn.BatchNorm2d:
        layer.momentum = float(np.float32(layer.momentum))
        return layer

    def groups(self, layer: nn.GroupNorm, groups: int) -> nn.GroupNorm:
        layer.num_groups = groups
        return layer

    def undilated(self, layer: nn.Conv2d) -> nn.Conv2d:
        layer.padding = tuple(p // d for p, d in zip(layer.padding, layer.dilation, strict=True))
        layer.dilation = (1, 1)
        return layer

    def same_padding(self, layer: nn.Conv2d) -> nn.Conv2d:
        """TensorFlow's rule: on an even size at stride 2, at the bottom and right alone."""
        if layer.stride[0] == 1:
            return layer
        (pad, _), layer.padding = layer.padding, (0, 0)
        return self.around(layer, lambda _, call, x: call(F.pad(x, (pad - 1, pad, pad - 1, pad))))

    def symmetric_padding(self, layer: nn.Conv2d) -> nn.Conv2d:
        """PyTorch's rule in place of TensorFlow's."""
        layer.forward = lambda x: F.conv2d(
            x, layer.weight, layer.bias, layer.stride, layer.kernel_size[0] // 2
        )
        return layer

    def moved_stride(self, one: nn.Conv2d, other: nn.Conv2d) -> None:
        one.stride, other.stride = other.stride, one.stride

    def pool(self, _: nn.Module, name: str, *arguments: Any) -> nn.Module:
        """Another pool in a sequence."""
        made = nn.Identity()
        made.forward = lambda x: getattr(self, name)(x, *arguments)
        return made

    def rate(self, layer: nn.Module, factor: float) -> nn.Module:
        # Stochastic depth is a class of the file's own.
        name = "p" if isinstance(layer, nn.Dropout) else "rate"
        setattr(layer, name, getattr(layer, name) * factor)
        return layer

    def rate_of(self, layer: nn.Module) -> float:
        return layer.p if isinstance(layer, nn.Dropout) else layer.rate

    def nothing(self, _: nn.Module) -> nn.Module:
        return nn.Identity()

    def entrywise(self, layer: nn.Module) -> nn.Module:
        """Entries are dropped one by one, not samples."""
        return nn.Dropout(self.rate_of(layer))


wrong = TorchFaulty()
