"""Long `.res` files as somebody might write them, for tests of how work grows."""

from __future__ import annotations

_UNIT = """\
# Block number {0}.
block unit{0}(width, stride = 1, skip: block = projection) {{
    let inner = max(8, width // 4)
    residual {{
        conv1: conv(inner, 1); bn1: batch_norm; relu
        conv2: conv(inner, 3, stride = stride)
        bn2:   batch_norm
        relu
        conv3: conv(width, 1)
        bn3:   batch_norm
    }} shortcut downsample: skip
    if width > 32 {{ relu }} else {{ relu }}
}}

# Family number {0}.
model net{0}(depths = [1, 1], classes = 10) {{
    input(3, 16, 16)
    conv1: conv(16, 3)
    bn1:   batch_norm
    relu
    stage layer1: depths[0] x unit{0}(16)
    stage layer2: depths[1] x unit{0}(64, stride = 2)
    global_avg_pool
    fc: linear(classes)
}}

model small{0} = net{0}([1, 1])
model large{0} = net{0}([2, 2])

expect small{0}.params < large{0}.params, "more blocks, more parameters"

"""


def many_definitions(lines: int) -> str:
    """Blocks, models and expectations: about so many lines, three models in each 34 of them."""
    count = lines // _UNIT.count("\n") or 1
    return "defaults { conv(bias = false) }\n\n" + "".join(map(_UNIT.format, range(count)))


def one_body(lines: int) -> str:
    """One model with a statement or a few on each of its lines."""
    kinds = [
        "conv{0}: conv(8, 3); bn{0}: batch_norm; relu",
        "residual {{ c{0}: conv(8, 3) }} shortcut s{0}: projection",
        "if {0} > 3 {{ d{0}: conv(8, 3) }} else {{ relu }}",
        "let v{0} = {0} + 1",
    ]
    body = "".join(f"    {kinds[i % 4].format(i)}\n" for i in range(lines))
    return f"model net {{\n    input(3, 8, 8)\n{body}}}\n"


def one_list(lines: int) -> str:
    """A list of rows, and a model that walks them."""
    rows = "".join(f"    [{i}, {i % 7}, 3],\n" for i in range(lines))
    body = "    input(3, 8, 8)\n    for a, b, c in rows[:9] { conv(a + b + c, 3) }\n"
    return f"let rows = [\n{rows}]\n\nmodel net {{\n{body}}}\n"
