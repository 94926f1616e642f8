"""The backends, packaged as `resdsl.backends`: one folder each, found by name and never listed.

This file keeps the folder a package. Without it `backends/` could become an import root, and the
folder named `torch` would hide the framework. Load one with `get_backend("torch")`.
"""
