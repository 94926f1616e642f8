"""Whose weight is whose, without a framework: descriptions put together by hand and from `.res`."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from resdsl.diagnostics import CompileError, Source
from resdsl.passes.elaborate import elaborate
from resdsl.passes.resolve import resolve
from resdsl.records import replace
from resdsl.syntax import parse
from resdsl.weights.dataflow import Step, dataflow
from resdsl.weights.description import (
    Description,
    describe,
    description_from_json,
    description_to_json,
    tensors_of,
)
from resdsl.weights.matching import Match, matches, unmatched
from resdsl.weights.name_maps import check_map, read_names, write_names

BLOCK = """
block bottleneck(width) {
    residual {
        conv1: conv(width, 1, bias = false); relu
        conv2: conv(width, 3, bias = false); relu
        conv3: conv(32, 1, bias = false)
    } shortcut downsample: { conv(32, 1, bias = false) }
    relu
}
model net {
    input(8, 8, 8)
    layer1: bottleneck(8)
    layer2: bottleneck(8)
    global_avg_pool
    fc: linear(4)
}
"""


def ours(text: str = BLOCK) -> Description:
    return describe(elaborate(resolve(parse(Source("net.res", text))), "net"))


def renamed(
    description: Description, names: dict[str, str], order: Iterable[str] = ()
) -> Description:
    """The same network with other layer names, declared in another order."""
    tensors = [
        replace(t, name=f"{names[t.layer]}.{t.role}", layer=names[t.layer])
        for t in description.tensors
    ]
    order = list(order) or [t.layer for t in tensors]
    edges = {
        names.get(layer, layer): frozenset(names.get(s, s) for s in sources)
        for layer, sources in description.edges.items()
    }
    return Description(tuple(sorted(tensors, key=lambda t: order.index(t.layer))), edges)


def first(one: Description, other: Description) -> Match:
    return next(matches(one, other))


def layers_of(match: Match) -> dict[str, str]:
    return {t.rpartition(".")[0]: o.rpartition(".")[0] for t, o in match.names.items()}


def test_a_network_of_ours_has_its_dataflow() -> None:
    found = ours()
    assert found.edges["layer1.conv1"] == {"<input 0>"}
    assert found.edges["layer2.conv1"] == {"layer1.conv3", "layer1.downsample.0"}
    assert found.edges["<output 0>"] == {"fc"}
    assert description_from_json(description_to_json(found)) == found


def test_dataflow_tells_layers_of_equal_shapes_apart() -> None:
    """layer1's conv3 and shortcut, and layer2's conv3, are alike in all but their neighbours."""
    mine = ours()
    names = {layer: f"m{i}" for i, layer in enumerate(mine.layers)}
    theirs = renamed(mine, names, reversed(names.values()))
    match = first(mine, theirs)
    assert (match.how, match.is_certain) == ("dataflow", True)
    assert layers_of(match) == {other: layer for layer, other in names.items()}


def test_equal_names_come_first() -> None:
    mine = ours()
    assert first(mine, mine).how == "names"


def test_order_is_taken_where_the_connections_are_not_known() -> None:
    mine = ours()
    names = {layer: f"m{i}" for i, layer in enumerate(mine.layers)}
    theirs = replace(renamed(mine, names), edges={})
    match = first(mine, theirs)
    assert (match.how, match.is_certain) == ("order", True)
    assert layers_of(match) == {other: layer for layer, other in names.items()}


def test_other_order_is_uncertain_and_says_what_is_ambiguous() -> None:
    mine = ours()
    names = {layer: f"m{i}" for i, layer in enumerate(mine.layers)}
    theirs = replace(renamed(mine, names, reversed(names.values())), edges={})
    match = first(mine, theirs)
    assert (match.how, match.is_certain) == ("order", False)
    # `m5`, declared before `m1`, is taken for the one that runs first: for the numbers to refuse.
    assert (("layer1.conv2", "layer2.conv2"), ("m5", "m1")) in match.groups


#: Nothing tells the two apart: both read the input, and their difference is the output.
OUTPUT = (
    {"<output 0>": frozenset({"key", "query"})},
    {"<output 0>": frozenset({"q", "k"})},
)


def test_twins_are_tried_in_both_orders() -> None:
    twins = [
        tensors_of((f"{name}.weight", (4, 4), True) for name in names)
        for names in (("key", "query"), ("q", "k"))
    ]
    around = {"<input 0>"}
    mine, theirs = (
        Description(tensors, {t.layer: frozenset(around) for t in tensors} | OUTPUT[i])
        for i, tensors in enumerate(twins)
    )
    found = [match for match in matches(mine, theirs) if match.how == "dataflow"]
    assert [layers_of(match) for match in found] == [
        {"q": "key", "k": "query"},
        {"k": "key", "q": "query"},
    ]
    assert found[0].groups == ((("key", "query"), ("q", "k")),)


def test_layouts_and_units_do_not_matter() -> None:
    """A 1x1 convolution for a linear layer, a scale of (8, 1, 1) for one of (8)."""
    mine = Description(tensors_of([("fc.weight", (10, 8), True), ("gamma", (8,), True)]), edges={})
    theirs = Description(
        tensors_of([("head.kernel", (10, 8, 1, 1), True), ("scaling", (8, 1, 1), True)]), edges={}
    )
    assert not unmatched(mine, theirs)
    assert first(mine, theirs).names == {"head.kernel": "fc.weight", "scaling": "gamma"}


def test_what_is_over_is_found_on_both_sides() -> None:
    mine = Description(tensors_of([("a.weight", (3, 2), True), ("b.weight", (4, 2), True)]), {})
    theirs = Description(tensors_of([("x.weight", (3, 2), True), ("y.weight", (5, 2), True)]), {})
    over = unmatched(mine, theirs)
    assert [t.name for t in over.ours] == ["b.weight"]
    assert [t.name for t in over.theirs] == ["y.weight"]


def test_a_norm_in_many_operations_is_one_layer() -> None:
    """x * (rsqrt(var) * scale) + (bias - mean * …), behind a convolution: two layers, one edge."""
    weights = {"w": "conv", "scale": "bn", "var": "bn", "bias": "bn", "mean": "bn"}
    steps = [
        Step(("x", "w"), ("y",)),
        Step(("var", "eps"), ("inverse",)),
        Step(("inverse", "scale"), ("factor",)),
        Step(("y", "factor"), ("scaled",)),
        Step(("mean", "factor"), ("shift",)),
        Step(("bias", "shift"), ("offset",)),
        Step(("scaled", "offset"), ("normed",)),
        Step(("normed",), ("active",)),
        Step(("active", "y"), ("sum",)),
    ]
    assert dataflow(steps, weights, ["x"], ["sum"]) == {
        "conv": {"<input 0>"},
        "bn": {"conv"},
        "<output 0>": {"bn", "conv"},
    }


@pytest.mark.parametrize("name", ["names.json", "names.toml"])
def test_maps_are_read_as_they_are_written(tmp_path: Path, name: str) -> None:
    names = {"stem.0/kernel": "conv1.weight", "überall": "conv1.bias"}
    write_names(tmp_path / name, names)
    assert read_names(tmp_path / name) == names


def test_dotted_keys_of_toml_are_names(tmp_path: Path) -> None:
    (tmp_path / "names.toml").write_text('stem.conv.weight = "conv1.weight"\n')
    assert read_names(tmp_path / "names.toml") == {"stem.conv.weight": "conv1.weight"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "holds no names"),
        ("{", "is no JSON"),
        ('{"a": 1}', "has no name but 1"),
        ('{"a": "x", "b": "x"}', "gives `x` to several: `a`, `b`"),
    ],
)
def test_what_is_no_map_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "names.json").write_text(text)
    with pytest.raises(CompileError, match="R0643") as caught:
        read_names(tmp_path / "names.json")
    assert said in caught.value.diagnostics[0].message


def test_a_map_names_every_weight_once() -> None:
    check_map({"a": "x"}, ["a"], ["x"])
    with pytest.raises(CompileError) as caught:
        check_map({"stem.weigth": "x"}, ["stem.weight"], ["x"])
    assert caught.value.diagnostics[0].notes == (
        "`stem.weight` is in no line of the map",
        "`stem.weigth` is no weight of your module, but `stem.weight` is",
    )
