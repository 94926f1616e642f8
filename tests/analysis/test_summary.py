"""The table of a network: rows of layers and scopes, and sums that agree with the graph."""

from pathlib import Path

import pytest

from resdsl.analysis.summary import Summary, summarize
from resdsl.passes.load import load_graph

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def summary(target: str, depth: int = 1) -> Summary:
    return summarize(load_graph(f"{EXAMPLES}/{target}"), depth)


@pytest.mark.parametrize("depth", [1, 2, 3, 9])
@pytest.mark.parametrize("target", ["resnet.res:resnet50", "vgg.res:vgg11_bn"])
def test_rows_add_up(target: str, depth: int) -> None:
    found = summary(target, depth)
    assert sum(row.parameters for row in found.rows) == found.parameters
    assert sum(row.macs for row in found.rows) == found.macs


def test_a_stage_is_one_row_of_its_blocks() -> None:
    row = next(r for r in summary("resnet.res:resnet50").rows if r.path == "layer3")
    assert row.kind == "6 x bottleneck"
    assert str(row.output) == "1024 x 14 x 14"


def test_a_level_more_shows_the_blocks_of_a_stage() -> None:
    rows = {r.path: r for r in summary("resnet.res:resnet50", 2).rows}
    assert rows["layer3.0"].kind == "bottleneck"
    assert "layer3" not in rows
    assert rows["fc"].kind == "linear"


def test_all_levels_show_the_operations() -> None:
    rows = {r.path: r for r in summary("resnet.res:resnet18", 9).rows}
    assert rows["layer2.0.downsample.0"].kind == "conv"
    assert rows["layer2.0.downsample.0"].parameters == 128 * 64


def test_as_text_it_is_a_table_with_a_total() -> None:
    lines = str(summary("resnet.res:resnet18")).splitlines()
    assert lines[-1] == (
        "resnet18: 3 x 224 x 224 -> 1000, 11,689,512 parameters, 1,814,073,344 multiply-accumulates"
    )
    assert "layer1" in lines[5]
    assert "2 x basic" in lines[5]
