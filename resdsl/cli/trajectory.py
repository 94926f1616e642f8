"""`resdsl parity --recipe`: trainers side by side."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from resdsl.cli.output import say, show_diagnostics

if TYPE_CHECKING:
    from resdsl.parity.trajectory.session import Settings, Trajectory, Watch

#: What a recipe says, or what means nothing for trainers.
RECIPES_OWN = ("batch", "images", "lr", "momentum", "weight_decay", "workers", "tf32")
DIFFERENT = 1
#: Seconds between two words about the step.
TICK = 2.0


def compare_trainers(
    target: str,
    network: dict[str, Any],
    options: dict[str, Any],
    output: str | None,
    json_file: str | None,
) -> int:
    """Run the comparison that the options of `resdsl parity` ask for; returns the exit code."""
    from resdsl.cli.train import wanted_network
    from resdsl.parity.trajectory import plot, session
    from resdsl.parity.trajectory.report import lines

    settings = _settings(options)
    seed = options["seed"] if _is_given("seed") else None
    chosen = {**network, "seed": seed, "dtype": options["dtype"]}
    graph, recipe, _ = wanted_network(target, chosen)
    report = session.run(graph, recipe, settings, _watch())
    stem = _stem(report, output)
    written = [] if stem is None else plot.write_files(report, stem)
    if json_file == "-":
        say(_json(report))
    else:
        for line in lines(report):
            say(line)
        for path in written:
            say(f"wrote {path}")
        if json_file is not None:
            from resdsl.files import write_text

            write_text(Path(json_file), _json(report) + "\n")
    sys.stdout.flush()
    show_diagnostics(report.diagnostics)
    return 0 if report.agreed else DIFFERENT


def _settings(options: dict[str, Any]) -> Settings:
    from resdsl.cli.parity import sources_of
    from resdsl.parity.trajectory.session import Settings
    from resdsl.parity.trajectory.settings import BACKENDS

    for name in RECIPES_OWN:
        if _is_given(name):
            flag = "--" + name.replace("_", "-")
            raise click.UsageError(f"{flag} cannot be given with --recipe: try --set.")
    names = tuple(name.strip() for name in options["backends"].split(","))
    return Settings(
        backends=names if _is_given("backends") else BACKENDS,
        steps=options["steps"],
        device=options["device"],
        weights=None if options["weights"] is None else Path(options["weights"]),
        sources=sources_of(options["sources"]),
        keep=None if options["keep"] is None else Path(options["keep"]),
        floor=options["floor"],
    )


def _is_given(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is not ParameterSource.DEFAULT


def _watch() -> Watch:
    """Progress as lines on stderr, so that stdout is the report and nothing else."""
    said = 0.0

    def watch(run: str, what: str) -> None:
        nonlocal said
        if run == "all" and time.monotonic() - said < TICK:
            return
        said = time.monotonic()
        click.echo(f"{run}: {what}", err=True)

    return watch


def _stem(report: Trajectory, output: str | None) -> Path | None:
    """Where files go: into a folder, or for the curves of float32 beside the user."""
    if output is not None:
        return Path(output) / "trajectory"
    return None if report.dtype == "float64" else Path(f"{report.model}_trajectory")


def _json(report: Trajectory) -> str:
    import json

    return json.dumps(report.to_json(), indent=2, allow_nan=False)
