"""The user's own module as one more run of a comparison: `--reference FILE.py:CLASS`."""

from resdsl.parity.reference.target import Reference

__all__ = ["Reference"]
