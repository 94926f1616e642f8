"""`.res` files as tests of pytest: a file has its models, and a model a test for every backend that
is compared with the reference. The comparison itself is made once for a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from resdsl.codegen.backend import Backend, get_backend
from resdsl.diagnostics import CompileError, render_all
from resdsl.parity.settings import Settings, missing_of, reference_of
from resdsl.passes.load import complete_models, load_program

if TYPE_CHECKING:
    from resdsl.parity.report import Report, Row

SETTINGS_KEY = pytest.StashKey[Settings]()


def settings_of(backends: Iterable[str], texts: Mapping[str, str]) -> Settings:
    """The settings of pytest's configuration. Raises `pytest.UsageError` for wrong ones."""
    try:
        settings = Settings(
            backends=tuple(" ".join(backends).replace(",", " ").split()),
            dtype=texts["resdsl_dtype"].strip(),
            steps=_whole(texts, "resdsl_steps"),
            batch=_whole(texts, "resdsl_batch"),
        )
        settings.check()
        _backends(settings)
    except CompileError as failure:
        raise pytest.UsageError(f"resdsl: {render_all(failure.diagnostics)}") from None
    return settings


def _whole(texts: Mapping[str, str], name: str) -> int:
    try:
        return int(texts[name])
    except ValueError:
        raise pytest.UsageError(f"{name} is {texts[name]!r} and must be a whole number") from None


def _backends(settings: Settings) -> dict[str, Backend]:
    return {name: get_backend(name) for name in settings.backends}


class ResFile(pytest.File):
    """One file. Models that want arguments are left out, as `resdsl check` leaves them out."""

    def collect(self) -> Iterator[pytest.Item]:
        try:
            program = load_program(str(self.path))
            models = complete_models(program)
        except CompileError as failure:
            raise self.CollectError(render_all(failure.diagnostics)) from None
        settings = self.config.stash[SETTINGS_KEY]
        reference = reference_of(_backends(settings))
        for model in models:
            line = program.models[model].span.line - 1
            comparison = Comparison(f"{self.path}:{model}", settings, reference)
            for backend in settings.backends:
                if backend != reference:
                    yield ParityItem.from_parent(
                        self,
                        name=f"{model}[{backend}]",
                        backend=backend,
                        comparison=comparison,
                        place=(line, model),
                    )


class Comparison:
    """One model in the reference and in the backends whose tests are run, compared once."""

    def __init__(self, target: str, settings: Settings, reference: str) -> None:
        self.target = target
        self.settings = settings
        self.reference = reference
        self._outcome: Report | CompileError | None = None

    def report(self, session: pytest.Session) -> Report:
        """The comparison, made when it is first asked for."""
        if self._outcome is None:
            try:
                self._outcome = self._run(session)
            except CompileError as failure:
                self._outcome = failure
        if isinstance(self._outcome, CompileError):
            raise self._outcome
        return self._outcome

    def _run(self, session: pytest.Session) -> Report:
        from resdsl.parity import run
        from resdsl.parity.inputs import load_network

        items = [i for i in session.items if isinstance(i, ParityItem) and i.comparison is self]
        wanted = {self.reference, *(item.backend for item in items if item.obstacle is None)}
        chosen = tuple(name for name in self.settings.backends if name in wanted)
        return run(load_network(self.target), replace(self.settings, backends=chosen))


class Different(AssertionError):
    """A backend does not compute the same network; the text is what there is to say."""


class ParityItem(pytest.Item):
    """The test that one backend computes a model as the reference does."""

    def __init__(
        self, *, backend: str, comparison: Comparison, place: tuple[int, str], **others: Any
    ) -> None:
        super().__init__(**others)
        self.backend = backend
        self.comparison = comparison
        self.place = place

    @property
    def obstacle(self) -> str | None:
        """Why the test cannot run here: a framework that is not installed."""
        for name in (self.comparison.reference, self.backend):
            backend = get_backend(name)
            missing = missing_of(backend)
            if missing:
                role = "" if name == self.backend else ", the reference,"
                return (
                    f"`{name}`{role} needs {', '.join(missing)}, which is not installed "
                    f"(pip install 'resdsl[{backend.extra}]')"
                )
        return None

    def setup(self) -> None:
        if self.obstacle is not None:
            pytest.skip(self.obstacle)

    def runtest(self) -> None:
        from resdsl.parity.display import text

        report = self.comparison.report(self.session)
        rows = _rows_of(report, self.backend)
        for name, cell in rows[-1].cells.items():
            if cell.error is not None:
                self.user_properties.append((f"parity {name}", f"{cell.error:.1e}"))
        if not all(row.is_good for row in rows):
            raise Different(text(replace(report, rows=tuple(rows))))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, Different):
            return str(excinfo.value)
        if isinstance(excinfo.value, CompileError):
            return render_all(excinfo.value.diagnostics)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        line, model = self.place
        return self.path, line, f"parity of {model}, {self.backend}"


def _rows_of(report: Report, backend: str) -> list[Row]:
    """The runs of the reference and that of one backend, which comes last."""
    candidates = [row for row in report.rows if row.backend == backend]
    others = [row for row in report.rows if row.backend == report.rows[0].backend]
    return [*others, *candidates]
