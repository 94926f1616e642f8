"""The run folder: where everything is that belongs to one run.

    run.json                 what is run: network, recipe, settings, versions, the command
    weights.safetensors      the first weights, the same for every framework
    start.safetensors        the checkpoint that the run began with, if it did
    source/                  the generated models and trainers, which are what runs
    torch/log.jsonl          a backend's log, and beside it
    torch/metrics.csv        the same as a table, TensorBoard's event files,
    torch/checkpoints/       the last checkpoints and the best
    curves.svg, curves.png   error over iterations, of all backends

It gets its name when it is complete: a run that is killed before that has not begun.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from resdsl.diagnostics import CompileError, error
from resdsl.records import dataclass
from resdsl.training.logs import read_log

#: Seconds to wait for another process that is about to leave a backend's folder.
PATIENCE = 60.0
DEFAULT_PARENT = Path("runs")
RUN = "run.json"
#: Counted up when an older version could no longer read `run.json`.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The paths of a run."""

    path: Path

    @property
    def run(self) -> Path:
        return self.path / RUN

    @property
    def weights(self) -> Path:
        return self.path / "weights.safetensors"

    @property
    def start(self) -> Path:
        return self.path / "start.safetensors"

    @property
    def source(self) -> Path:
        return self.path / "source"

    def of(self, backend: str) -> Path:
        """Where the worker of a backend writes."""
        return self.path / backend

    def is_finished(self, backend: str) -> bool:
        """Whether a backend has come to the end of the run."""
        return any(line["event"] == "finished" for line in read_log(self.of(backend)))

    def read(self) -> dict[str, Any]:
        """What `run.json` says. Raises `CompileError` (`R0853`) where this is no run folder."""
        try:
            said = json.loads(self.run.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise error(
                "R0853",
                f"`{self.path}` is no run folder: it has no `{RUN}`",
                help="`--resume` takes the folder that `resdsl train` wrote, or a checkpoint in it",
            ) from None
        except (OSError, ValueError) as problem:
            raise error("R0853", f"`{self.run}` cannot be read", notes=[str(problem)]) from None
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise error("R0853", f"`{self.run}` was not written by this version of resdsl")
        return said


@contextmanager
def new_folder(final: Path) -> Iterator[RunFolder]:
    """A run folder to be filled in the `with` body; at its end it gets its name, all at once.

    Yields the folder under a name for the time being.
    """
    temporary = final.parent / f".{final.name}-{os.urandom(4).hex()}.tmp"
    try:
        temporary.mkdir(parents=True)
    except OSError as problem:
        raise error("R0851", f"`{final}` cannot be made: {problem.strerror}") from None
    try:
        yield RunFolder(temporary)
        temporary.rename(final)
    except OSError as problem:
        raise error("R0851", f"`{final}` cannot be made: {problem.strerror}") from None
    finally:
        _remove(temporary)


def free_name(model: str) -> Path:
    """`runs/resnet20-1`, or the next number that is not taken."""
    number = 1
    while (DEFAULT_PARENT / f"{model}-{number}").exists():
        number += 1
    return DEFAULT_PARENT / f"{model}-{number}"


def expect_free(folder: Path) -> None:
    """Raise `CompileError` (`R0852`) unless a run may be written there."""
    try:
        taken = folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))
    except OSError as problem:
        raise error("R0851", f"`{folder}` cannot be read: {problem.strerror}") from None
    if taken and (folder / RUN).is_file():
        raise error(
            "R0852",
            f"`{folder}` holds a run already",
            help=f"`resdsl train --resume {folder}` goes on with it; `-o` names another folder",
        )
    if taken:
        what = "is a folder with something in it" if folder.is_dir() else "is a file"
        raise error("R0852", f"`{folder}` {what}", help="`-o` names a folder that is new or empty")


def _remove(folder: Path) -> None:
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*"), reverse=True):
        with suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
    with suppress(OSError):
        folder.rmdir()


@contextmanager
def locked(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Keep others out of a backend's folder, as long as this process lives.

    Waits a while for one that is about to leave: a worker whose parent was killed still writes its
    checkpoint. Raises `CompileError` (`R0859`) if it stays.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such locks.
        yield
        return
    with (folder / ".lock").open("w") as file:
        deadline = time.monotonic() + PATIENCE
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise _in_use(folder) from None
            if not told:
                waiting()
                told = True
            time.sleep(0.1)
        yield


def _in_use(folder: Path) -> CompileError:
    return error(
        "R0859",
        f"another process trains in `{folder}`",
        help="wait for it to end, or end it; a new run needs another `-o`",
    )
