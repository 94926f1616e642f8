"""Networks to draw, by name."""

from pathlib import Path

import pytest

from resdsl.analysis.drawing.scene import Scene, scene_of
from resdsl.passes.load import load_graph

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent.parent / "examples"


@pytest.fixture
def scene():
    """`scene("resnet.res:resnet18", "block")`: of an example, or of the networks beside this."""

    def make(target: str, collapse: str = "layer") -> Scene:
        folder = HERE if target.startswith("networks.res") else EXAMPLES
        return scene_of(load_graph(f"{folder}/{target}"), collapse)

    return make
