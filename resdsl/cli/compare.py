"""`resdsl compare`: traces from any machines, judged as `resdsl parity` judges."""

from __future__ import annotations

from pathlib import Path

import click

from resdsl.cli.runs import check_reports, report_options, show_report


@click.command()
@click.argument("traces", metavar="REFERENCE TRACE...", nargs=-1, required=True)
@report_options
def compare(
    traces: tuple[str, ...], json_file: str | None, junit: str | None, html: str | None
) -> int:
    """Compare files that `resdsl trace` wrote, each with the first, as `resdsl parity` does.

    It takes neither the frameworks nor the .res file; where that is at hand and has not changed,
    the line of the first difference is shown. In lower precision the reference is a float64 trace,
    and traces of the same framework in that precision, one of them made with --moved, are the
    yardsticks. The exit code is 0 if all agree, 1 if something differs, 2 if the files are no
    traces of the same thing. docs/traces.md
    """
    from resdsl.parity.traces.judged import compare_traces

    check_reports(html)
    report = compare_traces([Path(name) for name in traces])
    return show_report(report, json_file, junit, html)
