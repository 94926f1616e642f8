"""Counts and places in words."""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 4
_NOUNS = {"linear": "linear layer", "depthwise": "depthwise conv"}


def plural(count: int, name: str) -> str:
    """`1 conv`, `53 batch norms`."""
    noun = _NOUNS.get(name, name.replace("_", " "))
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun}{'es' if noun.endswith('x') else 's'}"


def in_places(paths: Sequence[str], all_of_them: str = "") -> str:
    """`: layer2.0, layer3.0`; of many only the first and the last."""
    if all_of_them:
        return f" ({all_of_them})"
    named = [path or "the network itself" for path in paths]
    if len(named) > _SHOWN:
        named = [*named[:2], "...", named[-1]]
    return f": {', '.join(named)}"
