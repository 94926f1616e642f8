"""Probed files: every result that no layer leaves goes through `probe`, under its name.

Who looks on puts a function of his own into the module; as printed, it passes everything on.
"""

from __future__ import annotations

from resdsl.codegen.lower.dialect import PROBE

_SOURCE = '''
def probe(module, label, value):
    """Pass on a value of `module`; whoever wants to see it puts another function here."""
    return value
'''


def probed(label: str, value: str) -> str:
    """`probe(self, "relu1", F.relu(x))`, from texts of Python."""
    return f"{PROBE}(self, {label}, {value})"


def with_probe(prelude: list[str]) -> list[str]:
    """The helpers of a file and the function beside them."""
    return [*prelude, *(["", ""] if prelude else []), *_SOURCE.strip("\n").split("\n")]
