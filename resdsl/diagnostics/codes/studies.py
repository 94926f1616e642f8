"""Codes R087x, studies."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0870",
        "no such study",
        "`resdsl study` without a name lists the studies there are.",
        "resdsl study vanishing\n",
        "resdsl study gradients\n",
    ),
    Code(
        "R0871",
        "a folder without the results of a study",
        "`--redraw` makes plot and page again from the tables that a study wrote into its folder: "
        "`study.json` and the CSV files beside it. One of them is missing, or was changed so that "
        "it can no longer be read.",
        "resdsl study depth --redraw -o elsewhere\n",
        "resdsl study depth --redraw -o docs/results/depth\n",
    ),
]
