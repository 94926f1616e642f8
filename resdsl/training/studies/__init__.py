"""Studies: the experiments that made residual networks famous, each one command.

One module a study, of the same name, here: which networks it runs, what it measures in them, its
plot and its words. `study.py` says what a module has; `session.py` carries one out. Nothing heavy
is imported here: the command line lists studies without NumPy.
"""

from __future__ import annotations

from resdsl.diagnostics import error
from resdsl.diagnostics.near import did_you_mean

#: In the order of the papers' arguments; what each one asks.
STUDIES = {
    "degradation": "do deeper plain networks train worse, and residual ones not?",
    "gradients": "what becomes of gradients on their way back, with and without shortcuts?",
    "initialisation": "does the variance of signals and gradients follow the theory?",
    "batch_norm": "what does batch norm do to activations, speed and learning rates?",
    "shortcuts": "are the shortcuts A, B and C different, and what do they cost?",
    "depth": "do deeper residual networks test better, from 8 layers to 110?",
}


def check_name(name: str) -> None:
    """Raise `CompileError` (`R0870`) unless there is such a study."""
    if name not in STUDIES:
        raise error(
            "R0870",
            f"there is no study called `{name}`",
            help=did_you_mean(name, STUDIES) or f"the studies are {', '.join(STUDIES)}",
        )
