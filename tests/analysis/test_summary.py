"""The table of a network: rows of layers and scopes, and sums that agree with the graph."""

from collections.abc import Iterable
from pathlib import Path

import pytest

import resdsl
from resdsl.analysis.summary import Row, Summary, memory, quoted, summarize
from resdsl.passes.load import load_graph

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def summary(target: str, depth: int = 1, layers: bool = False) -> Summary:
    return summarize(load_graph(f"{EXAMPLES}/{target}"), depth, layers)


def opened(rows: Iterable[Row]) -> dict[str, Row]:
    found = {}
    for row in rows:
        found[row.path] = row
        found.update(opened(row.rows))
    return found


@pytest.mark.parametrize("layers", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 3, 9])
@pytest.mark.parametrize("target", ["resnet.res:resnet50", "vgg.res:vgg11_bn"])
def test_rows_add_up(target: str, depth: int, layers: bool) -> None:
    found = summary(target, depth, layers)
    for row in (found, *opened(found.rows).values()):
        if row.rows:
            assert sum(inner.parameters for inner in row.rows) == row.parameters
            assert sum(inner.macs for inner in row.rows) == row.macs
            assert sum(inner.activations for inner in row.rows) == row.activations


def test_a_stage_is_one_row_of_its_blocks() -> None:
    row = next(r for r in summary("resnet.res:resnet50").rows if r.path == "layer3")
    assert row.kind == "6 x bottleneck(width = 256, stride = 2)"
    assert str(row.output) == "1024 x 14 x 14"
    assert row.rows == ()


def test_a_level_more_shows_the_blocks_of_a_stage() -> None:
    found = summary("resnet.res:resnet50", 2)
    layer3 = next(r for r in found.rows if r.path == "layer3")
    assert [r.path for r in layer3.rows] == [f"layer3.{i}" for i in range(6)]
    assert layer3.rows[0].kind == "bottleneck(width = 256, stride = 2)"
    assert layer3.rows[1].kind == "bottleneck(width = 256)"
    assert layer3.rows[0].rows == ()


def test_all_levels_show_the_operations_but_for_those_that_carry_nothing() -> None:
    rows = opened(summary("resnet.res:resnet18", 9).rows)
    assert rows["layer2.0.downsample.0"].kind == "1x1 conv, 128, /2"
    assert rows["layer2.0.downsample.0"].parameters == 128 * 64
    assert "relu1" not in rows
    assert "layer1.0.add1" not in rows
    assert "max_pool1" in rows


def test_layers_shows_them_all() -> None:
    graph = load_graph(f"{EXAMPLES}/resnet.res:resnet18")
    rows = opened(summarize(graph, layers=True).rows)
    assert {node.path for node in graph.nodes} <= set(rows)


def test_a_relu_that_is_not_shown_is_counted_with_the_layer_before_it() -> None:
    hidden, shown = (
        opened(summary("resnet.res:resnet18", layers=layers).rows) for layers in (False, True)
    )
    assert hidden["bn1"].activations == shown["bn1"].activations + shown["relu1"].activations


def test_the_elements_of_a_list_are_items_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "net.res"
    path.write_text(
        "block unit(width) { conv(width, 3); relu }\n"
        "model net {\n"
        "    input(1, 8, 8)\n"
        "    for i in range(2) { down[i]: unit(4); max_pool(2) }\n"
        "}\n"
    )
    rows = summarize(load_graph(str(path))).rows
    assert [(r.path, r.kind) for r in rows][::2] == [
        ("down.0", "unit(width = 4)"),
        ("down.1", "unit(width = 4)"),
    ]


def test_as_text_it_is_a_table_with_totals() -> None:
    lines = str(summary("resnet.res:resnet50")).splitlines()
    assert lines[-3:] == [
        "resnet50: 3 x 224 x 224 -> 1000",
        "25.56 M parameters (25,557,032), 4.09 G multiply-adds (4,089,184,256)",
        "97.5 MiB of weights and 79.8 MiB of activations kept for training, one sample in float32",
    ]
    assert lines[4].split() == [
        *("layer1", "3", "x", "bottleneck(width", "=", "64)", "256", "x", "56", "x", "56"),
        *("215,808", "0.8", "667,942,912", "16.3", "30.6", "MiB"),
    ]


def test_as_json_it_is_the_tree() -> None:
    found = summary("resnet.res:resnet18", 2).to_json()
    assert found["parameters"] == 11_689_512
    assert found["weight_bytes"] == 4 * 11_689_512
    (layer1,) = (row for row in found["rows"] if row["path"] == "layer1")
    assert layer1["output"] == [64, 56, 56]
    assert [row["path"] for row in layer1["rows"]] == ["layer1.0", "layer1.1"]


@pytest.mark.parametrize(
    ("count", "text"),
    [(4_089_184_256, "4.09 G"), (25_557_032, "25.56 M"), (269_722, "0.27 M"), (554, "554")],
)
def test_large_numbers_are_quoted_as_in_papers(count: int, text: str) -> None:
    assert quoted(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(102_228_128, "97.5 MiB"), (802_816, "0.77 MiB"), (8192, "8.0 KiB")]
)
def test_memory_is_in_binary_units(count: int, text: str) -> None:
    assert memory(count) == text


MIXED = """\
block gate { mul { global_avg_pool(keep = true); conv(in.channels, 1); relu } }
model mixed {
    input(3, 16, 16)
    conv(8, 3); batch_norm; relu; max_pool(2)
    concat { conv(8, 3, stride = 2, pad = 1); relu } { max_pool(2) }
    dropout(0.3)
    gate
    residual { conv(8, 1); relu; conv(16, 3) } shortcut pad_channels(16)
    relu
    flatten
    linear(10); dropout(0.5); linear(5)
}
"""


@pytest.mark.parametrize("target", ["resnet.res:resnet18", "resnet.res:resnet34_a", "mixed"])
def test_activations_are_what_autograd_saves(target: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    (tmp_path / "mixed").write_text(MIXED)
    model = resdsl.load(tmp_path / target if target == "mixed" else f"{EXAMPLES}/{target}")
    module = model.build("torch").train()
    image = torch.randn(2, *model.graph.input_types[0].shape)
    apart = {t.untyped_storage().data_ptr() for t in (image, *module.state_dict().values())}
    saved = {}

    def keep(tensor):
        # Statistics of a batch norm are one number a channel, indices of a max pool no floats.
        if tensor.is_floating_point() and tensor.dim() > 1:
            saved[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        module(image)
    found = sum(4 * t.numel() for where, t in saved.items() if where not in apart)
    assert found == 2 * model.summary().activations


def test_work_that_depends_on_sizes_at_run_time(tmp_path: Path) -> None:
    path = tmp_path / "net.res"
    path.write_text(
        "model net { input(4, 12, any); max_pool(2); x: split(1); attend(x[0], x[0], x[0]) }\n"
    )
    assert "attend" in str(summarize(load_graph(str(path)), depth=2))
