"""Parity: the same network, weights and batches in several frameworks, compared number by number.

    settings   what is asked for            facts, inputs, draw, photographs, start   what is needed
    plan       a worker's orders            worker      carries them out, in a process of its own
    processes  starts workers               trace       what a worker computed
    compare    two traces                   judge       limits, verdicts, the first difference
    report     the result as data           display     the result on the screen
    reports/   the result as files          probes/     values on the way
    localize/  where a difference is made   causes/     what operations mean elsewhere
    places     where values stand           numerics    the policy of runs, said and compared
    traces/    traces as files that travel  trajectory/ whole trainings

A worker process imports one framework. Everything passes between processes as files, and the
comparison reads traces only.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resdsl.parity.reference.target import Reference as Reference
    from resdsl.parity.report import Report as Report
    from resdsl.parity.session import run as run
    from resdsl.parity.settings import Settings as Settings

_HOMES = {
    "Reference": "reference.target",
    "Report": "report",
    "Settings": "settings",
    "run": "session",
}


def __getattr__(name: str) -> object:
    # Late, because every worker imports this package before its framework.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"resdsl.parity.{_HOMES[name]}"), name)
