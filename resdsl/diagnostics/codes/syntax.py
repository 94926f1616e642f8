"""Codes R01xx: how definitions and statements are written. `words` has those about their words."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0101",
        "something else is expected here",
        "What stands here cannot follow what is before it. The message says what could. Where the "
        "line seems right, look at the end of the one before.",
        "let width = 4 *\n",
        "let width = 4 * 16\n",
    ),
    Code(
        "R0102",
        "a parenthesis or bracket is never closed",
        "Inside `( )` and `[ ]` line ends do not count, so that arguments may take several lines. "
        "When the closing one is forgotten, the next statement seems to belong to the arguments.",
        "block f {\n    conv(64, 3\n    relu\n}\n",
        "block f {\n    conv(64, 3)\n    relu\n}\n",
    ),
    Code(
        "R0103",
        "a brace is never closed",
        "Each `{` has its `}`. A definition ends at the latest where the next one begins at the "
        "left margin, so the mistake is in the definition that is reported; the layout of its "
        "lines was used to tell which brace is meant.",
        "block f {\n    residual {\n        relu\n}\n",
        "block f {\n    residual {\n        relu\n    }\n}\n",
    ),
    Code(
        "R0104",
        "a bracket closes nothing",
        "There is no open bracket that this one could close, or the open one is of another kind.",
        "block f {\n    conv(64, 3))\n}\n",
        "block f {\n    conv(64, 3)\n}\n",
    ),
    Code(
        "R0115",
        "a reserved word as a name",
        "The words def, let, expect, residual, shortcut, stage, for, in, if, else, from, or, and, "
        "not, true, false and none are never names. `import`, `defaults`, `block`, `model`, "
        "`recipe` and `x` may be.",
        "block f {\n    from: conv(64)\n}\n",
        "block f {\n    origin: conv(64)\n}\n",
    ),
    Code(
        "R0116",
        "`=` behind a label",
        "A label names a layer and what it computes, and is followed by `:`. Were `conv1 = "
        "conv(64)` allowed, it would name the block as a value, and the layer would be missing "
        "from the network without a word. A value gets its name with `let`.",
        "block f {\n    conv1 = conv(64)\n}\n",
        "block f {\n    conv1: conv(64)\n}\n",
    ),
    Code(
        "R0117",
        "a definition that is not at the left margin",
        "Definitions begin at the left margin, one on a line, and everything else is indented. "
        "This is how the compiler finds the next definition behind one with a mistake.",
        "  let width = 64\n",
        "let width = 64\n",
    ),
    Code(
        "R0118",
        "something outside of any definition",
        "A file holds `import`, `let`, `def`, `defaults`, `block`, `model`, `recipe` and `expect`. "
        "Layers stand in the body of a block or a model.",
        "conv1: conv(64)\n",
        "model net {\n    input(3, 32, 32)\n    conv1: conv(64)\n}\n",
    ),
    Code(
        "R0119",
        "the line ends too early",
        "A line end ends a statement. `else`, `shortcut`, and the `{` of a body stand on the line "
        "of what they belong to.",
        "block f(deep) {\n    if deep { relu }\n    else { silu }\n}\n",
        "block f(deep) {\n    if deep { relu } else { silu }\n}\n",
    ),
    Code(
        "R0120",
        "`elif`",
        "A further choice is written `else if`, on the line of the `}` before it.",
        "block f(n) {\n    if n > 2 { relu } elif n > 1 { silu }\n}\n",
        "block f(n) {\n    if n > 2 { relu } else if n > 1 { silu }\n}\n",
    ),
    Code(
        "R0121",
        "a group without a label",
        "Braces that stand for themselves have a label, which names the weights inside. Without "
        "this rule, the second body of a join that slipped onto a line of its own would silently "
        "become something else.",
        "block f {\n    relu\n    { conv(64) }\n}\n",
        "block f {\n    relu\n    stem: { conv(64) }\n}\n",
    ),
    Code(
        "R0124",
        "a stage without `x`",
        "A stage says how many blocks of which kind it is: `stage label: count x block(...)`.",
        "block f {\n    stage layer1: 3 basic(64)\n}\n",
        "block f {\n    stage layer1: 3 x basic(64)\n}\n",
    ),
    Code(
        "R0125",
        "a comma between statements",
        "Statements end at a line end or a `;`. Commas separate arguments.",
        "block f {\n    conv(64), relu\n}\n",
        "block f {\n    conv(64); relu\n}\n",
    ),
    Code(
        "R0127",
        "a label that is none",
        "A label is a name, an indexed name like `down[i]`, or a text like "
        '`"block{i + 1}"`; no other expression can name weights.',
        "block f {\n    stage layer + 1: 3 x basic(64)\n}\n",
        'block f {\n    stage "layer{0 + 1}": 3 x basic(64)\n}\n',
    ),
    Code(
        "R0128",
        "a body behind a colon",
        "Bodies stand in braces, whatever their indentation, and a `def` is one expression behind "
        "a `=`.",
        "block f(deep) {\n    if deep: relu\n}\n",
        "block f(deep) {\n    if deep { relu }\n}\n",
    ),
    Code(
        "R0130",
        "too many errors",
        "One run shows 100 errors. What is behind them shows when they are corrected.",
    ),
    Code(
        "R0131",
        "two words without anything between them",
        "A label is followed by `:`, and two statements on one line have a `;` between them.",
        "block f {\n    conv1 conv(64)\n}\n",
        "block f {\n    conv1: conv(64)\n}\n",
    ),
    Code(
        "R0132",
        "braces inside parentheses",
        "A body is no argument: the bodies of a join follow the call, one behind the other. As no "
        "brace ever stands in a parenthesis, the compiler can tell where a forgotten `)` belongs.",
        "block f {\n    add({ relu }, { silu })\n}\n",
        "block f {\n    add { relu } { silu }\n}\n",
    ),
    Code(
        "R0133",
        "a label before a statement that takes none",
        "Calls and groups have labels, and a stage and a shortcut have theirs behind the word. "
        "`residual`, `if`, `for` and `from` have none: what they hold belongs to the scope around "
        "them.",
        "block f {\n    branch: residual { relu }\n}\n",
        "block f {\n    branch: { residual { relu } }\n}\n",
    ),
    Code(
        "R0134",
        "one `=` for equality",
        "Equality is `==`. A single `=` gives an argument, a default or a definition its value.",
        "expect 1 + 1 = 2\n",
        "expect 1 + 1 == 2\n",
    ),
    Code(
        "R0135",
        "a statement of another language",
        "A body is a pipeline: each statement takes the current tensor and leaves a new one, and "
        "the last one's is the result. There is nothing to return, to assign or to enter.",
        "block f {\n    conv(64, 3)\n    return relu\n}\n",
        "block f {\n    conv(64, 3)\n    relu\n}\n",
    ),
    Code(
        "R0136",
        "a stage with arguments of its own",
        "Arguments belong to the block that a stage repeats. A `stride` among them is the stage's: "
        "the first block has it, the others have 1.",
        "block f(width, stride = 1) { conv(width, 3, stride = stride) }\n"
        "block g {\n    stage layer1: 2 x f(64), stride = 2\n}\n",
        "block f(width, stride = 1) { conv(width, 3, stride = stride) }\n"
        "block g {\n    stage layer1: 2 x f(64, stride = 2)\n}\n",
    ),
    Code(
        "R0137",
        "arguments without parentheses",
        "What is called has its arguments in parentheses, and none where there are no arguments.",
        "block f {\n    conv 64, 3\n}\n",
        "block f {\n    conv(64, 3)\n}\n",
    ),
    Code(
        "R0138",
        "an operator between tensors",
        "Operators are for numbers. Tensors are joined by `add`, `sub`, `mul` and `concat`; a "
        "residual connection is `residual { ... }`.",
        "block f {\n    a: conv(64, 3)\n    b: relu\n    a + b\n}\n",
        "block f {\n    a: conv(64, 3)\n    b: relu\n    add(a, b)\n}\n",
    ),
]
