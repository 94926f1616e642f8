"""Codes R0230 to R0233: imports. One that leads nowhere is R0218."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

_MODEL = "model net {\n    input(3, 32, 32)\n    conv1: conv(8, 3)\n}\n"

CODES: list[Code] = [
    Code(
        "R0230",
        "an import from outside the project",
        "Imports stay inside the project, so that a file from elsewhere cannot read what it likes. "
        "The project is the nearest folder above the file given to the command "
        "that has a `pyproject.toml` or a `.git`, or else that file's own folder; "
        "`--import-root` names another one. Links are followed before that is judged. Paths are "
        "relative to the importing file.",
        'import "../blocks.res"\n\n' + _MODEL,
        'import "blocks.res"\n\n' + _MODEL,
    ),
    Code(
        "R0231",
        "files that import one another",
        "An import leads back to a file that is being imported, so that neither can be read before "
        "the other. The notes show the way around. Put what both need into a file of its own.",
        'import "wrong.res"\n\n' + _MODEL,
        _MODEL,
    ),
    Code(
        "R0232",
        "a name that several imports bring",
        "Two imported files define the name, and this file uses it: nothing says which is meant. "
        "A definition of this file's own wins over both. Imports are not handed on, so that a file "
        "that imports only the one that is meant can give it another name.",
        'import "blocks.res"\nimport std.resnet\n\nblock unit = basic(64)\n',
        'import "blocks.res"\n\nblock unit = basic(64)\n',
    ),
    Code(
        "R0233",
        "too much is imported",
        "A file imports at most 256 files, directly and by way of others, of 16 MiB together; "
        "imports lead from file to file at most 64 deep.",
    ),
]
