"""What elaboration writes down beside the nodes: facts, uses, origins, warnings."""

from collections.abc import Callable

from resdsl import ir
from resdsl.diagnostics import Diagnostic, Severity
from resdsl.ir.graph import Graph
from resdsl.types import TensorType

Graphs = Callable[..., Graph]

TEXT = """
block unit(width, stride = 1, norm: block = batch_norm) {
    residual {
        conv1: conv(width, 3, stride = stride)
        norm
    } shortcut downsample: projection
}

model net(widths = [4, 8]) {
    input(3, 8, 8)
    stage layer1: 2 x unit(widths[0])
    stage layer2: 2 x unit(widths[1], stride = 2)
    other: unit(8, norm = identity)
}
"""


def test_every_execution_of_a_statement_is_a_fact(graph: Graphs) -> None:
    network = graph(TEXT)
    found = {
        spec.kinds[0][1]: [instance.output for instance in instances]
        for (spec, statement), instances in network.facts.items()
        if isinstance(statement, ir.OpStep) and statement.name == ir.Fixed("conv1")
    }
    plain, identity = found
    assert plain is not None and plain.target.name == "batch_norm"
    assert identity is not None and identity.target.name == "identity"
    assert found[plain] == [
        TensorType((4, 8, 8)),
        TensorType((4, 8, 8)),
        TensorType((8, 4, 4)),
        TensorType((8, 4, 4)),
    ]
    assert found[identity] == [TensorType((8, 4, 4))]


def test_uses_hold_arguments_and_inputs(graph: Graphs) -> None:
    uses = [
        (use.arguments["width"], use.arguments["stride"], use.input.channels)
        for spec, found in graph(TEXT).uses.items()
        if spec.block.name == "unit"
        for use in found
    ]
    assert uses == [(4, 1, 3), (4, 1, 4), (8, 2, 4), (8, 1, 8), (8, 1, 8)]


def test_origins_tell_the_line_and_the_calls(graph: Graphs) -> None:
    node = next(n for n in graph(TEXT).nodes if n.path == "layer2.0.conv1")
    assert str(node.origin.span) == "net.res:4:9"
    frames = list(node.origin.frame.chain()) if node.origin.frame else []
    assert [frame.text for frame in frames] == ["unit(width = 8, stride = 2)"]
    assert str(frames[0].span) == "net.res:12:23"


def test_a_shortcut_has_the_prelude_and_the_author_in_its_chain(graph: Graphs) -> None:
    node = next(n for n in graph(TEXT).nodes if n.path == "layer2.0.downsample.0")
    assert node.origin.span.source.name == "<prelude>"
    frames = list(node.origin.frame.chain()) if node.origin.frame else []
    assert [frame.name for frame in frames] == ["projection", "unit"]


def test_values_and_nodes_fit_together(graph: Graphs) -> None:
    network = graph(TEXT)
    made = {entry.value for entry in network.inputs}
    for node in network.nodes:
        assert set(node.inputs) <= made
        assert network.types[node.output] == node.op.infer(*(network.types[i] for i in node.inputs))
        made.add(node.output)
    assert set(network.outputs) <= made


def test_operations_that_leave_their_input_alone_are_no_nodes(graph: Graphs) -> None:
    network = graph("===identity; pad(0); subsample(1); pad_channels(3); relu; flatten; flatten")
    assert [node.op.name for node in network.nodes] == ["relu", "flatten"]


def test_the_entry_has_every_argument_given(graph: Graphs) -> None:
    network = graph(f"{TEXT}\nmodel wide = net(widths = [16, 32])", "wide")
    assert network.entry.target.name == "net"
    assert network.arguments == {"widths": (16, 32)}


def test_an_input_that_nothing_reads_is_a_warning(
    graph: Graphs, found: Callable[[str], list[Diagnostic]]
) -> None:
    (warning,) = graph("===identity").warnings
    assert (warning.code, warning.severity) == ("R0226", Severity.WARNING)
    assert [d.code for d in found("===identity")] == ["R0226"]
    assert graph("===relu").warnings == []


def test_elaboration_is_deterministic_and_leaves_the_program_alone(graph: Graphs) -> None:
    first, second = graph(TEXT), graph(TEXT)
    assert [n.path for n in first.nodes] == [n.path for n in second.nodes]
    assert [w.name for w in first.weights] == [w.name for w in second.weights]
