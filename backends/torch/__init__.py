"""The PyTorch backend: readable `nn.Module` source, and the runtime that parity drives."""

from resdsl.codegen.backend import Backend
from resdsl.ir.graph import Graph


def _emit(graph: Graph) -> str:
    from resdsl.codegen.python.module import write_module

    from .target import TorchTarget

    return write_module(graph, TorchTarget())


BACKEND = Backend(
    name="torch",
    title="PyTorch",
    file_suffix="_torch.py",
    extra="torch",
    requires=("torch", "numpy", "safetensors"),
    emit=_emit,
    runtime="resdsl.backends.torch.runtime:TorchRuntime",
    builder="resdsl.backends.torch.live:build",
    capabilities=frozenset({"eval", "train", "gradients", "steps"}),
)
