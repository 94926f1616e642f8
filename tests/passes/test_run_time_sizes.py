"""Networks whose sizes are known at run time: their shapes are those of every size."""

from pathlib import Path

import pytest

from resdsl import ir
from resdsl.diagnostics import CompileError, Source
from resdsl.expressions.run_time import AnySize
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate import elaborate
from resdsl.passes.load import complete_models, load_program
from resdsl.passes.resolve import resolve
from resdsl.sizes import Dim, UnknownSize
from resdsl.syntax import parse
from tests.support import programs

ROOT = Path(__file__).resolve().parents[2]
FILES = [*(ROOT / "examples").glob("*.res"), *(ROOT / "tests/data/networks").glob("*.res")]
NETWORKS = [
    pytest.param(path, name, id=f"{path.stem}-{name}")
    for path in sorted(FILES)
    for name in complete_models(load_program(str(path)))
]
#: Heights and widths; the second of each pair is a multiple of 4.
SIZES = [(1, 4), (5, 8), (16, 12), (33, 40), (64, 100), (97, 64), (224, 228)]


def at(size: Dim, values: dict[str, int]) -> int:
    return size if isinstance(size, int) else size.at(values)


def compare(program: ir.Program, name: str, declared: Graph) -> int:
    """Compare with the network at numbers; returns at how many sizes it has a meaning."""
    (type_,) = declared.input_types
    names = ((), ("length",), ("h", "w"), ("d", "h", "w"))[type_.rank]
    compared = 0
    for height, width in SIZES:
        sizes = (height, width, height)[: type_.rank]
        try:
            fixed = elaborate(program, name, None, (type_.channels, *sizes))
        except CompileError:
            continue  # Too small for one of the windows.
        values = dict(zip(names, sizes, strict=True))
        found = [tuple(at(size, values) for size in t.shape) for t in declared.types]
        assert found == [t.shape for t in fixed.types]
        assert at(declared.macs, values) == fixed.macs
        assert [n.path for n in declared.nodes] == [n.path for n in fixed.nodes]
        assert [(w.name, w.weight.shape) for w in declared.weights] == [
            (w.name, w.weight.shape) for w in fixed.weights
        ]
        compared += 1
    return compared


def free(graph: Graph) -> tuple[int | AnySize, ...]:
    """The input with its sizes left to the run time, every other one a multiple of 4."""
    (type_,) = graph.input_types
    return (type_.channels, *(AnySize(4 if axis % 2 else 1) for axis in range(type_.rank)))


@pytest.mark.parametrize(("path", "name"), NETWORKS)
def test_networks_at_any_size(path: Path, name: str) -> None:
    program = load_program(str(path))
    plain = elaborate(program, name)
    if not plain.input_types[0].rank:
        return
    try:
        declared = elaborate(program, name, None, free(plain))
    except CompileError as failure:
        # Weights behind `flatten`, or a condition on the size.
        assert {d.code for d in failure.diagnostics} <= {"R0303", "R0308", "R0317"}
        return
    assert not declared.is_sized
    assert compare(program, name, declared) > 2


def test_random_programs_at_any_size() -> None:
    compared = 0
    for seed in range(150):
        program = resolve(parse(Source("net.res", programs.program(seed))))
        for name in complete_models(program):
            try:
                declared = elaborate(program, name, None, free(elaborate(program, name)))
            except CompileError:
                continue
            compared += compare(program, name, declared)
    assert compared > 100


def graph_of(text: str, model: str = "net") -> Graph:
    return elaborate(resolve(parse(Source("net.res", text))), model)


@pytest.mark.parametrize(
    ("statements", "output"),
    [
        ("conv(8, 3)", "8 x h x w"),
        ("conv(8, 3, stride = 2)", "8 x (h+1)//2 x w/2"),
        ('conv(8, 3, stride = 2, pad = "valid")', "8 x (h+1)//2-1 x w/2-1"),
        ('conv(8, 5, stride = 3, pad = "tf_same")', "8 x (h+2)//3 x (w+2)//3"),
        ("conv(8, 3, dilation = 4, pad = 1)", "8 x h-6 x w-6"),
        ("max_pool(2); max_pool(2); max_pool(2)", "3 x h//8 x w/8"),
        ("max_pool(3, stride = 2, ceil = true)", "3 x h//2+1 x w/2+1"),
        ("avg_pool(2, ceil = true)", "3 x (h+1)//2 x w/2"),
        ("subsample(4)", "3 x (h+3)//4 x w/4"),
        ("pad([1, 2, 3, 4])", "3 x h+3 x w+7"),
        ("adaptive_avg_pool([7, 5])", "3 x 7 x 5"),
        ("global_avg_pool", "3"),
        ("global_max_pool(keep = true)", "3 x 1 x 1"),
        ("linear(5)", "5 x h x w"),
        ("mul { global_avg_pool }", "3 x h x w"),
        ("mul { global_avg_pool(keep = true) }", "3 x h x w"),
        ("concat { max_pool(2) } { conv(1, 2, stride = 2, pad = 0) }", "4 x h//2 x w/2"),
        ("residual { conv(4, 3, stride = 2) } shortcut projection", "4 x (h+1)//2 x w/2"),
        ("residual { conv(4, 3, stride = 2) } shortcut zero_pad", "4 x (h+1)//2 x w/2"),
        ("if in.width % 32 == 0 { conv(8, 1) }", "8 x h x w"),
        ("if in.height >= 1 and in.width > 31 { conv(8, 1) }", "8 x h x w"),
        ("if in.width == 7 { conv(8, 1) } else { conv(9, 1) }", "9 x h x w"),
        ("conv(4, 1); expect in.height == in.height * 2 - in.height", "4 x h x w"),
    ],
)
def test_shapes(statements: str, output: str) -> None:
    graph = graph_of(f"model net {{ input(3, any, any(32)); {statements} }}")
    assert str(graph.output_types[0]) == output


@pytest.mark.parametrize(
    ("declared", "output"),
    [
        ("12, any", "12 x (length+1)//2"),
        ("1, any, any(4), any(2)", "1 x (d+1)//2 x h/2 x w/2"),
        ("3, any(2), 32", "3 x h/2 x 16"),
        ("3, 32, any(1)", "3 x 16 x (w+1)//2"),
        ("3, any if 2 > 1 else 32, size", "3 x (h+1)//2 x w/2"),
    ],
)
def test_inputs(declared: str, output: str) -> None:
    text = f"let size = any(4)\n\nmodel net {{ input({declared}); subsample(2) }}"
    assert str(graph_of(text).output_types[0]) == output


def test_an_authors_own_any_wins() -> None:
    text = "def any(n) = 4 * n\n\nmodel net { input(3, any(2), any(3)); relu }"
    assert graph_of(text).input_types[0].shape == (3, 8, 12)


def test_facts_of_a_network_of_any_size() -> None:
    graph = graph_of("model net { input(3, any, any); conv(8, 3); max_pool(2) }")
    assert not graph.is_sized
    assert str(graph.macs) == "216 * h * w"
    assert graph.parameters == 224
    with pytest.raises(UnknownSize):
        _ = graph.output_types[0].numbers
    assert graph.output_types[0].to_json() == [8, "h // 2", "w // 2"]


def test_expectations_about_sizes() -> None:
    text = """
model net { input(3, any(2), any(2)); conv(8, 3); max_pool(2) }
expect net.params == 224
expect net.input[0] == 3 and net.output[0] == 8
"""
    from resdsl.passes.check import check_source

    assert not check_source(Source("net.res", text)).diagnostics
