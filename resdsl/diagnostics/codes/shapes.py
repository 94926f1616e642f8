"""Codes R03xx: values, shapes, and the bounds of evaluation."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code


def _model(*lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"model net {{\n    input(3, 32, 32)\n{body}}}\n"


CODES: list[Code] = [
    Code(
        "R0301",
        "a value of the wrong kind",
        "The place wants a number, a list, a text, a block or a tensor, and gets another one of "
        "these. A bool is no number, and nothing is converted silently.",
        'let width = 64 + "1"\n',
        "let width = 64 + 1\n",
    ),
    Code(
        "R0302",
        "a whole number is wanted",
        "Sizes, counts and positions are whole numbers, and a float is none, not even 64.0: `/` "
        "always gives a float. `//` divides and leaves a whole number, `int` cuts off, and `round` "
        "rounds, to the even neighbour from the middle.",
        _model("conv1: conv(64 / 4, 3)"),
        _model("conv1: conv(64 // 4, 3)"),
    ),
    Code(
        "R0303",
        "an operation does not fit its input",
        "Shapes leave out the batch and put channels first. The message shows the shape on the way "
        "in; inside blocks it also shows the calls that led there.",
        _model("global_avg_pool", "conv1: conv(8, 3)"),
        _model("conv1: conv(8, 3)", "global_avg_pool"),
    ),
    Code(
        "R0304",
        "shortcut and branch have different shapes",
        "A residual adds the shortcut to its branch, entry by entry. Where nothing is said, the "
        "shortcut is the identity. `projection` changes the shape where it must (option B of He "
        "et al. 2015), `full_projection` always does (C), `zero_pad` does so without weights (A), "
        "and `none` leaves the shortcut out.",
        _model("residual { conv1: conv(8, 3, stride = 2) }"),
        _model("residual { conv1: conv(8, 3, stride = 2) } shortcut projection"),
    ),
    Code(
        "R0306",
        "a branch without a stride",
        "`branch.stride` multiplies the strides along the branch. There is none where its paths "
        "have different strides, behind a global pool or `flatten`, and where positions become "
        "more instead of fewer. The prelude's shortcuts ask for it: give such a branch a shortcut "
        "of its own.",
        _model("residual { conv1: conv(8, 3); global_avg_pool } shortcut projection"),
        _model(
            "residual { conv1: conv(8, 3); global_avg_pool } shortcut {",
            "    global_avg_pool; linear(8)",
            "}",
        ),
    ),
    Code(
        "R0307",
        "an expression without a value",
        "It divides by zero, asks a list for an entry that it does not have, takes the logarithm "
        "of a negative number, or comes to no finite number. Entries count from 0, and from -1 at "
        "the end.",
        "let widths = [64, 128]\nlet last = widths[2]\n",
        "let widths = [64, 128]\nlet last = widths[-1]\n",
    ),
    Code(
        "R0308",
        "an expectation is not met",
        "`expect` states what the author takes for granted: in a body about parameters, at the "
        "margin about a model. Either the network is not the one that was meant, or the statement "
        "is wrong.",
        _model("conv1: conv(8, 3)") + "\nexpect net.params == 216\n",
        _model("conv1: conv(8, 3)") + "\nexpect net.params == 224\n",
    ),
    Code(
        "R0309",
        "a condition that is neither true nor false",
        "`if`, `and`, `or`, `not` and `expect` want a bool. Numbers and lists are not taken for "
        "one, so that a forgotten comparison is found.",
        "let count = 3\nlet deep = 1 if count else 2\n",
        "let count = 3\nlet deep = 1 if count > 0 else 2\n",
    ),
    Code(
        "R0310",
        "too many steps",
        "Expressions, statements and entries of lists are counted while a model is worked out, and "
        "there are a million of them at most. The networks of the papers take some thousands.",
        "let rows = [[0] * 10_000 for i in range(1000)]\n",
        "let rows = [[0] * 10 for i in range(1000)]\n",
    ),
    Code(
        "R0311",
        "nested too deeply",
        "Blocks call blocks, and functions call functions, 64 deep at most. A block or a function "
        "that calls itself needs an `if` or `… if … else …` that ends it.",
        "def halvings(n) = 1 + halvings(n // 2)\n\nlet depth = halvings(32)\n",
        "def halvings(n) = 1 + halvings(n // 2) if n > 1 else 0\n\nlet depth = halvings(32)\n",
    ),
    Code(
        "R0312",
        "a network that is too large",
        "A network has 100 000 operations at most, and no tensor or weight of it has more than "
        "2**40 entries.",
        _model("stage layer1: 1_000_000 x conv(3, 3)"),
        _model("stage layer1: 10 x conv(3, 3)"),
    ),
    Code(
        "R0313",
        "a value that is too large",
        "Whole numbers have 64 bits, lists 100 000 entries with those of the lists in them, texts "
        "64 KiB, and values are nested 64 deep at most.",
        "let size = 2 ** 64\n",
        "let size = 2 ** 62\n",
    ),
    Code(
        "R0314",
        "a stage without blocks",
        "A stage has one block or more. Where there may be none, the stage stands under an `if`.",
        _model("stage layer1: 0 x conv(3, 3)"),
        _model("stage layer1: 1 x conv(3, 3)"),
    ),
    Code(
        "R0316",
        "an input of an impossible shape",
        "An input is channels and its positions (a length, height and width, or depth, height and "
        "width), or a vector of features: each a whole number of 1 or more, without the batch. "
        "Sizes other than the channels may be left to the run time, as `any`, or as `any(32)` for "
        "multiples of 32.",
        "model net {\n    input(1, 3, 8, 224, 224)\n    relu\n}\n",
        "model net {\n    input(3, 224, 224)\n    relu\n}\n",
    ),
    Code(
        "R0317",
        "a number is needed, and the size is known at run time only",
        "`any` leaves a size of the input to the run time, and what follows from it is an "
        "expression such as `h / 2`. Such sizes can be added, multiplied, divided with `//` and "
        "compared where the answer is the same for every input. Weights, windows and counts have "
        "one size whatever the input: pool to a known number of positions, or give the input "
        "numbers.",
        "model net {\n    input(3, any, any)\n    fc: linear(in.height)\n}\n",
        "model net {\n    input(3, 64, 64)\n    fc: linear(in.height)\n}\n",
    ),
    Code(
        "R0318",
        "an input that is no multiple of what it must be",
        "Where a file says `any(32)`, the size is a multiple of 32, which may be why its shapes "
        "fit. `--input` gives one of these, or `any` of a multiple of it.",
        "resdsl summary net.res --input 3x100x100\n",
        "resdsl summary net.res --input 3x96x96\n",
    ),
]
