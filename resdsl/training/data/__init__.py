"""Data: sources, transforms, and batches in an order that the seed alone decides.

Nothing is imported here, so that a reader of `transforms.py`'s text loads no NumPy.
"""
