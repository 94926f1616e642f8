"""Parity in test suites: `assert_parity` for any of them, and a plugin for pytest.

Importing it imports nothing else of the package, since pytest loads the plugin wherever resdsl is
installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from resdsl.api import Model
    from resdsl.parity import Report

__all__ = ["assert_parity"]


def assert_parity(
    target: str | os.PathLike[str] | Model,
    *,
    backends: Iterable[str] = ("torch", "jax", "tensorflow", "onnx"),
    dtype: str = "float64",
    steps: int = 5,
    batch: int = 4,
    input: str | None = None,
    import_root: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> Report:
    """Raise `AssertionError`, with the diagnostic and the table, unless all backends agree.

    `target` is `"net.res:model"`, compared at `input` (`"3x64x64"`) or at a small size that tells,
    or a model of `resdsl.load`, compared as it is. `settings` are further fields of
    `resdsl.parity.Settings`: `sources={"jax": "port.py"}` compares a file of your own, `seed`,
    `weights`, `images`, `device`, `keep`. Returns the report.

    Raises `resdsl.diagnostics.CompileError` where nothing can be compared: a mistake in the file, a
    framework that is not installed, a setting that means nothing.
    """
    __tracebackhide__ = True
    from resdsl.parity import Settings, run
    from resdsl.parity.display import text
    from resdsl.testing.target import graph_of, paths_of

    chosen = Settings(
        backends=tuple(backends), dtype=dtype, steps=steps, batch=batch, **paths_of(settings)
    )
    chosen.check()
    report = run(graph_of(target, input, import_root), chosen)
    if not report.agreed:
        raise AssertionError(text(report))
    return report
