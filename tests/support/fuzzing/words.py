"""Words of the language for random files: names that mean something somewhere, numbers at the edges
of what is allowed, texts and marks."""

from __future__ import annotations

from random import Random

from resdsl.expressions.functions import FUNCTIONS
from resdsl.ops import INITIALIZERS, OPS, attributes_of
from resdsl.recipes.slots import OPTIONS, SLOTS

OPERATIONS = sorted(OPS)
ATTRIBUTES = sorted({name for kind in OPS.values() for name in attributes_of(kind)})
ALL_OPTIONS = [option for slot in SLOTS.values() for option in slot.options.values()]
BLOCKS = [
    *("projection", "full_projection", "zero_pad", "squeeze_excite"),
    *("basic", "bottleneck", "resnet", "unit", "basic_block", "network"),
]
#: Words that operations and statements of the language have beside the names in `OPS`.
STEPS = ["input", "output", "again", "split", "scale", "offset"]
TYPES = ["int", "number", "bool", "text", "list", "block", "tensor", "tensors"]
LIBRARY = ["resnet", "mobile", "attention", "regnet", "densenet", "recipes"]
#: Slots, options and parameters of recipes.
RECIPES = sorted({*SLOTS, *OPTIONS, *(p for o in ALL_OPTIONS for p in o.parameter_names)})
TRADITIONS = ["torchvision", "keras", "flax", "caffe"]
LOCAL = [
    *("a", "b", "y", "x", "i", "v", "n", "net", "width", "stride", "depths", "classes", "skip"),
    *("index", "first", "last", "branch", "channels", "height", "params", "macs", "any", "std"),
]
FAMILIES = [
    *[OPERATIONS] * 6,
    *[LOCAL] * 6,
    *[ATTRIBUTES] * 3,
    *[BLOCKS] * 2,
    *[STEPS] * 2,
    RECIPES,
    sorted(FUNCTIONS),
    sorted(INITIALIZERS),
    TYPES,
    TRADITIONS,
]
NUMBERS = [
    *("0", "1", "2", "3", "4", "5", "6", "7", "8", "16", "2.0", "0.5", "1e-3", "0.1", "1_000"),
    *("0", "1", "2", "3", "4", "5", "6", "7", "8", "16", "64", "1.5", "100_000", "1e9"),
]
#: Numbers at the edges of what is allowed, and beyond.
EDGES = [
    *("100_001", "1_000_001", "9223372036854775807", "9223372036854775808", "1e308", "1e309"),
    *("1e-320", "99999999999999999999999999", "2147483648", "65536", "-1", "10 ** 9", "2 ** 63"),
]
EXPRESSIONS = [
    *("in.channels", "in.height", "branch.stride", "branch.channels", "[]", "[1, 2]", '"same"'),
    *("(1 < 2)", "conv(3, 3)", "10 ** 9", "2 ** 63", "7 // 2", "-1", "1 / 0", "any(4)", "none"),
    *("[i for i in range(3)]", "range(100_000)", "[[1, 2], [3, 4]]", "1 if true else 2"),
]
MARKS = [
    *("block", "model", "let", "def", "defaults", "expect", "import", "recipe", "for", "if"),
    *("else", "stage", "residual", "shortcut", "from", "x", "and", "not", "or", "in", "true"),
    *("(", ")", "[", "]", "{", "}", ",", ";", ":", "=", "==", "+", "-", "*", "/", "//", "%", "**"),
    *("<", ".", "\n", "\n\n", '"', "# ", '"a{i}": ', "y[i]: ", "a: ", "\\", "!", "'", "@"),
]
#: Characters that files should not hold, or only in comments and texts.
CHARACTERS = [
    *("\0", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ufeff", "\ud7ff", "\u200b"),
    *("é", "×", "\uff11", "\u0661", "\U0001f600", "e\u0301", "\t", "\r", "\x0b", "\x0c", "“", "−"),
]


def name(pick: Random) -> str:
    """A name of the language or of its example files."""
    return pick.choice(pick.choice(FAMILIES))


def text(pick: Random) -> str:
    """A text in quotes, with places to fill in now and then."""
    inner = pick.choice(
        [
            *("same", "valid", "tf_same", "out", "tanh", "none", "bilinear", "", "a-b", "block{i}"),
            *("{index}_{first}", "{", "}", "{{}}", "{1 +}", "{in.channels}", "é", "\\\\", '\\"'),
            *("../resnet.res", "std", "layer{i + 1}-{n}"),
        ]
    )
    return f'"{inner}"'


def word(pick: Random) -> str:
    """Anything that may stand between two spaces, and some that may not."""
    kind = pick.random()
    if kind < 0.4:
        return name(pick)
    if kind < 0.6:
        return pick.choice(NUMBERS + EDGES)
    if kind < 0.7:
        return pick.choice(EXPRESSIONS)
    if kind < 0.75:
        return text(pick)
    return pick.choice(MARKS)
