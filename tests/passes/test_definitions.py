"""A file's definitions: order, aliases, what hides what, and one error for one mistake."""

from collections.abc import Callable

import pytest

from resdsl import ir
from resdsl.diagnostics import Diagnostic, Severity, Source
from resdsl.ir.graph import Graph
from resdsl.passes.check import check_source

Graphs = Callable[..., Graph]
Codes = Callable[[str], list[str]]
Found = Callable[[str], list[Diagnostic]]
Programs = Callable[[str], ir.Program]


def test_definitions_stand_in_any_order(graph: Graphs) -> None:
    text = """
model small = family(wide)
model family(unit: block) { input(3, 8, 8); unit }
let units = [wide, basic]
block wide = basic(twice(size))
block basic(width) { conv(width, 3) }
def twice(n) = 2 * n
let size = half * 2
let half = 4
model second { input(3, 8, 8); let unit = units[0]; unit }
"""
    assert graph(text, "small").weights[0].weight.shape == (16, 3, 3, 3)
    assert graph(text, "second").weights[0].weight.shape == (16, 3, 3, 3)


def test_aliases_of_aliases(graph: Graphs) -> None:
    text = """
block basic(width, kernel = 3, stride = 1) { conv(width, kernel, stride = stride) }
block strided = basic(stride = 2)
block wide = strided(16)
block pointwise = wide(kernel = 1, stride = 1)
block conv5 = conv(kernel = 5)
===strided(8); wide; pointwise(width = 4); conv5(2)
"""
    shapes = [w.weight.shape for w in graph(text).weights if w.weight.name == "weight"]
    assert shapes == [(8, 3, 3, 3), (16, 8, 3, 3), (4, 16, 1, 1), (2, 4, 5, 5)]
    assert graph(text).output_types[0].shape == (2, 2, 2)


def test_the_comment_above_is_the_docstring(program: Programs) -> None:
    found = program("""# A file.

# What it is.
# In two lines.
model net { input(3, 8, 8); relu }

# The same.
model other = net
""")
    assert found.models["net"].doc == "What it is.\nIn two lines."
    assert found.models["other"].doc == "The same."


def test_an_authors_block_wins_over_an_operation_with_a_warning(
    graph: Graphs, found: Found
) -> None:
    text = """
block conv(width) { linear(width) }
===conv(4); residual { relu } shortcut full_projection
"""
    (warning,) = found(text)
    assert (warning.code, warning.severity) == ("R0222", Severity.WARNING)
    # The prelude keeps the operation.
    kinds = [node.op.name for node in graph(text).nodes]
    assert kinds == ["linear", "relu", "conv", "batch_norm", "add"]


def test_an_authors_block_wins_over_the_prelude(graph: Graphs, codes: Codes) -> None:
    text = (
        "block projection { conv(branch.channels, 1, bias = false) }\n"
        "===residual { conv(8, 3) } shortcut projection"
    )
    assert codes(text) == []
    assert [node.op.name for node in graph(text).nodes] == ["conv", "conv", "add"]


def test_a_function_of_the_authors_wins_over_a_built_in_one(graph: Graphs, codes: Codes) -> None:
    text = "def max(a, b) = a\n===conv(max(2, 3), 1)"
    assert codes(text) == ["R0222"]
    assert graph(text).output_types[0].shape == (2, 8, 8)


def test_a_parameter_hides_an_operation_in_its_block(graph: Graphs) -> None:
    text = "block f(conv: block) { conv }\n===f(relu)"
    assert [node.op.name for node in graph(text).nodes] == ["relu"]


def test_a_constant_may_hold_a_block(graph: Graphs) -> None:
    text = "let act = relu\nblock f(n, unit = act) { unit }\n===act; f(1); let g = f(2); g"
    assert [node.op.name for node in graph(text).nodes] == ["relu", "relu", "relu"]


def test_a_block_sees_only_its_own_names(codes: Codes) -> None:
    assert codes("block f { conv(width, 3) }\n===let width = 3; skip: relu; f") == ["R0201"]
    assert codes("block f { add(skip) }\n===skip: relu; f") == ["R0201"]


def test_a_function_sees_the_file_and_not_its_caller(graph: Graphs, codes: Codes) -> None:
    text = "let n = 2\ndef f(a) = a * n\nblock g(n) { conv(f(n), 1) }\n===g(5)"
    assert graph(text).output_types[0].shape == (10, 8, 8)
    assert codes("def f(a) = a * n\n===let n = 2; conv(f(1), 1)") == ["R0201"]


def test_recursion_under_an_if(graph: Graphs) -> None:
    text = "block f(n) { conv(n, 1); if n > 1 { f(n // 2) } }\n===f(8)"
    assert [w.weight.shape[0] for w in graph(text).weights[::2]] == [8, 4, 2, 1]
    assert [w.name for w in graph(text).weights][6] == "0.1.1.1.0.weight"


def test_a_function_may_call_itself(graph: Graphs) -> None:
    text = "def f(n) = 1 if n == 0 else n * f(n - 1)\n===conv(f(4), 1)"
    assert graph(text).output_types[0].shape == (24, 8, 8)


def test_imports_hide_no_other_mistakes_and_cause_none(codes: Codes) -> None:
    text = 'import "blocks.res"\n===bottleneck(4); conv(width, 3); relu(1)'
    assert codes(text) == ["R0218", "R0209"]


@pytest.mark.parametrize(
    "text",
    [
        "block wide = bottlneck(2)\nblock other = wide(3)\n===wide(4); other; x: wide",
        "let width = depth * 2\nlet wider = width + 1\n===conv(wider, width)",
        "block f(n = width) { conv(n, 3) }\n===f; f(3); stage 2 x f",
        "===x: batchnorm; add(x); y: { from x; concat(x) }",
        "===let n = depth; conv(n, 3); stage n x conv(n, 3)",
        "===for i in depths { x[i]: conv(i, 3) }; concat(x)",
        "model small = famly\nexpect small.params == 3\n===relu",
        "def f(a) = a + b\n===conv(f(1), f(2))",
        "model net { inptu(3, 8, 8); relu }",
        "defaults { conv(groups = two) }\n===conv(3, 3); residual { relu } shortcut projection",
        "===x: conv(3, 3, strides = 2); residual { add(x) } shortcut { from x }",
    ],
)
def test_one_mistake_gives_one_error(text: str, codes: Codes) -> None:
    assert len(codes(text)) == 1


def test_an_unknown_name_is_told_once_with_all_its_lines(found: Found) -> None:
    (error,) = found("===conv(widht, 3)\nconv(widht, widht)\nrelu\nconv(widht, 3)")
    assert error.notes == ("and again in lines 5, 7",)


def test_several_mistakes_give_several_errors_in_the_order_of_the_text(found: Found) -> None:
    text = """
let size = 4 * siz
block basic(width, stride = 1) {
    conv(widht, kernl = 3)
    for i in rnge(3) { batchnorm }
    residual { rellu } shortcut downsample: projektion
    relu(3)
}
===basik(3); basic(4, strides = 2); conv(8, 0)
"""
    errors = found(text)
    assert len(errors) == 11
    places = [d.primary.span.start for d in errors if d.primary is not None]
    assert places == sorted(places)


def test_no_more_than_a_hundred_errors(found: Found) -> None:
    errors = found("===" + "\n".join(f"missing_{n}" for n in range(5000)))
    assert len(errors) == 101
    assert errors[-1].code == "R0130"


def test_near_misses_do_not_take_long(found: Found) -> None:
    blocks = "\n".join(f"block some_name_{n} {{ relu }}" for n in range(3000))
    calls = "\n".join(f"some_nam_{n}" for n in range(200))
    assert len(found(f"{blocks}\n==={calls}\n{'x' * 5000}")) == 101


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("batchnorm", "batch_norm"),
        ("BatchNorm2d", "batch_norm"),
        ("Conv2d(3, 3)", "conv"),
        ("ReLU", "relu"),
        ("MaxPool2d(2)", "max_pool"),
        ("maxpool(2)", "max_pool"),
        ("globalavgpool", "global_avg_pool"),
        ("dense(10)", "linear"),
        ("projecton", "projection"),
        ("Flatten", "flatten"),
    ],
)
def test_did_you_mean(written: str, meant: str, found: Found) -> None:
    (error,) = found(f"==={written}")
    assert (error.help or "").startswith(f"did you mean `{meant}`?")


def test_no_guess_is_better_than_a_wild_one(found: Found) -> None:
    (error,) = found("===foo")
    assert error.help is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("block f(a: tensors) { concat(a) }\n===y[0]: relu; y[1]: relu; f(y)", None),
        ("block f(a: tensors) { concat(a) }\n===y: relu; f([y, in])", None),
        ("block f(a: tensor) { add(a) }\n===y: relu; f(y)", None),
        ("block f(a: tensor) { add(a) }\n===f(3)", "R0301"),
        ("block f(a: tensors) { add(a) }\n===f([3])", "R0301"),
        ("block f(a = 1.0) { relu }\n===f(3)", None),
        ("block f(a = 1) { relu }\n===f(3.0)", "R0302"),
        ("block f(a = -1) { relu }\n===f(3.5)", "R0302"),
        ("block f(a = 2 * 3) { relu }\n===f(3.5)", "R0302"),
        ("let n = 3\nblock f(a = n) { relu }\n===f(3.5)", "R0302"),
        ("block f(a = 3 / 2) { relu }\n===f(3)", None),
        ("block f(a = true) { relu }\n===f(1)", "R0301"),
        ("block f(a = 1 < 2) { relu }\n===f(1)", "R0301"),
        ('block f(a = "x") { relu }\n===f(1)', "R0301"),
        ("block f(a = [1]) { relu }\n===f(1)", "R0301"),
        ("block f(a = relu) { a }\n===f(1)", "R0301"),
        ("block f(a = relu if 1 < 2 else none) { a }\n===f(1)", "R0301"),
        ("block f(a = none) { relu }\n===f(relu)", None),
        ("block f(a: block) { relu }\n===f(none)", None),
        ("block f(a: int = 1.5) { relu }\n===f", "R0302"),
        ("block f(a = zeros) { conv(3, 3, init = a) }\n===f(ones)", None),
    ],
)
def test_types_of_parameters(text: str, code: str | None, codes: Codes) -> None:
    assert codes(text) == ([] if code is None else [code])


def test_input_and_output_are_steps_whatever_else_is_called_so() -> None:
    source = Source(
        "net.res",
        "model a(input = 3) { input(input, 8, 8); relu }\n"
        "model b { input(3, 8, 8); let output = 4; conv(output, 1); output }\n",
    )
    assert not check_source(source).errors
