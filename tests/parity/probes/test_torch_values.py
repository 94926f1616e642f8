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
from probed_networks import AGAIN, check_forced, interpreted
from probing import Bench, largest_difference

from resdsl.ir.graph import Graph

#: Networks that show their values in a second or less, with the input's shape.
NETWORKS = [
    ("resnet_cifar.res", "resnet8", (3, 16, 16)),
    ("zoo/fixup.res", "fixup20", (3, 16, 16)),
    ("zoo/highway.res", "highway_mnist", (1, 28, 28)),
    ("zoo/mobilenet_v3.res", "mobilenet_v3_large", (3, 32, 32)),
    ("zoo/revnet.res", "revnet38", (3, 16, 16)),
    ("zoo/stochastic_depth.res", "resnet110", (3, 16, 16)),
    ("zoo/tabular_resnet.res", "tabular_resnet", None),
]


@pytest.fixture(scope="module")
def runtime():  # type: ignore[no-untyped-def]
    from resdsl.backends.torch.runtime import TorchRuntime

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield TorchRuntime()
    torch.set_num_threads(threads)


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
