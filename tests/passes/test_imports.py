"""Imports: what they bring, what they leave alone, and where they may lead."""

from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl import load
from resdsl.api import Model
from resdsl.diagnostics import CompileError
from resdsl.ir.graph import Graph
from resdsl.passes.check import check
from resdsl.passes.load import load_graph

Files = Callable[..., Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """`files(main = "…", blocks = "…")` writes `main.res` and `blocks.res`; the first is given."""

    def write(**texts: str) -> Path:
        for name, text in texts.items():
            (tmp_path / f"{name}.res").write_text(text, encoding="utf-8")
        return tmp_path / f"{next(iter(texts))}.res"

    return write


def graph_of(path: Path, *settings: str) -> Graph:
    return load_graph(str(path), settings)


def codes_of(path: Path, root: Path | None = None) -> list[str]:
    return [d.code for d in check(str(path), str(root) if root else None).diagnostics]


def model(body: str, *imports: str) -> str:
    lines = "".join(f'import "{name}.res"\n' for name in imports)
    return f"{lines}model net {{ input(3, 8, 8); {body} }}\n"


def test_everything_that_a_file_defines_is_brought(files: Files) -> None:
    blocks = """
let width = 5
def double(n) = 2 * n
block unit(n) { conv(n, 3) }
block wide = unit(double(width))
model tower(n) { input(3, 8, 8); unit(n) }
"""
    path = files(
        main=model("unit(width); wide; unit(double(3))", "blocks") + "model four = tower(4)\n",
        blocks=blocks,
    )
    checked = check(str(path))
    assert checked.diagnostics == []
    assert [w.weight.shape[0] for w in checked.graphs["net"].weights[::2]] == [5, 10, 6]
    assert checked.graphs["four"].output_types[0].shape == (4, 8, 8)


def test_the_library_needs_no_file_beside_it(files: Files) -> None:
    path = files(main="import std.resnet\nmodel net = resnet(basic, [2, 2, 2, 2])\n")
    assert graph_of(path).parameters == 11_689_512


def test_a_part_that_the_library_lacks(files: Files) -> None:
    (found,) = check(str(files(main="import std.prelude\n" + model("relu")))).diagnostics
    assert found.code == "R0218" and "`std.resnet`" in str(found.help)


def test_a_file_is_read_once(files: Files) -> None:
    path = files(
        main=model("left; right", "left", "right"),
        left='import "base.res"\nblock left { unit }\n',
        right='import "base.res"\nblock right { unit }\n',
        base="block unit { conv(4, 3) }\n",
    )
    targets = {used.block for used in graph_of(path).uses if used.block.name == "unit"}
    assert len(targets) == 1


def test_two_ways_to_one_file_are_no_clash(files: Files, tmp_path: Path) -> None:
    (tmp_path / "again.res").symlink_to(tmp_path / "blocks.res")
    blocks = "block unit { relu }\n"
    assert codes_of(files(main=model("unit", "blocks", "again"), blocks=blocks)) == []


def test_imports_are_not_handed_on(files: Files) -> None:
    path = files(
        main=model("unit", "middle"),
        middle='import "base.res"\nblock other { unit }\n',
        base="block unit { relu }\n",
    )
    assert codes_of(path) == ["R0205"]


def test_an_own_definition_wins(files: Files) -> None:
    own = "block unit { conv(7, 3) }\n"
    path = files(main=model("unit", "blocks") + own, blocks="block unit { conv(5, 3) }\n")
    assert graph_of(path).output_types[0].channels == 7


def test_an_imported_block_wins_over_an_operation(files: Files) -> None:
    path = files(
        main=model("relu; projection", "blocks"),
        blocks="block relu { conv(5, 3) }\nblock projection { conv(6, 3) }\n",
    )
    assert [n.op.name for n in graph_of(path).nodes] == ["conv", "conv"]


def test_what_two_imports_bring_may_stay_unused(files: Files) -> None:
    blocks = "block unit { relu }\nblock {} { unit }\n"
    texts = {name: blocks.replace("{}", name, 1) for name in ("one", "two")}
    assert codes_of(files(main=model("one; two", "one", "two"), **texts)) == []


def test_constants_of_one_name_are_told_apart(files: Files) -> None:
    path = files(
        main="let n = 2\n" + model("unit(n); wide; f(9)", "blocks") + "block f(n) { wide }\n",
        blocks="let n = 5\nblock unit(k) { conv(n * k, 3) }\nblock wide = unit(n)\n",
    )
    assert [w.weight.shape[0] for w in graph_of(path).weights[::2]] == [10, 25, 25]


def test_no_parameter_is_taken_for_a_constant(files: Files) -> None:
    """A block with arguments given is the same wherever it is called."""
    path = files(main="let n = 8\nblock a = conv(n, 3)\nblock f(n) { a }\n" + model("f(4)"))
    assert graph_of(path).output_types[0].channels == 8


def test_defaults_do_not_cross_files(files: Files) -> None:
    path = files(
        main="defaults { conv(bias = false) }\n" + model("conv(4, 3); unit", "blocks"),
        blocks="defaults { conv(groups = 2) }\nblock unit { conv(4, 3) }\n",
    )
    first, second = (n.op for n in graph_of(path).nodes)
    assert (first.bias, first.groups) == (False, 1)  # type: ignore[attr-defined]
    assert (second.bias, second.groups) == (True, 2)  # type: ignore[attr-defined]


def test_each_file_sees_the_prelude_with_its_own_defaults(files: Files) -> None:
    block = "block {} {{ residual {{ conv(4, 3) }} shortcut projection; conv(3, 1) }}\n"
    path = files(
        main="defaults { batch_norm(eps = 0.5) }\n" + model("a; b", "other") + block.format("a"),
        other="defaults { batch_norm(eps = 0.25) }\n" + block.format("b"),
    )
    norms = [n.op.eps for n in graph_of(path).nodes if n.op.name == "batch_norm"]  # type: ignore[attr-defined]
    assert norms == [0.5, 0.25]


def test_settings_may_name_what_is_imported(files: Files) -> None:
    path = files(
        main='import "blocks.res"\nmodel net(unit = relu) { input(3, 8, 8); unit }\n',
        blocks="let n = 6\nblock wide { conv(n, 3) }\n",
    )
    assert graph_of(path, "unit=wide").output_types[0].channels == 6


def test_expectations_are_about_imported_models_too(files: Files) -> None:
    tower = "model tower { input(3, 8, 8); conv(4, 3) }\nexpect tower.params == 1\n"
    path = files(
        main='import "blocks.res"\nmodel net = tower\n'
        "expect tower.params == net.params\nexpect tower.params == 2\n",
        blocks=tower,
    )
    found = check(str(path)).diagnostics
    assert [d.code for d in found] == ["R0308"]
    assert found[0].primary is not None and found[0].primary.span.line == 4


def test_a_file_with_imports_alone_has_no_model(files: Files) -> None:
    path = files(main='import "blocks.res"\n', blocks=model("relu"))
    with pytest.raises(CompileError, match="defines no model"):
        graph_of(path)


def test_a_broken_import_is_reported_once(files: Files) -> None:
    path = files(
        main=model("a; b; c", "one", "two"),
        one='import "base.res"\nblock a { unit }\n',
        two='import "base.res"\nblock b { unit }\n',
        base="block unit { batchnorm }\n",
    )
    (found,) = check(str(path)).diagnostics
    assert found.code == "R0205" and "batchnorm" in found.message


def test_warnings_of_imported_files_are_their_own(files: Files) -> None:
    blocks = "block tanh { relu }\n"
    assert codes_of(files(main=model("tanh", "blocks"), blocks=blocks)) == []


# ---- where imports may lead ----------------------------------------------------------------------


def test_a_project_is_the_folder_with_its_mark(files: Files, tmp_path: Path) -> None:
    files(blocks="block unit { relu }\n")
    inner = tmp_path / "nets" / "deep"
    inner.mkdir(parents=True)
    main = inner / "main.res"
    main.write_text(model("unit", "../../blocks"))
    assert codes_of(main) == ["R0230"]
    (tmp_path / "pyproject.toml").touch()
    assert codes_of(main) == []


def test_the_user_says_where_imports_may_lead(files: Files, tmp_path: Path) -> None:
    files(blocks="block unit { relu }\n")
    inner = tmp_path / "nets"
    inner.mkdir()
    main = inner / "main.res"
    main.write_text(model("unit", "../blocks"))
    assert codes_of(main) == ["R0230"]
    assert codes_of(main, root=tmp_path) == []
    assert load(main, import_root=tmp_path).parameters == 0


def test_links_are_followed_before_that_is_judged(files: Files, tmp_path: Path) -> None:
    inner = tmp_path / "project"
    inner.mkdir()
    files(blocks="block unit { relu }\n")
    main = inner / "main.res"
    main.write_text(model("unit", "link"))
    (inner / "link.res").symlink_to(tmp_path / "blocks.res")
    assert codes_of(main) == ["R0230"]


def test_circles_through_links_are_circles(files: Files, tmp_path: Path) -> None:
    path = files(main=model("relu", "link"))
    (tmp_path / "link.res").symlink_to(path)
    assert codes_of(path) == ["R0231"]


def test_many_files_are_too_many(files: Files) -> None:
    names = [f"f{n}" for n in range(257)]
    texts = {name: f"block {name} {{ relu }}\n" for name in names}
    assert codes_of(files(main=model("f3", *names), **texts)) == ["R0233"]
    assert codes_of(files(main=model("f3", *names[:256]))) == []


def test_names_in_messages_are_as_the_first_was_given(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(main=model("unit", "blocks"), blocks="block unit { conv(4) }\n")
    monkeypatch.chdir(tmp_path.parent)
    (found,) = check(f"{tmp_path.name}/main.res").diagnostics
    assert found.primary is not None
    assert str(found.primary.span) == f"{tmp_path.name}/blocks.res:1:14"


# ---- generated code ------------------------------------------------------------------------------


def test_classes_and_functions_of_one_name_are_told_apart(files: Files) -> None:
    path = files(
        main=model("for i in range(2) { basic(twice(i + 1)); outer(i + 1) }", "blocks")
        + "def twice(n) = 2 * n\n"
        + "# Ours.\nblock basic(n) { conv(n, 3); relu }\n",
        blocks="def twice(n) = n + n\n"
        "# Theirs.\nblock basic(n) { conv(twice(n), 1); relu }\nblock outer(n) { basic(n) }\n",
    )
    text = Model(graph_of(path)).source("torch")
    ours, theirs = text.index("class Basic("), text.index("class BlocksBasic(")
    assert '"""Ours."""' in text[ours : ours + 60]
    assert '"""Theirs."""' in text[theirs : theirs + 70]
    assert text.count("def twice(") == text.count("def twice2(") == 1


def test_files_share_the_blocks_of_the_prelude(files: Files) -> None:
    block = "block {} {{ residual {{ conv(4, 3) }} shortcut projection; conv(3, 1) }}\n"
    same = "defaults { conv(bias = false); linear(bias = false) }\n"
    path = files(
        main="defaults { conv(bias = false) }\n" + model("a; b", "other") + block.format("a"),
        other=same + block.format("b"),
    )
    blocks = {s.block for s in graph_of(path).uses if s.block.name == "projection"}
    assert len(blocks) == 1
