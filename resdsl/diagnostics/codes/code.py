"""What `resdsl explain` tells of one diagnostic code."""

from __future__ import annotations

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A code's title, a paragraph on why it is an error, and a wrong and a right example.

    The examples are whole `.res` files where the code is about such; lines end with a newline.
    """

    code: str
    title: str
    explanation: str
    wrong: str = ""
    right: str = ""
