"""Codes R02xx up to R0214: names, definitions, arguments. `models` has the rest."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0201",
        "an unknown name",
        "An expression names something that is neither a parameter, a `let`, a loop variable or a "
        "label in reach, nor a constant, function, block or operation of the file or the language. "
        "Names resolve where the text stands: a block sees its own parameters, never those of its "
        "caller, and the default of a parameter cannot read the other parameters.",
        "block f(width) {\n    conv(widht, 3)\n}\n",
        "block f(width) {\n    conv(width, 3)\n}\n",
    ),
    Code(
        "R0202",
        "a name is defined twice",
        "Blocks, models, recipes, functions and constants of a file share one namespace, and a "
        "body defines a name once. A `let` in a body inside may use the name again: it holds to "
        "the end of that body.",
        "let width = 64\nlet width = 128\n",
        "let width = 64\nlet wide = 128\n",
    ),
    Code(
        "R0203",
        "one name for two things",
        "A label names a tensor and its weights, a value a number or a block. In one place a name "
        "cannot be both, and in a loop `index`, `first` and `last` are taken. The same goes for "
        "`defaults`: what a name in them means must be the same where the operation is used.",
        "block f(skip) {\n    skip: relu\n}\n",
        "block f(keep) {\n    skip: relu\n}\n",
    ),
    Code(
        "R0204",
        "a label that is not in reach",
        "A label is visible after it stands, in its own scope and in groups inside it. A block "
        "sees only its own labels, and a label in an arm of an `if` is there only where that arm "
        "is taken. `in` and `branch` belong here too: the one is the input of the block around, "
        "the other what a shortcut knows of its branch.",
        "block f {\n    add(skip)\n    skip: relu\n}\n",
        "block f {\n    skip: relu\n    add(skip)\n}\n",
    ),
    Code(
        "R0205",
        "an unknown operation or block",
        "A step calls an operation of the language, a block of the file, or a parameter that holds "
        "one of them. Some operations of the language are not in this version yet; the message "
        "says so.",
        "block f {\n    batchnorm\n}\n",
        "block f {\n    batch_norm\n}\n",
    ),
    Code(
        "R0206",
        "an unknown parameter",
        "An argument is given by a name that what is called does not have. Joins, `input`, "
        "`output` and the functions of expressions take their arguments by position alone.",
        "block f {\n    conv(64, 3, strides = 2)\n}\n",
        "block f {\n    conv(64, 3, stride = 2)\n}\n",
    ),
    Code(
        "R0207",
        "a missing argument",
        "A parameter without a default must be given, here or where the block was renamed or "
        "passed on.",
        "block f {\n    conv(64)\n}\n",
        "block f {\n    conv(64, 3)\n}\n",
    ),
    Code(
        "R0208",
        "an argument is given twice",
        "One call gives each argument once, by position or by name. A later call of a block that "
        "has arguments already may override them by name.",
        "block f {\n    conv(64, 3, kernel = 5)\n}\n",
        "block f {\n    conv(64, 5)\n}\n",
    ),
    Code(
        "R0209",
        "arguments by position that do not fit",
        "There are more of them than parameters left, fewer than a function needs, or one stands "
        "behind an argument by name. A block that has been given arguments keeps the rest of its "
        "parameters in order.",
        "block f(width) {\n    conv(width, 3)\n}\n\nblock g = f(64, 3)\n",
        "block f(width) {\n    conv(width, 3)\n}\n\nblock g = f(64)\n",
    ),
    Code(
        "R0210",
        "one name for two items",
        "Weights are named by the labels on the way to them, so that a label stands once in its "
        "scope. Loops are no scopes: in a loop, number the items, `name[i]: …`. A name is either "
        "an item or a list of items. Two shortcuts without a label are both called `shortcut`.",
        "model net {\n    input(3, 32, 32)\n    for i in range(2) { conv1: conv(3, 3) }\n}\n",
        "model net {\n    input(3, 32, 32)\n    for i in range(2) { conv1[i]: conv(3, 3) }\n}\n",
    ),
    Code(
        "R0211",
        "an unknown model",
        "The command line picks a model by name, and a model without a body is another one with "
        "arguments given. Blocks are neither.",
        "block tower {\n    relu\n}\n\nmodel net = tower\n",
        "model tower {\n    input(3, 32, 32)\n    relu\n}\n\nmodel net = tower\n",
    ),
    Code(
        "R0212",
        "a parameter that cannot be set",
        "`--set` gives values to the parameters of a model, those of the definition that it goes "
        "back to. The blocks inside have parameters of their own, out of reach. With a dot it sets "
        "a parameter of what fills a slot of the recipe, `--set optimizer.lr=0.05`.",
        "resdsl check resnet.res:resnet18 --set clases=10\n",
        "resdsl check resnet.res:resnet18 --set classes=10\n",
    ),
    Code(
        "R0213",
        "a parameter of a type that cannot be",
        "The types are int, number, bool, text, list, block, tensor and tensors. Without one, a "
        "parameter has the type of its default. Tensors have no default: there are none before "
        "the block is called.",
        "block f(width: integer) {\n    conv(width, 3)\n}\n",
        "block f(width: int) {\n    conv(width, 3)\n}\n",
    ),
    Code(
        "R0214",
        "a label meets an automatic name",
        "An item with weights and without a label is called by its kind and its place among that "
        "kind in the text: the second `conv` of a scope is `conv2`, whether the first has a label "
        "or not. If a label says the same, two items would share a name.",
        "model net {\n    input(3, 32, 32)\n    conv2: conv(8, 3)\n    conv(8, 3)\n}\n",
        "model net {\n    input(3, 32, 32)\n    conv1: conv(8, 3)\n    conv2: conv(8, 3)\n}\n",
    ),
]
