"""The fuzzer: random inputs by number, what becomes of each, and failures made small.

`python tests/fuzz.py --count 100000` runs it, and `tests/passes/test_fuzz.py` runs some of it.
"""
