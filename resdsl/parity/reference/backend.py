"""The user's module as the comparison sees it: a backend that prints nothing."""

from __future__ import annotations

from resdsl.codegen.backend import Backend
from resdsl.parity.reference.plan import NAME

REFERENCE = Backend(
    name=NAME,
    title="your module",
    file_suffix="",
    extra="",
    requires=(),
    capabilities=frozenset({"eval", "train", "gradients", "steps"}),
)
