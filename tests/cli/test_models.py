"""`resdsl models`: what a file defines, without building any of it."""

import json
from pathlib import Path

import pytest


def test_families_say_what_they_want(resdsl, net) -> None:
    done = resdsl("models", net)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "family(width: int, depth = 1, skip: block = projection)  wants `width`",
        "small = family(4)",
        "large = family(8, depth = 2)",
    ]


def test_docs_stand_below(resdsl, net) -> None:
    net.write_text("# Of two\n# lines.\nmodel a { input(3, 8, 8); relu }\n")
    assert resdsl("models", net).out == "a\n    Of two\n    lines.\n"


def test_definitions_of_several_lines_are_put_on_one(resdsl, net) -> None:
    net.write_text(
        "model f(\n    a: list,  # why\n    b = [\n        1\n    ]\n) { input(3, 8, 8); relu }\n"
        'model g = f(\n    [1, 2],\n    b = [3] # "\n)\n'
    )
    first, second = resdsl("models", net).out.splitlines()
    assert first == "f(a: list, b = [1])  wants `a`"
    assert second == "g = f([1, 2], b = [3])"


def test_nothing_is_built(resdsl, net, monkeypatch: pytest.MonkeyPatch) -> None:
    net.write_text("model huge { input(3, 8, 8); stage 1_000_000_000 x relu }\n")
    assert resdsl("models", net).out == "huge\n"
    assert resdsl("models", net, "--build").code == 2


def test_building_counts(resdsl, net) -> None:
    lines = resdsl("models", net, "--build").out.splitlines()
    assert lines[0].endswith("wants `width`")
    assert lines[1] == "small = family(4)  554 parameters, 12.11 kMACs"


def test_json(resdsl, net) -> None:
    found = json.loads(resdsl("models", net, "--json", "--build").out)
    family, small, _ = found["models"]
    assert (family["wants"], family["definition"]) == (["width"], None)
    assert family["parameters"] == ["width: int", "depth = 1", "skip: block = projection"]
    assert (small["definition"], small["params"], small["macs"]) == ("family(4)", 554, 12112)
    assert small["line"] == 15


def test_recipes_stand_below_the_models(resdsl, net) -> None:
    net.write_text(
        "# Short.\nrecipe fast(lr) {\n    data: digits\n    optimizer: sgd(lr)\n"
        "    schedule: cosine(epochs = 3)\n}\n\nrecipe faster = fast(0.5)\n\n"
        "model a { input(3, 8, 8); relu }\n"
    )
    out = "a\nrecipe fast(lr)  wants `lr`\n    Short.\nrecipe faster = fast(0.5)\n"
    assert resdsl("models", net).out == out
    found = json.loads(resdsl("models", net, "--json").out)["recipes"]
    assert [recipe["name"] for recipe in found] == ["fast", "faster"]


def test_a_file_with_mistakes(resdsl, tmp_path: Path) -> None:
    path = tmp_path / "wrong.res"
    path.write_text("model a {\n")
    assert resdsl("models", path).code == 2
