"""Every diagnostic code of the compiler, for `resdsl explain` and the reference page.

Each stage writes its codes into a file of its own here; nothing else imports this package, so that
its texts cost no start-up time.
"""

from __future__ import annotations

from itertools import chain

from resdsl.diagnostics.codes import (
    attributes,
    backends,
    command,
    data,
    files,
    imports,
    models,
    names,
    parity,
    recipes,
    shapes,
    studies,
    syntax,
    training,
    words,
)
from resdsl.diagnostics.codes.code import Code

__all__ = ["CODES", "Code"]

_STAGES = (
    words,
    syntax,
    names,
    models,
    imports,
    shapes,
    attributes,
    backends,
    parity,
    files,
    command,
    data,
    recipes,
    training,
    studies,
)

CODES: dict[str, Code] = {
    code.code: code
    for code in sorted(chain.from_iterable(stage.CODES for stage in _STAGES), key=lambda c: c.code)
}
