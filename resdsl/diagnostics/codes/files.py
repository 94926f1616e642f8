"""Codes R0701 to R0705: reading files."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0701",
        "no such file",
        "The path leads to nothing. Paths on the command line are relative to the folder the "
        "command runs in; paths in an `import` are relative to the importing file.",
        "resdsl check renset.res\n",
        "resdsl check resnet.res\n",
    ),
    Code(
        "R0702",
        "a file cannot be read",
        "The file is there, but the system refuses to open it, for lack of permission for "
        "instance, or it is a device or a pipe and no regular file.",
    ),
    Code(
        "R0703",
        "a folder where a file is wanted",
        "A command works on one `.res` file, which brings others in with `import`.",
        "resdsl check examples\n",
        "resdsl check examples/resnet.res\n",
    ),
    Code(
        "R0704",
        "a file is not UTF-8",
        "`.res` files are text in UTF-8; a byte-order mark at the start is passed over. An editor "
        "that saves in another encoding, or a file that is no text at all, leads to this error.",
    ),
    Code(
        "R0705",
        "a file is too large",
        "A `.res` file has at most 4 MiB. The networks of the papers take a few kilobytes: a file "
        "of this size is most likely no `.res` file, or it writes out what a loop could say.",
    ),
]
