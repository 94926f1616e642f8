"""Measures start-up, compilation and export beside what one would use instead: `make bench`.

Every command is a process of its own. They take turns, round after round, so that a busy machine
slows both sides alike; what counts is the ratio of the medians. Exits with 1 if a target is missed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.long_files import many_definitions  # noqa: E402

RESDSL = str(Path(sys.executable).with_name("resdsl"))
RESNET50 = "examples/resnet.res:resnet50"
SHALLOW = "examples/resnet_cifar.res:resnet110"
DEEP = "examples/resnet_cifar.res:resnet1202"
BACKENDS = ("torch", "jax", "tensorflow", "onnx")
WEIGHTS = "weights"
# Python keeps compiled modules between runs unless it is told not to; the frameworks' were compiled
# when they were installed, so ours may be too.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

# What stands on the other side. `WORK` is the folder that `prepare` fills.
EXPORT = """
import logging, sys, warnings
warnings.filterwarnings("ignore"); logging.disable(logging.WARNING)
sys.path.insert(0, "WORK")
import torch
from resnet50_torch import Resnet50
model = Resnet50().eval()
torch.onnx.export(model, (torch.zeros(1, 3, 224, 224),), "WORK/peer.onnx", verbose=False)
"""
INITIALIZE = """
import sys
sys.path.insert(0, "WORK")
import torch
from resnet50_torch import Resnet50
torch.save(Resnet50().state_dict(), "WORK/peer.pt")
"""
FLAX = """
import sys, time
sys.path.insert(0, "WORK")
import jax
from flax import nnx
import resnet50_jax
start = time.perf_counter()
READY
jax.block_until_ready(nnx.state(model, (nnx.Param, nnx.BatchStat)))
print(time.perf_counter() - start)
"""
CONSTRUCTED = "model = resnet50_jax.Resnet50(rngs=nnx.Rngs(0))"
FILLED = 'model = resnet50_jax.load("WORK/weights.safetensors")'


@dataclass(slots=True)
class Command:
    """Something to time. `reports` if it prints its own seconds, which leave its imports out."""

    arguments: list[str]
    reports: bool = False
    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def run(self) -> None:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            start = time.perf_counter()
            process = subprocess.Popen(
                self.arguments, stdout=out, stderr=errors, cwd=ROOT, env=ENVIRONMENT
            )
            # The only wait that tells this child's memory.
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            errors.seek(0)
            if process.returncode:
                said = (out.read() + errors.read()).decode(errors="replace")
                command = " ".join(self.arguments)
                sys.exit(f"{command}\nended with status {process.returncode}:\n{said[-3000:]}")
            self.seconds.append(float(out.read().split()[-1]) if self.reports else seconds)
        unit = 1024**2 if sys.platform == "darwin" else 1024
        self.megabytes.append(usage.ru_maxrss / unit)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: the command `ours` beside `peer`, and how large their ratio may be.

    The time of `base` is taken off both first. `memory` compares peaks instead of times. Without a
    limit the ratio is only told.
    """

    title: str
    ours: str
    peer: str
    limit: float | None = None
    memory: bool = False
    base: str | None = None

    @property
    def commands(self) -> set[str]:
        return {self.ours, self.peer} | ({self.base} if self.base else set())


ROWS = [
    Row("ResNet-50 to ONNX with weights / torch.onnx.export", "onnx", "torch.onnx.export", 1 / 6),
    Row("  its peak memory / the bytes of the weights", "onnx", WEIGHTS, 2.0, memory=True),
    Row("  its peak memory / the exporter's", "onnx", "torch.onnx.export", memory=True),
    Row("ResNet-50 to PyTorch source / import torch", "torch", "import torch", 1 / 10),
    Row("ResNet-50 in JAX, filled from a file / constructed", "filled", "constructed", 1 / 4),
    Row("initialize ResNet-50 / in PyTorch", "init", "torch init"),
    Row("check resnet.res / import lark, click, rich", "check", "imports"),
    Row("compile ResNet-50 to source / import lark, click, rich", "torch", "imports"),
    Row("check resnet_cifar.res, up to 1202 layers / the same", "check deep", "imports"),
    # Start-up is taken off: it would hide how the work grows.
    Row(
        "check a file of 10,000 lines / of 1,000", "check 10,000", "check 1,000", 12.0, base="start"
    ),
    *(
        Row(
            f"ResNet-1202 / ResNet-110, compile to {backend}",
            f"{backend} deep",
            f"{backend} shallow",
            1202 / 110,
            base="start",
        )
        for backend in BACKENDS
    ),
]


def prepare(work: Path) -> Command:
    """Files and weights for the commands. Returns the size of the weights as if measured."""
    weights = work / "weights.safetensors"
    for lines in (1_000, 10_000):
        (work / f"{lines}.res").write_text(many_definitions(lines))
    for arguments in (
        ["compile", RESNET50, "--backend", "torch", "-o", str(work)],
        ["compile", RESNET50, "--backend", "jax", "-o", str(work)],
        ["init", RESNET50, "--seed", "0", "-o", str(weights)],
    ):
        Command([RESDSL, *arguments]).run()
    return Command([], megabytes=[weights.stat().st_size / 1024**2])


def commands(work: Path) -> dict[str, Command]:
    """Everything that can be timed, by name."""
    out = str(work / "out")

    def ours(*arguments: str) -> Command:
        return Command([RESDSL, *arguments])

    def compile_to(backend: str, network: str, *options: str) -> Command:
        return ours("compile", network, "--backend", backend, "-o", out, *options)

    def python(program: str, ready: str = "") -> Command:
        text = program.replace("READY", ready).replace("WORK", str(work))
        return Command([sys.executable, "-c", text], reports=bool(ready))

    return {
        "onnx": compile_to("onnx", RESNET50, "--seed", "0"),
        "torch": compile_to("torch", RESNET50),
        "torch.onnx.export": python(EXPORT),
        "import torch": python("import torch"),
        "filled": python(FLAX, FILLED),
        "constructed": python(FLAX, CONSTRUCTED),
        "init": ours("init", RESNET50, "--seed", "0", "-o", f"{out}/weights.safetensors"),
        "torch init": python(INITIALIZE),
        "check": ours("check", "examples/resnet.res"),
        "check deep": ours("check", "examples/resnet_cifar.res"),
        "check 1,000": ours("check", str(work / "1000.res")),
        "check 10,000": ours("check", str(work / "10000.res")),
        "imports": python("import lark, click, rich"),
        "start": ours("--version"),
        **{f"{backend} shallow": compile_to(backend, SHALLOW) for backend in BACKENDS},
        **{f"{backend} deep": compile_to(backend, DEEP) for backend in BACKENDS},
    }


def take_turns(timed: dict[str, Command], rounds: int) -> None:
    """Run everything once a round."""
    names = list(timed)
    for turn in range(rounds):
        # Another one begins each time, so that nobody always follows the heaviest.
        first = turn * len(names) // rounds
        for name in names[first:] + names[:first]:
            progress(f"round {turn + 1} of {rounds}: {name}")
            timed[name].run()
    progress("")


def progress(text: str) -> None:
    """What is going on, on one line of a terminal that each call overwrites."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def line(row: Row, timed: dict[str, Command]) -> tuple[str, bool]:
    """A row as text, and whether it keeps within its limit."""
    ours, peer = (
        timed[name].megabytes if row.memory else timed[name].seconds
        for name in (row.ours, row.peer)
    )
    base = statistics.median(timed[row.base].seconds) if row.base else 0.0
    ratio = (statistics.median(ours) - base) / max(statistics.median(peer) - base, 1e-9)
    passed = row.limit is None or ratio <= row.limit
    target = "" if row.limit is None else f"{row.limit:7.3f} {'PASS' if passed else 'FAIL'}"
    columns = (spread(side, "MB" if row.memory else "s") for side in (ours, peer))
    return "{:<56} {:<22} {:<22}".format(row.title, *columns) + f" {ratio:7.3f} {target}", passed


def spread(values: list[float], unit: str) -> str:
    """The median, and the smallest and largest in brackets."""
    digits = 0 if unit == "MB" else 2
    middle, low, high = (
        f"{v:.{digits}f}" for v in (statistics.median(values), min(values), max(values))
    )
    return f"{middle} {unit} ({low}-{high})" if low != high else f"{middle} {unit}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns of each command (5)")
    parser.add_argument("--only", default="", help="the rows whose title contains this")
    options = parser.parse_args()
    rows = [row for row in ROWS if options.only in row.title]
    wanted = set().union(*(row.commands for row in rows))
    with tempfile.TemporaryDirectory() as folder:
        weights = prepare(Path(folder))
        timed = {n: c for n, c in commands(Path(folder)).items() if n in wanted}
        take_turns(timed, options.rounds)
    timed[WEIGHTS] = weights
    print(f"medians of {options.rounds} interleaved rounds, with the spread\n")
    print(f"{'':<56} {'resdsl':<22} {'beside it':<22} {'ratio':>7} {'target':>7}")
    verdicts = []
    for row in rows:
        text, passed = line(row, timed)
        print(text)
        verdicts.append(passed)
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
