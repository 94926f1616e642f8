"""The input size that is chosen where none is asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl.diagnostics import CompileError
from resdsl.ir.graph import Graph
from resdsl.parity.inputs import load_network, small_graph, smallest_statistics

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

Network = Callable[[str], Graph]


@pytest.mark.parametrize(
    ("target", "shape"),
    [
        ("resnet.res:resnet18", (3, 64, 64)),  # 32 would leave maps of 1 x 1
        ("resnet_cifar.res:resnet20", (3, 32, 32)),  # as declared
        ("vgg.res:vgg11_bn", (3, 32, 32)),
        ("alexnet.res:alexnet", (3, 64, 64)),  # 32 is too small for its pools
        ("alexnet.res:alexnet_2012", (3, 227, 227)),  # its weights depend on the size
    ],
)
def test_small_inputs_that_tell(target: str, shape: tuple[int, ...]) -> None:
    graph = load_network(str(EXAMPLES / target))
    assert [type.shape for type in graph.input_types] == [shape]


def test_an_input_that_is_asked_for_is_taken() -> None:
    graph = load_network(str(EXAMPLES / "resnet.res:resnet18"), ["classes=7"], "3x96x80")
    assert [type.shape for type in graph.input_types] == [(3, 96, 80)]
    assert [type.shape for type in graph.output_types] == [(7,)]


def test_the_batch_norm_that_sees_least(network: Network) -> None:
    graph = network(
        "input(3, 8, 8); a: conv(4, 3, stride = 4); b: batch_norm; c: conv(4, 1); d: batch_norm"
    )
    assert smallest_statistics(graph, 3) == ("b", 12)
    assert smallest_statistics(network("input(3, 8, 8); conv(4, 3)"), 3) is None


@pytest.mark.parametrize(
    ("shape", "small"),
    [
        ("12, 1000", (12, 32)),
        ("3, 16, 112, 112", (3, 16, 32, 32)),
        ("3, 24, 224", (3, 24, 32)),
        ("100", (100,)),
    ],
)
def test_inputs_of_every_rank_are_made_small(
    shape: str, small: tuple[int, ...], network: Network
) -> None:
    graph = small_graph(lambda given: network(f"input({_text(given) or shape}); linear(4)"))
    assert [type.shape for type in graph.input_types] == [small]


def _text(shape: tuple[int, ...] | None) -> str:
    return "" if shape is None else ", ".join(map(str, shape))


def test_a_batch_norm_behind_a_global_pool_keeps_no_input_large(network: Network) -> None:
    body = "conv(4, 3, stride = 8); batch_norm; mul { global_avg_pool(keep = true); batch_norm }"
    graph = small_graph(lambda given: network(f"input({_text(given) or '3, 224, 224'}); {body}"))
    assert [type.shape for type in graph.input_types] == [(3, 32, 32)]


def test_sizes_known_at_run_time(tmp_path: Path) -> None:
    text = "model net { input(3, any(12), any); conv1: conv(4, 3, stride = 2); batch_norm }"
    (tmp_path / "net.res").write_text(text)
    graph = load_network(str(tmp_path / "net.res"))
    # No two sizes are alike, so that none can be taken for another.
    assert [type.shape for type in graph.input_types] == [(3, 36, 33)]
    assert graph.declared is not None
    assert str(graph.declared.output_types[0]) == "4 x h/2 x (w+1)//2"
    given = load_network(str(tmp_path / "net.res"), [], "3x24x20")
    assert given.declared is not None
    assert given.output_types[0].shape == (4, 12, 10)
    for wrong, code in (("3x20x20", "R0318"), ("3xany(12)x20", "R0601")):
        with pytest.raises(CompileError) as caught:
            load_network(str(tmp_path / "net.res"), [], wrong)
        assert [d.code for d in caught.value.diagnostics] == [code]
