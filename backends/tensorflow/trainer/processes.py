"""What a script has for several devices, in one process or in some that know of each other."""

from __future__ import annotations

from resdsl.codegen.trainer import Processes, shared_variance
from resdsl.codegen.trainer.text import split
from resdsl.ir.graph import Graph

PROCESSES = Processes(
    join=(
        "strategy = join_processes(options.device)",
        "rank, devices = strategy.cluster_resolver.task_id or 0, strategy.num_replicas_in_sync",
        "processes = devices // len(strategy.extended.worker_devices)",
    ),
    devices="devices",
    leave="",
    launch="It takes all GPUs of the machine, which share every batch; `srun python {file}` takes "
    "those of all tasks of a Slurm job.",
)

IMPORTS = (
    "import json",
    "import os",
    "import subprocess",
    "from collections.abc import Callable, Iterator, Mapping",
)

_SLURM = '''
def slurm_config() -> str:
    """The tasks of a Slurm job as `TF_CONFIG` has them: `SlurmClusterResolver` needs GPUs, and
    takes nodes in the order of their names."""
    show = ["scontrol", "show", "hostnames"]
    nodes = subprocess.run(show, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    tasks = range(int(os.environ["SLURM_NTASKS"]) // len(nodes))
    workers = [f"{node}:{12_345 + task}" for node in nodes for task in tasks]
    own = {"type": "worker", "index": int(os.environ["SLURM_PROCID"])}
    return json.dumps({"cluster": {"worker": workers}, "task": own})
'''

_JOIN = '''
def join_processes(device: str) -> tf.distribute.Strategy:
    """Meet the other processes of a Slurm job, or those that `TF_CONFIG` speaks of; without either
    this is the only one. Each brings all GPUs that it sees, or its processor."""
    if device == "cpu":
        tf.config.set_visible_devices([], "GPU")
    if "TF_CONFIG" not in os.environ and int(os.environ.get("SLURM_NTASKS", 1)) > 1:
        os.environ["TF_CONFIG"] = slurm_config()
    return tf.distribute.MultiWorkerMirroredStrategy()
'''

_SYNCHRONIZED = '''
class GlobalBatchNorm(keras.layers.BatchNormalization):
    """A batch norm over the batches of all devices. Keras's own, `synchronized`, takes the mean of
    squares and subtracts, for which float32 has too few digits."""

    def call(self, inputs, training=None, mask=None):
        if not training:
            return super().call(inputs, training=False)
        replica = tf.distribute.get_replica_context()
        axes = list(range(len(inputs.shape) - 1))
        x = tf.cast(inputs, self.variable_dtype)
        mean = replica.all_reduce("mean", tf.reduce_mean(x, axes))
        variance = replica.all_reduce("mean", tf.reduce_mean(tf.square(x - mean), axes))
<kept>
        y = tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)
        return tf.cast(y, self.compute_dtype)
'''

_UNBIASED = """
        n = replica.num_replicas_in_sync * tf.size(x) // x.shape[-1]
        kept = variance * tf.cast(n / (n - 1), x.dtype)  # as PyTorch keeps it
"""

_KEPT = """
        for statistic, new in ((self.moving_mean, mean), (self.moving_variance, <variance>)):
            statistic.assign(self.momentum * statistic + (1 - self.momentum) * new)
"""

_SYNCHRONIZE = '''
def synchronize(model: keras.Model) -> None:
    """Make batch norms those over the batches of all devices."""
    for _, layer in named_layers(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.__class__ = GlobalBatchNorm
'''


def process_functions(graph: Graph, synchronized: bool) -> list[list[str]]:
    """What stands before the `Trainer`."""
    sections = [split(_SLURM), split(_JOIN)]
    return [*sections, _batch_norm(graph), split(_SYNCHRONIZE)] if synchronized else sections


def _batch_norm(graph: Graph) -> list[str]:
    unbiased = shared_variance(graph) == "unbiased"
    kept = _KEPT.replace("<variance>", "kept" if unbiased else "variance").strip("\n")
    text = f"{_UNBIASED.strip(chr(10))}\n{kept}" if unbiased else kept
    return split(_SYNCHRONIZED.replace("<kept>", text))
