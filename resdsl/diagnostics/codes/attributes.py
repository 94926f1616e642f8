"""Codes R04xx: attributes of operations, and arguments of a recipe's options."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0401",
        "a value that an attribute does not take",
        "The operation documents what each of its attributes takes: a number in a range, one of a "
        "few texts, a pair, an initializer. The reference of operations lists them all.",
        "model net {\n    input(3, 32, 32)\n    conv1: conv(8, 3, stride = 0)\n}\n",
        "model net {\n    input(3, 32, 32)\n    conv1: conv(8, 3, stride = 1)\n}\n",
    ),
    Code(
        "R0402",
        "attributes that do not go together",
        "Each attribute is valid by itself, but not with the others: groups that do not divide the "
        "channels, an even kernel whose padding would be lopsided, a padding wider than half the "
        "window of a pool.",
        "model net {\n    input(3, 32, 32)\n    conv1: conv(8, 2)\n}\n",
        'model net {\n    input(3, 32, 32)\n    conv1: conv(8, 2, pad = "valid")\n}\n',
    ),
]
