"""What a script has for training in several processes: one for each GPU, or some on CPUs."""

from __future__ import annotations

from resdsl.codegen.trainer import Processes, shared_variance, statistics
from resdsl.codegen.trainer.text import indented, laid_out, split
from resdsl.ir.graph import Graph
from resdsl.ops.norm import BatchNorm
from resdsl.recipes.recipe import Recipe

PROCESSES = Processes(
    join=(
        "device = join_processes(options.device)",
        "rank, processes = dist.get_rank(), dist.get_world_size()",
    ),
    devices="processes",
    leave="dist.destroy_process_group()",
    launch="`torchrun --nproc-per-node 8 {file}` starts it on eight GPUs, which share every batch.",
)

IMPORTS = (
    "import os",
    "from datetime import timedelta",
    "import torch.distributed as dist",
    "from torch.nn.parallel import DistributedDataParallel",
)

_JOIN = '''
def join_processes(device: str) -> str:
    """Meet the processes that `torchrun` started with this one, and say which device is its own;
    without `torchrun` it is the only one."""
    if device == "cuda":
        device = f"cuda:{os.environ.get('LOCAL_RANK', 0)}"
        torch.cuda.set_device(device)
    backend = "gloo" if device == "cpu" else "nccl"
    if "RANK" in os.environ:
        dist.init_process_group(backend, timeout=timedelta(minutes=10))
    else:
        dist.init_process_group(backend, store=dist.HashStore(), rank=0, world_size=1)
    return device
'''

_TOTALS = '''
def totals(loss: Tensor, correct: Tensor) -> tuple[Tensor, Tensor]:
    """Both summed over all processes."""
    both = torch.stack([loss.detach(), correct])
    dist.all_reduce(both)
    return both[0], both[1]
'''

_MEAN = '''
def average_statistics(model: nn.Module) -> None:
    """Running statistics become their mean over all processes, each of which saw its own images."""
    statistics = [buffer for buffer in model.buffers() if buffer.is_floating_point()]
    total = nn.utils.parameters_to_vector(statistics)
    dist.all_reduce(total)
    nn.utils.vector_to_parameters(total / dist.get_world_size(), statistics)
'''

_SUM = '''
class SumOverProcesses(torch.autograd.Function):
    """The sum of a tensor over all processes; its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return SumOverProcesses.forward(ctx, gradient)
'''

_SYNCHRONIZED = '''
def synchronized(model: nn.Module<device>) -> nn.Module:
    """The model with batch norms over the batches of all processes together."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.__class__ = GlobalBatchNorm
    return model
'''

_WIDENED = "x = x.float()  # bfloat16 has too few digits for sums over a batch"

_ON_GPUS = """
    if device.type == "cuda":
        return nn.SyncBatchNorm.convert_sync_batchnorm(model)
"""


def process_functions(graph: Graph, recipe: Recipe) -> list[list[str]]:
    """The functions and classes that stand before the `Trainer`."""
    sections = [split(_JOIN), split(_TOTALS)]
    if statistics(graph):
        if recipe.batch_norm == "synchronized":
            sections += [split(_SUM), _batch_norm(graph, recipe), _synchronized(graph)]
        else:
            sections.append(split(_MEAN))
    return sections


def has_own_norms(graph: Graph) -> bool:
    """Whether PyTorch's synchronized batch norm does for no device: it keeps the variance divided
    by n - 1."""
    return shared_variance(graph) == "population"


def _norms(graph: Graph) -> list[BatchNorm]:
    return [node.op for node in graph.nodes if isinstance(node.op, BatchNorm)]


def _synchronized(graph: Graph) -> list[str]:
    own = has_own_norms(graph)
    lines = split(_SYNCHRONIZED.replace("<device>", "" if own else ", device: torch.device"))
    return lines if own else [*lines[:2], *split(_ON_GPUS), *lines[2:]]


def _batch_norm(graph: Graph, recipe: Recipe) -> list[str]:
    """Batch norm over all processes, for what PyTorch's own cannot do."""
    population = has_own_norms(graph)
    doc = "A batch norm over the batches of all processes, for CPUs: PyTorch's own needs GPUs."
    if population:
        doc = "A batch norm over the batches of all processes that keeps the population's variance."
    n = "processes * x.numel() // x.shape[1]"
    variance = "variance" if population else "variance * n / (n - 1)"
    affine = "y * self.weight.view(shape) + self.bias.view(shape)"
    if not all(norm.affine for norm in _norms(graph)):
        affine += " if self.affine else y"
    state = "self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps"
    body = [
        "if not self.training:",
        *indented(laid_out(f"return F.batch_norm(x, {state})", 3)),
        *([_WIDENED] if recipe.precision == "bfloat16" else []),
        "processes = dist.get_world_size()",
        "axes, shape = [0, *range(2, x.ndim)], [1, -1] + [1] * (x.ndim - 2)",
        "mean = SumOverProcesses.apply(x.mean(axes)) / processes",
        "x = x - mean.view(shape)",
        "variance = SumOverProcesses.apply(x.square().mean(axes)) / processes",
        "with torch.no_grad():",
        *([] if population else [f"    n = {n}"]),
        "    momentum = self.momentum or 0.0",
        '    self.get_buffer("running_mean").lerp_(mean, momentum)',
        f'    self.get_buffer("running_var").lerp_({variance}, momentum)',
        "y = x * (variance + self.eps).rsqrt().view(shape)",
        f"return {affine}",
    ]
    return [
        "class GlobalBatchNorm(nn.modules.batchnorm._BatchNorm):",
        f'    """{doc}"""',
        "",
        "    def forward(self, x: Tensor) -> Tensor:",
        *indented(body, 2),
    ]
