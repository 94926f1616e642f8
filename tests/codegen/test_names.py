"""What an author named beside blocks, lists and functions, in generated files."""

import pytest
from compiled import definitions, graph_of, source_of
from constructed import check_constructor

ROWS = "let rows = [" + ", ".join(f"[{n}, {n % 3 + 1}, 1]" for n in range(1, 9)) + "]\n"
BODY = "input(3, 8, 8); for out, kernel, s in rows { if kernel != 2 { conv(out, kernel) } }"
MODEL_OF_TWICE = "model net(n = 3) { input(3, 8, 8); conv(twice(n), 3) }\n"
MODEL = f"model net {{ {BODY} }}\n"


@pytest.mark.parametrize("backend", ["torch", "jax", "tensorflow"])
def test_a_long_list_is_a_constant_of_the_file(backend: str) -> None:
    graph = graph_of(ROWS + MODEL)
    text = source_of(graph, backend)
    assert text.count("(1, 2, 1)") == 1
    assert "in ROWS:" in text
    assert max(map(len, text.splitlines())) <= 100
    check_constructor(graph, graph, backend)


def test_a_short_one_stands_where_it_is_used() -> None:
    text = source_of(
        graph_of("let n = [4, 5]\nmodel net { input(3, 8, 8); for k in n { conv(k, 3) } }")
    )
    assert "in (4, 5):" in text and "N = " not in text


def test_no_local_takes_its_name() -> None:
    """Python tells upper case from lower case, and so may an author."""
    text = source_of(graph_of(ROWS + f"model net(ROWS = 3) {{ {BODY}; conv(ROWS, 1) }}\n"))
    assert "ROWS2 = (" in text and definitions(text)["ROWS2"][0] == (1, 2, 1)


def test_a_list_handed_to_a_class_inside_is_annotated_as_one() -> None:
    group = "let w = widths(3); g: { for n in w { conv(n, 3); add { relu } } }"
    model = f"def widths(n) = [4 * n for i in range(n)]\nmodel net {{ input(3, 8, 8); {group} }}\n"
    assert "w: Sequence[int]" in source_of(graph_of(model))


def test_a_function_keeps_its_comment() -> None:
    text = source_of(graph_of("# Twice as wide.\ndef twice(n) = 2 * n\n" + MODEL_OF_TWICE))
    assert 'def twice(n):\n    """Twice as wide."""\n    return 2 * n\n' in text
