"""The words of the language, each in a few sentences with an example, for `resdsl explain`."""

from __future__ import annotations

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """`example` is a file that can be checked."""

    text: str
    example: str


_NET = "model net {{\n    input(3, 32, 32)\n{}}}\n"

WORDS = {
    "block": Word(
        "A `block` is a body with a name and parameters, called like an operation: its statements "
        "run on the current tensor. A parameter has a default, a type (`skip: block`), both or "
        "neither. `block wide = unit(64)` is another block with arguments given.",
        "block unit(width, stride = 1) { conv(width, 3, stride = stride); batch_norm; relu }\n\n"
        + _NET.format("    unit(16)\n    unit(32, stride = 2)\n"),
    ),
    "model": Word(
        "A `model` is a body that begins with its `input`. It may have parameters, which other "
        "models of the file and `--set` give; one without a default must be given.",
        "model family(width, classes = 10) {\n    input(3, 32, 32)\n    conv(width, 3); relu\n"
        "    global_avg_pool\n    fc: linear(classes)\n}\n\nmodel small = family(16)\n",
    ),
    "input": Word(
        "`input` says the shape that a model takes, channels first and without the batch. It is "
        "the first statement of the model's pipeline.",
        _NET.format("    conv(16, 3)\n"),
    ),
    "residual": Word(
        "`residual { F } shortcut S` is F(x) + S(x). The shortcut is a block value or a body; "
        "without one it is the identity, and it is an error where shapes differ. `projection`, "
        "`full_projection` and `zero_pad` of the prelude are those of He et al. 2015.",
        _NET.format(
            "    conv(16, 3)\n    residual {\n        conv(32, 3, stride = 2); relu\n"
            "        conv(32, 3)\n    } shortcut projection\n    relu\n"
        ),
    ),
    "shortcut": Word(
        "`shortcut` stands behind the body of a `residual`, on the line of its brace: a value, "
        "`shortcut projection`, or a body, either with a label that its weights are named by. "
        "`none` is no shortcut. A body knows `branch.channels`, `branch.stride` and "
        "`branch.reshapes`.",
        _NET.format(
            "    conv(16, 3)\n    residual { conv(32, 3, stride = 2) } shortcut downsample: {\n"
            "        if branch.reshapes { conv(branch.channels, 1, stride = branch.stride) }\n"
            "    }\n"
        ),
    ),
    "branch": Word(
        "`branch` is what a shortcut knows of the body beside it: `branch.channels`, "
        "`branch.stride`, and `branch.reshapes`, whether either differs from the input's.",
        "block option_b {\n    if branch.reshapes {\n"
        "        conv(branch.channels, 1, stride = branch.stride); batch_norm\n    }\n}\n\n"
        + _NET.format("    residual { conv(16, 3, stride = 2) } shortcut option_b\n"),
    ),
    "stage": Word(
        "`stage label: n x block(...)` is n blocks in a row. A `stride` among the arguments is the "
        "stage's: the first block has it, the others have 1. `index`, `first` and `last` tell a "
        "block's place.",
        "block unit(width, stride = 1) { conv(width, 3, stride = stride); relu }\n\n"
        + _NET.format(
            "    stage layer1: 3 x unit(16)\n    stage layer2: 4 x unit(32, stride = 2)\n"
        ),
    ),
    "for": Word(
        "`for v in list { ... }` writes its body once for each value; `for a, b in rows` takes "
        "rows apart. It runs in the compiler, and becomes a loop in the generated source.",
        _NET.format("    for width in [16, 32] { conv(width, 3); relu }\n"),
    ),
    "if": Word(
        "`if condition { ... } else if other { ... } else { ... }` chooses between bodies when the "
        "network is built. `else` stands on the line of the brace before it.",
        _NET.format("    if in.channels == 3 { conv(16, 3) } else { conv(32, 3) }\n"),
    ),
    "from": Word(
        "`from t` goes on with another tensor than the one before: that of a label, or `in`, the "
        "input of the block or model.",
        _NET.format(
            "    conv(16, 3); stem: relu\n    conv(16, 3); left: relu\n    from stem\n"
            "    conv(16, 3)\n    add(left)\n"
        ),
    ),
    "in": Word(
        "`in` is the input of the innermost block or model: `from in`, `in.channels`, `in.height`, "
        "`in.width`. In a `for` and in an expression it is Python's `in`.",
        "block expand(by) { conv(by * in.channels, 1) }\n\n" + _NET.format("    expand(4)\n"),
    ),
    "let": Word(
        "`let name = value` names a value to the end of its body, or for the whole file. Nothing "
        "changes its value later.",
        "let width = 16\n\n" + _NET.format("    let twice = 2 * width\n    conv(twice, 3)\n"),
    ),
    "def": Word(
        "`def f(v) = expression` is a function of values: no layers, no statements.",
        "def doubled(v) = 2 * v\n\n" + _NET.format("    conv(doubled(16), 3)\n"),
    ),
    "defaults": Word(
        "`defaults { conv(bias = false) }` gives arguments to the uses of an operation below it in "
        "the same body, or anywhere in the file. What a call says itself wins.",
        "defaults { conv(bias = false) }\n\n" + _NET.format("    conv(16, 3); batch_norm\n"),
    ),
    "recipe": Word(
        "A `recipe` says how a network is trained, the same in every framework: slots, each filled "
        "with an option and its arguments. It has parameters as a model has them, and `recipe "
        "short = digits(epochs = 5)` is another recipe with arguments given. `resdsl explain "
        "optimizer` says more about a slot, `resdsl explain sgd` about what fills it.",
        "recipe short(lr = 0.1) {\n    data:      digits(batch = 128)\n"
        "    augment:   { pad_crop(2) }\n    optimizer: sgd(lr = lr, momentum = 0.9)\n"
        "    schedule:  cosine(epochs = 5)\n}\n",
    ),
    "expect": Word(
        '`expect condition, "message"` is checked by the compiler: in a body about parameters, '
        "between definitions about `.params`, `.macs`, `.input` and `.output` of models.",
        _NET.format("    conv(16, 3)\n") + "\nexpect net.params == 448\n",
    ),
}
