"""Finds the packages; everything else about the distribution stands in pyproject.toml.

The folders `backends/` and `grammars/` of the checkout become `resdsl.backends` and
`resdsl.grammars`. They are found rather than listed, because a list written by hand leaves a new
backend out of the wheel without a word.
"""

from setuptools import find_packages, setup

MAPPED = {"resdsl": "resdsl", "resdsl.backends": "backends", "resdsl.grammars": "grammars"}

packages = [
    name
    for root, folder in MAPPED.items()
    for name in [root, *(f"{root}.{found}" for found in find_packages(folder))]
]

setup(
    packages=packages,
    package_dir=MAPPED,
    # Every file beside the code: the grammars, py.typed, what a backend keeps for its preludes.
    # The standard library is a folder of .res files and no package.
    package_data={"": ["*"], "resdsl": ["library/*", "library/*/*"]},
)
