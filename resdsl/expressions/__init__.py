"""Expressions of the language: nodes, their evaluation, and their symbolic simplification."""
