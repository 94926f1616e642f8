"""Tensors as values: lists, several results, inputs and outputs, and items that run again."""

from collections.abc import Callable

import pytest

from resdsl.ir.graph import Graph

Graphs = Callable[..., Graph]
PAIR = "block pair(width) { low: conv(width, 3); high: conv(2 * width, 3); output(low, high) }\n"


def shapes(network: Graph) -> list[tuple[int, ...]]:
    return [type_.shape for type_ in network.output_types]


# ---- split and lists -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x: split(3); from x[1]", (1, 8, 8)),
        ("x: split([2, 1]); from x[-2]", (2, 8, 8)),
        ("x: split([2, 1]); concat(x, in)", (6, 8, 8)),
        ("x: split(3); add(x); conv(len(x), 1)", (3, 8, 8)),
        ("x: split(3); concat(x[1:])", (2, 8, 8)),
        ("x: split(3); concat(reversed(x))", (3, 8, 8)),
        ("x: split(3); concat([t for t in x if true])", (3, 8, 8)),
        ("x: split(3); for t in x { from t; y[index]: conv(2, 1) }; concat(y)", (6, 8, 8)),
        ("x: split(1); conv(len(x), 1)", None),
        ("x: split(3); sub(x[:2])", (1, 8, 8)),
        ("x: split(3); mul(x)", (1, 8, 8)),
        ("x: split(3); concat { from x[0] } { from x[2]; conv(4, 1) }", (5, 8, 8)),
        ("for i in range(3) { if i > 0 { add(y[i - 1]) }; y[i]: conv(4, 1) }", (4, 8, 8)),
    ],
)
def test_what_flows(body: str, expected: tuple[int, ...] | None, graph: Graphs) -> None:
    if expected is None:
        with pytest.raises(Exception, match=r"R0301|R0303"):
            graph(f"==={body}")
        return
    assert shapes(graph(f"==={body}")) == [expected]


def test_a_split_is_one_node_with_several_results(graph: Graphs) -> None:
    network = graph("===x: split(3); concat(x[2], x[0])")
    split, concat = network.nodes
    assert split.outputs == (split.output, *split.others) and len(split.outputs) == 3
    assert concat.inputs == (split.outputs[2], split.outputs[0])


def test_parts_come_from_where_their_tensor_comes_from(graph: Graphs) -> None:
    body = "residual { conv(4, 3, stride = 2); x: split(2); from x[0]; y: conv(3, 1) } "
    assert shapes(graph(f"==={body}shortcut projection")) == [(3, 4, 4)]


# ---- results -------------------------------------------------------------------------------------


def test_results_are_read_by_name_and_by_number(graph: Graphs) -> None:
    text = PAIR + "===p: pair(4); concat(p.high, p[0], p[-1])"
    assert shapes(graph(text)) == [(20, 8, 8)]
    text = PAIR + "===p: pair(4); from p.low; conv(p.high.channels + len(p), 1)"
    assert shapes(graph(text)) == [(10, 8, 8)]


def test_a_block_that_reads_no_input_may_follow_several_tensors(graph: Graphs) -> None:
    text = PAIR + "block sum(levels: tensors) { concat(levels) }\n===p: pair(4); sum(p)"
    assert shapes(graph(text)) == [(12, 8, 8)]


def test_a_list_may_be_one_of_several_results(graph: Graphs) -> None:
    block = "block f { y[0]: conv(2, 1); y[1]: conv(3, 1); z: relu; output(y, z) }\n"
    assert shapes(graph(block + "===r: f; concat(r.y); concat(r.y[0], r.z)")) == [(5, 8, 8)]
    assert len(graph(block + "===r: f; output(r)").outputs) == 3


# ---- inputs and outputs --------------------------------------------------------------------------

TWO = "model net {\n    left: input(3, 8, 8)\n    right: input(5, 8, 8)\n"


def test_several_inputs_and_outputs_have_their_labels(graph: Graphs) -> None:
    network = graph(TWO + "    c: concat(left, right)\n    x: split(2)\n    output(left, c, x)\n}")
    assert [i.name for i in network.inputs] == ["left", "right"]
    assert network.output_names == ["left", "c", "x.0", "x.1"]
    assert shapes(network) == [(3, 8, 8), (8, 8, 8), (4, 8, 8), (4, 8, 8)]


def test_one_output_has_no_name_of_its_own(graph: Graphs) -> None:
    assert graph("===a: relu; output(a)").output_names == ["output"]


def test_one_of_several_inputs_gets_another_shape(graph: Graphs) -> None:
    text = (
        TWO + "    from left\n    a: conv(2, 3)\n    from right\n    b: relu\n    output(a, b)\n}"
    )
    network = graph(text, input={"left": (3, 4, 6)})
    assert shapes(network) == [(2, 4, 6), (5, 8, 8)]


def test_sizes_of_several_inputs_are_told_apart(graph: Graphs) -> None:
    text = "model net { left: input(3, any, any); right: input(3, any); from left; relu }"
    assert [str(t) for t in graph(text).input_types] == ["3 x left_h x left_w", "3 x right_length"]


@pytest.mark.parametrize("given", [{"middle": (3, 8, 8)}, (3, 8, 8)])
def test_a_shape_for_no_input_is_refused(given: object, graph: Graphs) -> None:
    with pytest.raises(Exception, match="R0708"):
        graph(TWO + "    concat(left, right)\n}", input=given)


# ---- again ---------------------------------------------------------------------------------------

AGAIN = "===first: { conv(3, 3); batch_norm }; again(first); again(first)"


def test_weights_count_once_and_work_counts_every_time(graph: Graphs) -> None:
    once, thrice = graph("===first: { conv(3, 3); batch_norm }"), graph(AGAIN)
    assert [w.name for w in thrice.weights] == [w.name for w in once.weights]
    assert thrice.parameters == once.parameters and thrice.macs == 3 * once.macs


def test_every_run_has_a_name_and_its_owner(graph: Graphs) -> None:
    nodes = graph(AGAIN).nodes
    convs = [node for node in nodes if node.op.name == "conv"]
    assert [node.path for node in convs] == ["first.0", "first.0@1", "first.0@2"]
    assert {node.owner for node in convs} == {convs[0]} and convs[0].again is None
    assert [node.inputs[0] for node in nodes] == [0, 1, 2, 3, 4, 5]


def test_what_is_read_from_outside_is_read_again(graph: Graphs) -> None:
    """Only what came along is another, even where a label names the same tensor."""
    network = graph("===a: identity; first: { conv(3, 1); add(a) }; again(first)")
    adds = [node for node in network.nodes if node.op.name == "add"]
    assert [node.inputs[1] for node in adds] == [0, 0]


def test_what_was_given_by_name_is_given_again(graph: Graphs) -> None:
    block = "block merge(skip: tensor) { conv(3, 1); add(skip); add(in) }\n"
    network = graph(block + "===first: merge(in); again(first)")
    inputs = [node.inputs for node in network.nodes if node.op.name == "add"]
    assert inputs == [(1, 0), (2, 0), (4, 0), (5, 3)]


def test_one_of_a_list_runs_again(graph: Graphs) -> None:
    network = graph("===for i in range(2) { y[i]: conv(3, 1) }; again(y[1]); again(y[0])")
    assert [node.owner.path for node in network.nodes] == ["y.0", "y.1", "y.1", "y.0"]


def test_it_may_run_on_other_positions(graph: Graphs) -> None:
    text = "===first: { conv(3, 3); relu }; max_pool(2); again(first)"
    assert shapes(graph(text)) == [(3, 4, 4)]


def test_results_of_another_run_have_their_own_label(graph: Graphs) -> None:
    text = PAIR + "===p: pair(3); from p.low; q: again(p); concat(q.low, p.high)"
    network = graph(text)
    assert shapes(network) == [(9, 8, 8)]
    assert [node.path for node in network.nodes][:4] == ["p.low", "p.high", "p.low@1", "p.high@1"]
