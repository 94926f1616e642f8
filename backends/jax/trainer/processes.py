"""What a script has for several processes, each with some of the devices."""

from __future__ import annotations

from resdsl.codegen.trainer import Processes
from resdsl.codegen.trainer.text import split

PROCESSES = Processes(
    join=(
        "join_processes(options.device)",
        "rank, processes = jax.process_index(), jax.process_count()",
        "devices = jax.device_count()",
    ),
    devices="devices",
    leave="",
    launch="It takes all GPUs of the machine, which share every batch; `srun python {file}` takes "
    "those of all tasks of a Slurm job.",
)

_JOIN = '''
def join_processes(device: str | None) -> None:
    """Meet the other processes of a Slurm job, or those that `JAX_COORDINATOR_ADDRESS`,
    `JAX_NUM_PROCESSES` and `JAX_PROCESS_ID` speak of; without either this is the only one."""
    if device is not None:
        jax.config.update("jax_platforms", device)
    if "JAX_NUM_PROCESSES" in os.environ:
        count, number = os.environ["JAX_NUM_PROCESSES"], os.environ["JAX_PROCESS_ID"]
        jax.distributed.initialize(
            num_processes=int(count),
            process_id=int(number),
            cluster_detection_method="deactivate",
        )
    elif int(os.environ.get("SLURM_NTASKS", 1)) > 1:
        jax.distributed.initialize()
'''


def process_functions() -> list[list[str]]:
    """What stands before the `Trainer`."""
    return [split(_JOIN)]
