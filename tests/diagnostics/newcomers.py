"""What newcomers write at first, in the order of `docs/mistakes.md`, and that page.

For each mistake, `newcomers/` has a file with it (`.res`), what is said about it (`.txt`), and the
same as it should be (`.right.res`).
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "newcomers"

MISTAKES = {
    "missing_bracket": "A parenthesis that is not closed",
    "missing_brace": "A brace that is not closed",
    "missing_parentheses": "Arguments without parentheses",
    "semicolon_for_comma": "`;` between arguments",
    "commas_between_statements": "Commas between statements",
    "misspelt_operation": "A misspelt operation",
    "misspelt_argument": "A misspelt argument",
    "pytorch_names": "PyTorch's names of layers",
    "pytorch_arguments": "PyTorch's names of arguments",
    "keras_names": "Keras's names of layers",
    "keras_arguments": "Keras's names of arguments",
    "wrong_keyword": "Another word for `block` or `model`",
    "python": "Python's syntax",
    "python_class": "A class and its imports",
    "return": "`return`",
    "shape_as_python": "Tuples",
    "upper_case_booleans": "`True`, `FALSE`",
    "single_quotes": "Single quotes",
    "comments": "`//` for a comment",
    "one_equals_sign": "`=` for `==`",
    "no_input": "A model without an input",
    "calling_a_model": "A model called like a block",
    "label_twice": "A label used twice",
    "stage_without_x": "A stage without its `x`",
    "stride_of_a_stage": "A stride outside of the block's arguments",
    "stride_nobody_takes": "A stride that the block does not take",
    "float_for_a_whole_number": "A float where a whole number is wanted",
    "shortcut_on_a_new_line": "`shortcut` on a line of its own",
    "shortcut_that_does_not_fit": "A shortcut that does not fit",
    "add_of_different_channels": "A sum of different channels",
    "operators_on_tensors": "`+` between tensors",
    "block_as_tensor": "A block's name for its result",
    "unlabelled_skip": "A tensor without a label",
}

HEAD = """\
# First mistakes

What newcomers write at first, what `resdsl check` says about it, and how it is written. The texts
are the compiler's own: `make golden` writes this page. [The language](language.md) has the rules
behind them, and `resdsl explain R0304` says more about any code.
"""


def page() -> str:
    """`docs/mistakes.md`."""
    return HEAD + "".join(_section(name, title) for name, title in MISTAKES.items())


def _section(name: str, title: str) -> str:
    wrong, said, right = (
        (FOLDER / f"{name}{suffix}").read_text() for suffix in (".res", ".txt", ".right.res")
    )
    return (
        f"\n## {title}\n\n```res error\n{wrong}```\n\n```text\n{said}```\n\n"
        f"So it is written:\n\n```res\n{right}```\n"
    )
