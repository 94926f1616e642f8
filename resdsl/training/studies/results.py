"""A study's folder: tables as CSV, the facts, the plot, and a page that shows and tells it all."""

from __future__ import annotations

from pathlib import Path

from resdsl.diagnostics import error
from resdsl.files import write_text
from resdsl.training.studies import words
from resdsl.training.studies.study import Facts, Results, facts_from_json, load_study
from resdsl.training.studies.table import from_csv, to_csv

FACTS = "study.json"
PAGE = "README.md"


def write_results(results: Results, folder: Path) -> None:
    """Write everything."""
    write_text(folder / FACTS, results.facts.to_json())
    for name, table in results.tables.items():
        write_text(folder / f"{name}.csv", to_csv(table))
    write_shown(results, folder)


def write_shown(results: Results, folder: Path) -> None:
    """Write what follows from the numbers: the plot and the page."""
    from resdsl.training.studies import plots

    write_text(folder / PAGE, page(results))
    plots.save(load_study(results.facts.study).draw(results), folder, results.facts.study)


def read_results(folder: Path) -> Results:
    """What `write_results` wrote. Raises `CompileError` (`R0871`) where it is not there."""
    try:
        facts = facts_from_json((folder / FACTS).read_text(encoding="utf-8"))
        tables = {path.stem: from_csv(path.read_text(encoding="utf-8")) for path in _files(folder)}
    except (OSError, ValueError, TypeError) as problem:
        raise error(
            "R0871", f"`{folder}` does not hold the results of a study", notes=[str(problem)]
        ) from None
    return Results(facts, tables)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.csv"))


def page(results: Results) -> str:
    """The page in Markdown: the question, the plot, the words, and how to get it again."""
    facts = results.facts
    study = load_study(facts.study)
    return "\n".join(
        [
            f"# {study.TITLE}\n",
            f"![{study.TITLE}]({facts.study}.svg)\n",
            study.text(results),
            _made(facts, sorted(results.tables)),
        ]
    )


def _made(facts: Facts, tables: list[str]) -> str:
    files = words.listed([f"[{name}.csv]({name}.csv)" for name in tables])
    known = [f"{name} {version}" for name, version in facts.versions.items() if version != "none"]
    seeds = "one seed" if facts.seeds == 1 else f"{facts.seeds} seeds"
    given = "Numbers are means" + (
        "." if facts.seeds == 1 else ", with the lowest and the highest seed in brackets."
    )
    return words.paragraph(
        f"All numbers are in {files}; made by `{facts.command}`, {seeds}, from {facts.data}, on "
        f"{facts.device} with {'1 thread' if facts.threads == 1 else f'{facts.threads} threads'} a "
        f"run. {given} {', '.join(known)}.",
    )
