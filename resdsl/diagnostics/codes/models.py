"""Codes R0215 to R0229, R0234, R0235: items and models."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

_MODEL = "model net {\n    input(3, 32, 32)\n    conv1: conv(8, 3)\n}\n"

CODES: list[Code] = [
    Code(
        "R0215",
        "a gap in the numbers of items",
        "Items that are numbered, `name[i]: …` or without a label in a loop, form a list, which "
        "has no holes. An `if` in a loop can leave some out: number those that remain, or use a "
        'text as label, `"name{i}": …`, which makes no list.',
        "model net {\n    input(3, 32, 32)\n    for i in range(3) {\n"
        "        if i != 1 { layers[i]: conv(3, 3) }\n    }\n}\n",
        "model net {\n    input(3, 32, 32)\n    for i in range(3) {\n"
        '        if i != 1 { "layer{i}": conv(3, 3) }\n    }\n}\n',
    ),
    Code(
        "R0216",
        "something that cannot be applied",
        "A step applies a block or an operation to the current tensor. A parameter or a `let` of "
        "that name holds something else, such as a number, or `none`.",
        "block f(act) {\n    act\n}\n\nmodel net {\n    input(3, 32, 32)\n    f(3)\n}\n",
        "block f(act) {\n    act\n}\n\nmodel net {\n    input(3, 32, 32)\n    f(relu)\n}\n",
    ),
    Code(
        "R0217",
        "a model does not begin or end as one",
        "A model begins with an input, before any step, and may end with `output`, behind which "
        "nothing stands. Both stand at the top of the model's body; a block, too, may end with "
        "`output`. Several inputs are told apart by their labels.",
        "model net {\n    conv1: conv(8, 3)\n}\n",
        _MODEL,
    ),
    Code(
        "R0218",
        "an import that leads nowhere",
        '`import "blocks.res"` brings in the definitions of another file, whose path is relative '
        "to the importing file; `import std.resnet` those of a part of the library that ships with "
        "the compiler. This one cannot be found or read. Names that mean nothing are not reported "
        "then: they may be its.",
        "import std.restnet\n\n" + _MODEL,
        "import std.resnet\n\n" + _MODEL,
    ),
    Code(
        "R0220",
        "a definition that needs itself",
        "A constant, or a name for a block or a model with arguments given, leads back to itself, "
        "so that it never comes to anything. A block may call itself in its body, under an `if`.",
        "block a = b\nblock b = a\n",
        "block a = b\nblock b = relu\n",
    ),
    Code(
        "R0221",
        "a tradition that is not one",
        "`defaults keras` starts from what Keras's own layers do where nothing is said, and there "
        "are torchvision, flax and caffe besides. A file starts from one of them, wherever that "
        "stands, and a body can start afresh. Arguments in braces, and those of a call, win.",
        "defaults karas\n\n" + _MODEL,
        "defaults keras\n\n" + _MODEL,
    ),
    Code(
        "R0222",
        "a definition hides part of the language",
        "What an author defines wins over an operation, a function or an initializer of the same "
        "name, everywhere in the file. The prelude (`projection` and the like) keeps using the "
        "operation. This is a warning, since the name may have been chosen by accident.",
        "block relu {\n    identity\n}\n",
        "block no_relu {\n    identity\n}\n",
    ),
    Code(
        "R0223",
        "a label that cannot name anything",
        "A label is a name, a name with a number, or a text of letters, digits, `_` and `-` once "
        "its `{ }` are filled in. It does not end in `_`: generated code adds one to a label that "
        "means something in Python or in a framework. Names of weights have 1000 characters at "
        "most.",
        "model net {\n    input(3, 32, 32)\n    conv_: conv(8, 3)\n}\n",
        "model net {\n    input(3, 32, 32)\n    conv: conv(8, 3)\n}\n",
    ),
    Code(
        "R0225",
        "a body or a join where it does not belong",
        "Bodies in braces follow a join: `add`, `sub`, `mul` or `concat`. A join is written out "
        "where it happens; it is not passed to a block, and makes no stage. Inside a block of "
        "your own, it can be both.",
        "block f {\n    relu { conv(8, 3) }\n}\n",
        "block f {\n    mul { conv(8, 3) }\n}\n",
    ),
    Code(
        "R0226",
        "an input that is not used",
        "No operation reads the input of the model, so that its result does not depend on it. "
        "This is a warning.",
        "model net {\n    input(3, 32, 32)\n}\n",
        _MODEL,
    ),
    Code(
        "R0227",
        "a function or a model where something else is wanted",
        "Functions are called in expressions, and are neither steps nor values. Models stand for "
        "themselves: no body calls them, and only `expect` at the margin reads their facts, "
        "`net.params`, `net.macs`, `net.input` and `net.output`.",
        _MODEL + "\nblock f {\n    net\n}\n",
        _MODEL + "\nblock f {\n    conv1: conv(8, 3)\n}\n",
    ),
    Code(
        "R0228",
        "`input` and `output` keep their meaning",
        "Definitions may have the name of an operation, but not these: no model could begin or "
        "end any more.",
        "block input {\n    relu\n}\n",
        "block entry {\n    relu\n}\n",
    ),
    Code(
        "R0229",
        "results that cannot be told apart",
        "Where a model or block has several results, each has a name: that of its label. Callers "
        "read `label.name`, and the outputs of a model are called so. Each stands once.",
        "model net {\n    input(3, 32, 32)\n    low: conv(8, 3)\n    output(low, low)\n}\n",
        "model net {\n    input(3, 32, 32)\n    low: conv(8, 3)\n    high: conv(8, 3)\n"
        "    output(low, high)\n}\n",
    ),
    Code(
        "R0234",
        "nothing that could run again",
        "`again(label)` runs a labelled item once more, with the same weights: a layer, a block, a "
        "stage or a group, which has run before and is in reach. Joins and inputs have nothing to "
        "share, and what ran again is named by its first label.",
        "model net {\n    input(3, 32, 32)\n    skip: add { conv(3, 3) }\n    again(skip)\n}\n",
        "model net {\n    input(3, 32, 32)\n    skip: conv(3, 3)\n    again(skip)\n}\n",
    ),
    Code(
        "R0235",
        "a list of tensors without a label",
        "`split` leaves several tensors, and none of them is the current one: `label[0]` is the "
        "first. The label is a plain name.",
        "block f {\n    split(2)\n}\n",
        "block f {\n    halves: split(2)\n    concat(halves)\n}\n",
    ),
]
