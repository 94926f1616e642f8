"""Every value of a network is seen, once, under the name that the graph gives it.

The interpreter says what each node leaves; the values that the probes of generated PyTorch show
must be those, name by name. Everything else rests on it: a value that is called wrongly would lead
to the wrong line.
"""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from cases import cases
from compiled import example, graph_of, source_of
from interpreter import Run
from probing import Bench, Seen, largest_difference

from resdsl.codegen.probes import result_name
from resdsl.ir.graph import Graph
from resdsl.weights.store import read_weights

#: Networks that show their values in a second or less, with the input's shape.
NETWORKS = [
    ("resnet_cifar.res", "resnet8", (3, 16, 16)),
    ("resnet.res", "resnet18", (3, 32, 32)),
    ("zoo/densenet.res", "densenet121", (3, 32, 32)),
    ("zoo/fixup.res", "fixup20", (3, 16, 16)),
    ("zoo/highway.res", "highway_mnist", (1, 28, 28)),
    ("zoo/mobilenet_v3.res", "mobilenet_v3_large", (3, 32, 32)),
    ("zoo/repvgg.res", "repvgg_a0", (3, 32, 32)),
    ("zoo/revnet.res", "revnet38", (3, 16, 16)),
    ("zoo/stochastic_depth.res", "resnet110", (3, 16, 16)),
    ("zoo/tabular_resnet.res", "tabular_resnet", None),
]
AGAIN = """
block shared(w) {
    a: conv(w, 3)
    relu
    y: relu
    again(a)
    add(y)
    relu
}

block stateless_then_relu1(w) {
    conv(w, 1)
    relu
    for k in range(2) {
        relu
        residual { conv(w, 3); tanh } shortcut { avg_pool(3, stride = 1, pad = 1); tanh }
    }
    many: split(2)
    concat(many[1], many[0])
}

model net {
    input(3, 8, 8)
    conv1: conv(4, 3)
    s: shared(4)
    again(s)
    t: relu
    again(t)
    u[0]: tanh
    u[1]: relu
    again(u[0])
    stateless_then_relu1(4)
    global_avg_pool
    linear(5)
}
"""


@pytest.fixture(scope="module")
def runtime():  # type: ignore[no-untyped-def]
    from resdsl.backends.torch.runtime import TorchRuntime

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield TorchRuntime()
    torch.set_num_threads(threads)


def interpreted(bench: Bench) -> dict[str, np.ndarray]:
    """What every node leaves, by the interpreter."""
    weights = {n: torch.tensor(a).double() for n, a in read_weights(bench.weights).items()}
    run = Run(weights)
    inputs = [torch.tensor(bench.batch.inputs[i.name]).double() for i in bench.facts.inputs]
    with torch.no_grad():
        run(bench.graph, *inputs)
    return {
        result_name(node.path, number): value.numpy()
        for node, values in run.results
        for number, value in enumerate(values)
    }


def check(graph: Graph, runtime, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """All values are there, they are the interpreter's, and looking changes nothing."""
    bench = Bench(graph, "torch", folder)
    network = bench.probed(runtime)
    seen = bench.infer(network)
    plain = bench.plain(runtime).infer(bench.batch.inputs)
    assert all(np.array_equal(plain[name], seen.outputs[name]) for name in plain)
    assert largest_difference(seen.values, interpreted(bench)) < 1e-11
    trained = bench.step(network)
    assert set(trained.values) == set(bench.names)
    assert set(trained.weights) == set(bench.facts.parameters)
    check_forced(bench, runtime, seen, trained)


def check_forced(bench: Bench, runtime, seen: Seen, trained: Seen) -> None:  # type: ignore[no-untyped-def]
    """Going on with one's own values is going on."""
    network = bench.probed(runtime)
    assert largest_difference(bench.infer(network, seen).values, seen.values) < 1e-13
    again = bench.step(network, trained)
    assert largest_difference(again.values, trained.values) < 1e-13
    assert largest_difference(again.gradients, trained.gradients) < 1e-12
    assert largest_difference(again.weights, trained.weights) < 1e-12


def test_every_case_of_every_operation_shows_all_its_values(runtime, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for case in cases():
        check(case.graph, runtime, tmp_path / str(case).replace(":", "-"))


@pytest.mark.parametrize(("file", "model", "shape"), NETWORKS, ids=lambda v: str(v))
def test_a_network_shows_all_its_values(  # type: ignore[no-untyped-def]
    file: str, model: str, shape: tuple[int, ...] | None, runtime, tmp_path: Path
) -> None:
    check(graph_of(example(file), model, shape), runtime, tmp_path)


def test_what_runs_again_and_what_bears_one_name_are_told_apart(runtime, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    check(graph_of(AGAIN), runtime, tmp_path)


def test_a_file_without_probes_shows_its_layers(runtime, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    graph = graph_of(example("resnet_cifar.res"), "resnet8", (3, 8, 8))
    bench = Bench(graph, "torch", tmp_path)
    bench.source(probed=True).write_text(source_of(graph))
    network = bench.probed(runtime)
    assert not network.complete
    seen = bench.infer(network).values
    assert {name.rpartition(".")[2] for name in bench.names} - {
        name.rpartition(".")[2] for name in seen
    } >= {"relu1", "add1"}
    assert "layer1.0.conv1" in seen
