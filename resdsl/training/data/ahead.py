"""Batches made ahead of their use, with Grain: by a thread, or by processes of their own."""

from __future__ import annotations

import atexit
import gc
import os
import threading
from collections.abc import Callable, Iterator
from functools import cache
from multiprocessing import connection, parent_process
from types import TracebackType
from typing import Any

import numpy as np

from resdsl.diagnostics import CompileError, error
from resdsl.training.data.dataset import Array
from resdsl.training.data.problems import not_installed

#: Batches that are ready or in the making: for one thread; and for each process, where one is in
#: the making, one waits to be sent, one is sent, and one has arrived.
AHEAD = 2
AHEAD_OF_PROCESS = 4


class Batches(Iterator[tuple[Array, Array]]):
    """An iterator over `make(start)`, `make(start + 1)`, ..., before `end`.

    Closing it, or leaving its `with`, ends its threads and processes. Memory is bounded: no more
    than `AHEAD` batches, or `AHEAD_OF_PROCESS` for each of the processes. Where making them
    `decodes` files, which does not hold up Python, up to four threads do so, a batch each.
    """

    def __init__(
        self,
        make: Callable[[int], tuple[Array, Array]],
        start: int,
        end: int,
        workers: int,
        decodes: bool,
    ) -> None:
        try:
            import grain
            from absl import flags
        except ImportError:
            raise not_installed("grain", "makes batches ahead of their use") from None
        if not flags.FLAGS.is_parsed():
            flags.FLAGS.mark_as_parsed()  # Grain's processes read flags; ours has no such options.
        threads = min(4, os.cpu_count() or 1) if decodes and not workers else 1
        # A process has no need of a thread: it works ahead as it is.
        options = grain.ReadOptions(
            num_threads=0 if workers else threads,
            prefetch_buffer_size=0 if workers else max(AHEAD, threads),
        )
        steps = grain.MapDataset.range(start, max(start, end)).map(make)
        ahead = steps.to_iter_dataset(options)
        if workers:
            _tidy_at_exit()
            ahead = ahead.mp_prefetch(
                grain.MultiprocessingOptions(num_workers=workers, per_worker_buffer_size=1),
                worker_init_fn=_end_with_parent,
            )
        self._workers = workers
        self._iterator: Any = iter(ahead)

    def __next__(self) -> tuple[Array, Array]:
        if self._iterator is None:
            raise StopIteration
        try:
            images, labels = next(self._iterator)
        except CompileError:
            self.close()
            raise
        except RuntimeError as problem:
            self.close()
            if "Worker process was terminated" not in str(problem):
                raise
            raise _worker_died(problem) from None
        # Grain's arrays in shared memory are of a class of its own; a view keeps them alive.
        return images.view(np.ndarray), labels.view(np.ndarray)

    def close(self) -> None:
        """End the threads and processes. More than once is once."""
        if self._iterator is not None:
            self._iterator.close()
            self._iterator = None
            if self._workers:
                # Grain's objects hold the last batches in circles, and with them shared memory.
                gc.collect()

    def __enter__(self) -> Batches:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@cache
def _tidy_at_exit() -> None:
    """Let shared memory that Grain gives back in a thread be gone before Python ends, where it
    would otherwise be reported as lost."""
    from grain.multiprocessing import SharedMemoryArray

    def wait() -> None:
        pool = getattr(SharedMemoryArray, "_del_thread_pool", None)
        if pool is not None:
            pool.apply(int)  # Behind all that is in its queue.

    atexit.register(wait)


def _worker_died(problem: RuntimeError) -> CompileError:
    return error(
        "R0807",
        "a worker process that makes batches has ended before its time",
        notes=[str(problem).splitlines()[0]],
        help="often memory, or shared memory (`df -h /dev/shm`), is full: fewer workers, a smaller "
        "batch, or no workers at all",
    )


def _end_with_parent(worker: int, workers: int) -> None:
    """Let a worker process not outlive the one it works for, even if that is killed."""
    parent = parent_process()
    assert parent is not None
    sentinel = parent.sentinel

    def wait() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=wait, daemon=True, name="resdsl-end-with-parent").start()
