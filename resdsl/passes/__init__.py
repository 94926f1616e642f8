"""Passes: `resolve` settles names, `elaborate` unrolls a model into a graph with shapes."""
