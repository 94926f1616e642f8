"""A fuzzing run: networks one after the other, what became of them, and the findings as files."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random

from resdsl.diagnostics import CompileError, error, render_all
from resdsl.files import write_text
from resdsl.fuzzing.author import Author
from resdsl.fuzzing.bench import Bench
from resdsl.fuzzing.compiling import Crash, Workshop
from resdsl.fuzzing.guests import Guests
from resdsl.fuzzing.shrink import shrunk
from resdsl.fuzzing.trial import Trial, crashed
from resdsl.fuzzing.verdicts import Failure, Verdict
from resdsl.ir.graph import Graph
from resdsl.ops import OPS
from resdsl.parity.plan import run_name
from resdsl.parity.session import backends_of
from resdsl.parity.settings import BACKENDS, Settings
from resdsl.records import dataclass, field

#: Networks in work at a time: while one is compared, the next is compiled.
AHEAD = 3
#: Seconds that making one finding small may take.
SHRINKING = 120.0


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked for. `count` ends it before `minutes` are over."""

    folder: Path
    backends: tuple[str, ...] = BACKENDS
    dtype: str = "float64"
    minutes: float = 10.0
    seed: int = 1
    count: int | None = None
    start: int = 0
    operations: tuple[str, ...] = ("*",)
    files: tuple[Path, ...] = ()
    root: str | None = None
    copies: int = 1
    limit: float = 120.0

    def chosen(self) -> list[str]:
        """The operations that networks are made of. Raises `CompileError` if there are none."""
        found = [n for n in OPS if any(fnmatchcase(n, p) for p in self.operations)]
        if not [n for n in found if not OPS[n].is_join]:
            raise error(
                "R0631",
                f"no operation is called like `{','.join(self.operations)}`",
                help="`resdsl ops` lists them; `--ops 'conv*,*norm'`",
            )
        return found


@dataclass(frozen=True, slots=True)
class Found:
    """A network that something is wrong with, and where it was written."""

    number: int
    failure: Failure
    path: Path


@dataclass(slots=True)
class Summary:
    """What has become of the networks so far."""

    ran: int = 0
    agreed: int = 0
    by_rounding: int = 0
    not_finite: int = 0
    #: Networks that a backend refuses, by backend and code.
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: Networks that fewer than two backends take: nothing was compared.
    alone: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)
    #: How often each kind of failure came up.
    kinds: Counter[tuple[str, ...]] = field(default_factory=Counter)
    seconds: float = 0.0
    interrupted: bool = False

    def add(self, graph: Graph | None, verdict: Verdict) -> None:
        """Count one network."""
        self.refused.update(verdict.refused.items())
        if verdict.failures:
            self.kinds.update({failure.kind for failure in verdict.failures})
        elif len(verdict.ran) < 2:
            self.alone += 1
            return
        self.ran += 1
        self.agreed += verdict.agrees
        self.by_rounding += verdict.by_rounding
        self.not_finite += verdict.not_finite
        if graph is not None:
            self.operations.update({node.op.name for node in graph.nodes})


#: Told after every network, and of every finding.
Watch = Callable[[Summary], None]


@dataclass(frozen=True, slots=True)
class Written:
    """A network by its number: its text and graph, or what the compiler did instead."""

    text: str
    graph: Graph | None = None
    crash: Failure | None = None


def write(order: Order, number: int, workshop: Workshop, guests: Guests | None) -> Written:
    """The network of a number: the same number, seed and order, the same text."""
    pick = Random(f"{order.seed}/{number}")
    author = Author(pick, None, order.chosen(), guests, workshop.probe)
    try:
        text = workshop.laid_out(author.file())
        return Written(text, workshop.graph(text))
    except Crash as crash:
        return Written(crash.text, crash=crashed(crash))


def texts(order: Order) -> Iterator[tuple[int, str]]:
    """The networks of an order as text, one if it does not say how many."""
    workshop, guests = _tools(order)
    for number in range(order.start, order.start + (order.count or 1)):
        yield number, write(order, number, workshop, guests).text


def run(order: Order, watch: Watch) -> Summary:
    """Networks until the time is over; findings are written as they come.

    Raises `CompileError` for what cannot be done, before anything is started.
    """
    order.chosen()
    settings = Settings(backends=order.backends, dtype=order.dtype, seed=order.seed)
    settings.check()
    backends = backends_of(settings)
    order.folder.mkdir(parents=True, exist_ok=True)
    workshop, guests = _tools(order)
    names = [run_name(name, order.dtype) for name in backends]
    if order.dtype != "float64":
        reference = "torch" if "torch" in backends else next(iter(backends))
        names.append(run_name(reference, "float64"))
    with Bench(names, order.copies, order.limit) as bench:
        trial = Trial(backends, bench, order.dtype, seed=order.seed)
        return _Run(order, workshop, guests, trial, watch).go()


def _tools(order: Order) -> tuple[Workshop, Guests | None]:
    workshop = Workshop(order.folder, order.root or _root(order.files))
    return workshop, Guests(order.files, workshop) if order.files else None


def _root(files: Sequence[Path]) -> str | None:
    """The folder that has all of the files: imports of networks beside them lead there."""
    return os.path.commonpath([path.resolve().parent for path in files]) if files else None


class _Run:
    """The loop over numbers, with a few networks in work at a time."""

    def __init__(
        self,
        order: Order,
        workshop: Workshop,
        guests: Guests | None,
        trial: Trial,
        watch: Watch,
    ) -> None:
        self._order = order
        self._workshop = workshop
        self._guests = guests
        self._trial = trial
        self._watch = watch
        self._summary = Summary()
        self._started = time.monotonic()
        self._seen: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()

    def go(self) -> Summary:
        number, working = self._order.start, set[Future[None]]()
        executor = ThreadPoolExecutor(max_workers=AHEAD * self._order.copies)
        try:
            while self._goes_on(number) or working:
                while self._goes_on(number) and len(working) < AHEAD * self._order.copies:
                    working.add(executor.submit(self._one, number))
                    number += 1
                done, working = wait(working, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
        except KeyboardInterrupt:
            self._summary.interrupted = True
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
        return self._summary

    def _goes_on(self, number: int) -> bool:
        count = self._order.count
        over = time.monotonic() - self._started > self._order.minutes * 60
        return not over and (count is None or number < self._order.start + count)

    def _one(self, number: int) -> None:
        written = write(self._order, number, self._workshop, self._guests)
        if written.graph is None:
            verdict = Verdict(failures=(written.crash,) if written.crash else ())
        else:
            verdict = self._trial.of(written.graph)
        fresh = []
        with self._lock:
            self._summary.add(written.graph, verdict)
            self._summary.seconds = time.monotonic() - self._started
            for failure in verdict.failures:
                if failure.kind not in self._seen:
                    self._seen.add(failure.kind)
                    fresh.append(failure)
            self._watch(self._summary)
        for failure in fresh:
            self._found(number, written, failure)

    def _found(self, number: int, written: Written, failure: Failure) -> None:
        """Write a finding as it is, then make it small and write it again."""
        folder = self._order.folder / f"{self._order.seed}-{number}-{'-'.join(failure.kind[:2])}"
        folder.mkdir(parents=True, exist_ok=True)
        self._write(folder, "network.res", written.text, failure, number)
        with self._lock:
            self._summary.found.append(Found(number, failure, folder / "network.res"))
            self._watch(self._summary)
        last = [failure]

        def fails(text: str) -> bool:
            again = next((f for f in self._failures(text, failure) if f.kind == failure.kind), None)
            if again is not None:
                last[0] = again
                self._write(folder, "shrunk.res", text, again, number)
            return again is not None

        shrunk(written.text, self._workshop, fails, SHRINKING)

    def _failures(self, text: str, failure: Failure) -> Sequence[Failure]:
        try:
            graph = self._workshop.graph(text)
        except Crash as crash:
            return (crashed(crash),)
        except CompileError:
            return ()
        only = () if failure.backend is None else (failure.backend,)
        return self._trial.of(graph, only).failures

    def _write(self, folder: Path, name: str, text: str, failure: Failure, number: int) -> None:
        # Imports of the text are relative to the folder above.
        moved = text.replace('import "', 'import "../')
        write_text(folder / name, moved)
        diagnostic = render_all([failure.diagnostic])
        told = f"network {number} of seed {self._order.seed}: {' '.join(failure.kind)}\n\n"
        write_text(folder / "diagnostic.txt", f"{told}{diagnostic}\n")
