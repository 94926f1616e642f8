"""Two networks compared, from the examples or from texts."""

from pathlib import Path

import pytest

from resdsl.analysis.differences.report import Report, difference
from resdsl.passes.load import load_graph

EXAMPLES = Path(__file__).resolve().parent.parent.parent.parent / "examples"


@pytest.fixture
def compared():
    """`compared("resnet.res:resnet18", "resnet.res:resnet34")`"""

    def compare(one: str, other: str) -> Report:
        return difference(*(load_graph(f"{EXAMPLES}/{target}") for target in (one, other)))

    return compare


@pytest.fixture
def texts_compared(tmp_path: Path):
    """The same for the texts of two files with one model each."""

    def compare(one: str, other: str) -> Report:
        graphs = []
        for name, text in (("one", one), ("other", other)):
            path = tmp_path / f"{name}.res"
            path.write_text(text)
            graphs.append(load_graph(str(path)))
        return difference(*graphs)

    return compare
