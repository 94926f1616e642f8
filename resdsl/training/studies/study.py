"""What a study is: runs of small networks, what is measured in each, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from resdsl.records import dataclass, field, replace
from resdsl.training.studies.table import Row, Table

if TYPE_CHECKING:
    from resdsl.training.studies.bench import Bench

#: A row, and the name of the table that it belongs to.
Found: TypeAlias = "tuple[str, Row]"


@dataclass(frozen=True, slots=True)
class Run:
    """One network, trained or looked into once.

    `labels` are what its rows are called by, the seed left out. The network is a model of the
    studies' files with settings as of `--set`; `recipe` may have arguments: `digits(lr = 0.05)`.
    Runs of more `effort` begin first; one that is to be `alone` is not disturbed by others.
    """

    labels: Mapping[str, str | int | float]
    network: str
    settings: tuple[str, ...]
    input: str
    recipe: str
    seed: int = 0
    effort: float = 1.0
    alone: bool = False

    def to_json(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "labels": dict(self.labels),
            "network": self.network,
            "settings": list(self.settings),
            "input": self.input,
            "recipe": self.recipe,
            "seed": self.seed,
            "effort": self.effort,
            "alone": self.alone,
        }

    @property
    def name(self) -> str:
        """A name for files that no other run of the study has."""
        return "-".join([*map(str, self.labels.values()), str(self.seed)]).replace(" ", "_")

    @property
    def title(self) -> str:
        """`plain, depth 20, seed 1`, for progress."""
        said = [
            str(value) if isinstance(value, str) else f"{name} {value:g}"
            for name, value in self.labels.items()
        ]
        return ", ".join([*said, f"seed {self.seed}"])


def run_from_json(data: Mapping[str, Any]) -> Run:
    """The inverse of `Run.to_json`."""
    return Run(**{**data, "settings": tuple(data["settings"])})


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a study is. What a study does not use is left empty.

    `recipe` may be a format with `{rate}` for a learning rate, one of `rates`. Networks are looked
    into at the steps of `marks`, or at the rate `watched`; `timed` are rounds of steps.
    """

    input: str = "1x8x8"
    recipe: str = "digits"
    depths: tuple[int, ...] = ()
    width: int = 16
    rates: tuple[float, ...] = ()
    marks: tuple[int, ...] = ()
    watched: float = 0.0
    timed: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a reader must know to judge the numbers, or to get them again.

    `scale` is a name of the study's `SCALES`, `versions` are those of everything that took part.
    """

    study: str
    scale: str
    seeds: int
    command: str
    data: str
    device: str
    threads: int
    versions: Mapping[str, str]

    def to_json(self) -> str:
        """As a text, for a file beside the tables."""
        said = {name: getattr(self, name) for name in Facts.__dataclass_fields__}
        return json.dumps({**said, "versions": dict(self.versions)}, indent=1) + "\n"


def facts_from_json(text: str) -> Facts:
    """The inverse of `Facts.to_json`. Raises `ValueError`, `TypeError` where it is none."""
    return Facts(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Results:
    """All that a study found: its tables by name, and the facts."""

    facts: Facts
    tables: Mapping[str, Table] = field(default_factory=dict)

    def __getitem__(self, table: str) -> Table:
        return self.tables[table]


class Study(Protocol):
    """What a module of a study has."""

    #: In one line, a question.
    TITLE: str
    #: `digits`, the default; `cifar10`, the full one; `smallest`, for tests.
    SCALES: Mapping[str, Scale]

    def runs(self, scale: Scale) -> list[Run]:
        """The runs of one seed."""

    def measure(self, bench: Bench, run: Run, scale: Scale) -> Iterator[Found]:
        """Carry out one run. Rows need not have the run's labels and seed."""

    def draw(self, results: Results) -> Any:
        """A matplotlib figure."""

    def text(self, results: Results) -> str:
        """What was expected and what was measured, as Markdown, from the results alone."""


def load_study(name: str) -> Study:
    """The module of a study."""
    return cast(Study, import_module(f"resdsl.training.studies.{name}"))


def with_seeds(runs: list[Run], seeds: int) -> list[Run]:
    """Each run once a seed, counted from 0: those that take longest first."""
    seeded = [replace(run, seed=seed) for seed in range(seeds) for run in runs]
    return sorted(seeded, key=lambda run: -run.effort)
