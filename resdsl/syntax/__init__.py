"""The syntax of `.res` files: reading, parsing, and what is said about files that do not parse."""

from resdsl.syntax.parser import parse, parse_expression
from resdsl.syntax.reader import read_source

__all__ = ["parse", "parse_expression", "read_source"]
