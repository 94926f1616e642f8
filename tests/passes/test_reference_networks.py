"""Networks of torchvision and timm: the same names and shapes, and the same number of weights.

`tests/data/networks/names.json` has, for each model, the SHA-256 of its lines `name AxBxC`, as the
libraries' own state dicts give them, in their order where ours is the same, sorted elsewhere.
"""

import hashlib
import json
from pathlib import Path

import pytest

from resdsl.diagnostics import CompileError
from resdsl.passes.load import load_graph

NETWORKS = Path(__file__).resolve().parent.parent / "data" / "networks"
REFERENCES = json.loads((NETWORKS / "names.json").read_text())


@pytest.mark.parametrize("target", REFERENCES)
def test_names_and_shapes(target: str) -> None:
    reference = REFERENCES[target]
    graph = load_graph(str(NETWORKS / target))
    lines = [f"{w.name} {'x'.join(map(str, w.weight.shape))}\n" for w in graph.weights]
    assert len(lines) == reference["weights"]
    if not reference["in_order"]:
        lines.sort()
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == reference["sha256"]


def test_one_weight_more_would_be_seen() -> None:
    with pytest.raises(CompileError):
        load_graph(str(NETWORKS / "resnet.res:resnet20"), ["classes=0"])
    graph = load_graph(str(NETWORKS / "resnet.res:resnet18"), ["classes=10"])
    assert len(graph.weights) == REFERENCES["resnet.res:resnet18"]["weights"]
    assert graph.weights[-1].weight.shape == (10,)
