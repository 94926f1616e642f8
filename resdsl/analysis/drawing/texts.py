"""How wide a text will be, without a font at hand.

Widths are those of DejaVu Sans, the widest of the fonts that `sans-serif` stands for, so that a
text fits into its box whatever font the reader has.
"""

from __future__ import annotations

_NARROW = frozenset("ijl.,:;|'! ()[]-/ftr")
_WIDE = frozenset("mwMW%@")


def text_width(text: str, size: float) -> float:
    """Width of a line of text in the unit of `size`."""
    return sum(_ems(character) for character in text) * size


def _ems(character: str) -> float:
    if character in _NARROW:
        return 0.38
    if character in _WIDE:
        return 0.98
    return 0.72 if character.isupper() else 0.63
