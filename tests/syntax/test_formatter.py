"""The layout of `.res` files, rule by rule: each file of `layouts/` beside what becomes of it."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl.diagnostics import CompileError, InternalError, Source
from resdsl.syntax.formatter import format_source
from resdsl.syntax.formatter.meaning import same_meaning
from resdsl.syntax.limits import NESTING
from resdsl.syntax.parser import parse

LAYOUTS = Path(__file__).parent / "layouts"


def formatted(text: str) -> str:
    return format_source(Source("net.res", text))


@pytest.mark.parametrize("path", sorted(LAYOUTS.glob("*.res")), ids=lambda path: path.stem)
def test_layout(path: Path, golden: Callable[[Path, str], None]) -> None:
    text = formatted(path.read_text())
    golden(path.with_suffix(".txt"), text)
    assert formatted(text) == text


def test_an_expression_breaks_where_its_loosest_operators_stand() -> None:
    terms = " + ".join(f"a_rather_long_name_{i} * 2" for i in range(5))
    lines = formatted(f"let a = ({terms})\n").splitlines()
    assert lines[0] == "let a = ("
    assert lines[1:3] == ["    a_rather_long_name_0 * 2", "    + a_rather_long_name_1 * 2"]
    assert lines[-1] == ")"


def test_line_ends_are_kept() -> None:
    assert formatted("let a=1\r\nlet b=2\r\n") == "let a = 1\r\nlet b = 2\r\n"
    assert formatted("let a=1") == "let a = 1\n"
    assert formatted("") == ""


def test_other_kinds_of_space_stay_in_comments() -> None:
    text = "# a\u00a0\n# b\u3000\nblock f { relu }  # c\u00a0\n"
    assert formatted(text) == text
    assert formatted("# a \t\r\nblock f { relu }\t# c  \r\n") == "# a\r\nblock f { relu }  # c\r\n"


def test_comments_alone_and_nothing_behind_them() -> None:
    assert formatted("\n\n#a") == "#a\n"
    assert formatted("#a\n\n\n\n#b\n\n") == "#a\n\n#b\n"
    assert formatted("model n { input(3, 8, 8); relu } # c") == (
        "model n { input(3, 8, 8); relu }  # c\n"
    )


def test_what_does_not_parse_is_refused() -> None:
    with pytest.raises(CompileError) as caught:
        formatted("let a = (\n")
    assert [d.code for d in caught.value.diagnostics] == ["R0102"]


def test_the_meaning_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = [parse(Source("a", t)) for t in ("let a = 1\n", "let  a = 1\n", "let a = 1.0\n")]
    assert same_meaning(trees[0], trees[1])
    assert not same_meaning(trees[0], trees[2])
    docs = [parse(Source("a", f"# a\n{blank}block f {{ relu }}\n")) for blank in ("", "\n")]
    assert not same_meaning(*docs)
    monkeypatch.setattr("resdsl.syntax.formatter.front.lay_out", lambda file: ["let a = 2"])
    with pytest.raises(InternalError):
        formatted("let a = 1\n")


def test_anything_that_nests_as_deep_as_it_may() -> None:
    deep = "(" * NESTING + "1" + ")" * NESTING
    braces = NESTING - 1
    text = "model n { input(3, 8, 8)\n" + "if true {\n" * braces
    text += f"conv({deep[1:-1]}, 3)\n" + "}\n" * braces + "}\n"
    assert formatted(formatted(text)) == formatted(text)
    choice = "if a { relu }" + " else if a { relu }" * (NESTING - 3)
    text = f"block f(a) {{ {choice} }}\n"
    assert formatted(formatted(text)) == formatted(text)


def test_long_files_take_no_longer_than_their_length() -> None:
    unit = "block f{0}(width) {{ residual {{ conv(width,3,bias=false);bn: batch_norm }}\nrelu }}\n"

    def seconds(blocks: int) -> float:
        text = "".join(unit.format(i) for i in range(blocks))
        started = time.perf_counter()
        formatted(text)
        return time.perf_counter() - started

    few = min(seconds(200) for _ in range(2))
    assert seconds(1600) < 8 * 4 * few


def test_a_point_stays_away_from_a_number() -> None:
    """Right behind the digits it would make another number of them."""
    text = "let a = 0 .b\nlet c = 3 .d(2) .e\n"
    assert formatted(text) == "let a = 0 .b\nlet c = 3 .d(2).e\n"


def test_a_list_without_room_on_a_line_of_its_own() -> None:
    """It is broken at once as it would be when it has rows."""
    items = ", ".join(f"width_number_{i} * 2" for i in range(4))
    text = f"block f {{\n    g: {{\n        pad([{items}, 1234567890])\n        relu\n    }}\n}}\n"
    once = formatted(text)
    assert formatted(once) == once and "pad([\n" in once


def test_an_empty_list_behind_a_word() -> None:
    text = formatted("block a() { for height, in[] {} }")
    assert formatted(text) == text and "[]" in text
