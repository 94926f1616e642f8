"""What stands above and beside what."""

from collections.abc import Callable

from resdsl.analysis.drawing.bands import merged, places
from resdsl.analysis.drawing.lanes import lanes_of
from resdsl.analysis.drawing.routes import routes_of
from resdsl.analysis.drawing.scene import Arrow, Box, Extent, Scene

Make = Callable[..., Scene]


def test_a_residual_network_is_one_lane(scene: Make) -> None:
    found = lanes_of(scene("resnet.res:resnet34"))
    assert set(found.lanes) == {0}
    assert list(found.rows) == list(range(found.height))


def test_branches_stand_on_both_sides_of_the_longest(scene: Make) -> None:
    found = scene("networks.res:inceptions")
    lanes = lanes_of(found)
    assert sorted(set(lanes.lanes)) == [-1, 0, 1, 2]
    by_lane = {lane: found.boxes[i].text for i, lane in enumerate(lanes.lanes) if 3 <= i <= 9}
    assert by_lane[0] == "3x3 conv, 16"


def test_a_gate_stands_beside_what_it_gates(scene: Make) -> None:
    found = scene("networks.res:gates")
    lanes = lanes_of(found)
    beside = {box.text for box, lane in zip(found.boxes, lanes.lanes, strict=True) if lane == 1}
    assert beside == {
        *("global avg pool", "1x1 conv, 16", "1x1 conv, 256, softmax"),
        *("1x1 conv, 32", "1x1 conv, 512, softmax"),
    }


def test_what_lies_between_two_branches_stands_between_them(scene: Make) -> None:
    found = scene("networks.res:selectives")
    lanes = lanes_of(found).lanes
    by_text = {box.text: abs(lane) for box, lane in zip(found.boxes, lanes, strict=True)}
    assert by_text["3x3 conv, 16"] < by_text["1x1 conv, 8"] < by_text["3x3 conv, 16, dilation 2"]


def test_a_network_apart_has_lanes_of_its_own() -> None:
    """Two inputs and two results, with no arrow between their ways."""
    size = Extent("8", (8,))
    boxes = [Box(f"layer {i}", "layer" if i > 1 else "input", size, "") for i in range(10)]
    ends = [(0, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7), (5, 8), (7, 9), (8, 9)]
    lanes = lanes_of(Scene("", "", tuple(boxes), tuple(Arrow(*pair) for pair in ends)))
    assert len(set(zip(lanes.rows, lanes.lanes, strict=True))) == len(boxes)
    assert len({lanes.lanes[i] for i in (0, 2, 3, 4)}) == 1


def test_shortcuts_go_around_where_nothing_stands(scene: Make) -> None:
    for target, side in (("resnet.res:resnet34", 1), ("networks.res:gates", -1)):
        found = scene(target)
        routes = routes_of(found, lanes_of(found))
        assert {route.side for route in routes if route.kind == "around"} == {side}


def test_rows_are_in_order_of_computation(scene: Make) -> None:
    for name in ("inceptions", "gates", "preacts", "crossings", "dense", "selectives"):
        found = scene(f"networks.res:{name}")
        lanes = lanes_of(found)
        assert all(lanes.rows[a.source] < lanes.rows[a.target] for a in found.arrows)
        assert len(set(zip(lanes.rows, lanes.lanes, strict=True))) == len(found.boxes)


A, B, C = (Extent(f"{n} × {n}", (n, n)) for n in (224, 112, 56))
D = Extent("1", ())


def test_bands_of_networks_that_begin_at_other_sizes() -> None:
    assert merged([[A, A, B, D], [B, C, C, D]]) == [A, B, C, D]
    assert places([A, B, C, D], [B, B, D]) == [1, 1, 3]


def test_bands_of_a_network_that_returns_to_its_size() -> None:
    assert merged([[A, B, C, B, A], [A, B, D]]) == [A, B, C, B, A, D]


def test_bands_of_networks_with_nothing_in_common_stand_by_size() -> None:
    assert merged([[A, C], [B, D]]) == [A, B, C, D]
