"""Tables, pictures and differences know every operation: those of the case files, all of them."""

import pytest
from cases import OPERATIONS, checked

from resdsl.analysis.differences.report import difference
from resdsl.analysis.drawing.dot import dot
from resdsl.analysis.drawing.mermaid import mermaid
from resdsl.analysis.drawing.scene import LEVELS, scene_of
from resdsl.analysis.drawing.svg import svg
from resdsl.analysis.summary import summarize


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_stands_in_tables_and_pictures_and_equals_itself(operation: str) -> None:
    for graph in checked(operation).graphs.values():
        assert all(row.kind for row in summarize(graph, layers=True).rows if not row.rows)
        for level in LEVELS:
            scenes = [scene_of(graph, level)]
            assert all(write(scenes) for write in (svg, mermaid, dot))
        assert difference(graph, graph).is_equal
