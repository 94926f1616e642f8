"""Reading files: the text of a good one, and a diagnostic for whatever else a path may lead to."""

import os
from pathlib import Path

import pytest

from resdsl.diagnostics import CompileError, Source
from resdsl.syntax import parse, read_source
from resdsl.syntax.limits import FILE_BYTES


def code_of(path: str | Path) -> str:
    with pytest.raises(CompileError) as caught:
        read_source(path)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.res"
    path.write_bytes("# \u00fcber\r\nlet a = 1\r\n".encode())
    source = read_source(path)
    assert source.text == "# \u00fcber\r\nlet a = 1\r\n" and source.name == str(path)
    assert read_source(path, "shown.res").name == "shown.res"


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.res"
    path.write_bytes(b"\xef\xbb\xbflet a = 1\n")
    assert read_source(path).text == "let a = 1\n"
    assert len(parse(Source("a.res", "\ufefflet a = 1\n")).items) == 1


def test_no_file(tmp_path: Path) -> None:
    assert code_of(tmp_path / "a.res") == "R0701"


def test_a_folder(tmp_path: Path) -> None:
    assert code_of(tmp_path) == "R0703"


def test_a_path_that_is_none(tmp_path: Path) -> None:
    assert code_of(str(tmp_path / "a\0b")) == "R0702"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.res")
    assert code_of(tmp_path / "a.res") == "R0702"


def test_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.res"
    path.write_bytes(b"let a = 1\n\xff\xfe")
    with pytest.raises(CompileError) as caught:
        read_source(path, "a.res")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0704" and diagnostic.notes == ("line 2 holds the byte 0xff",)


def test_the_largest_file_and_one_byte_more(tmp_path: Path) -> None:
    path = tmp_path / "a.res"
    path.write_bytes(b"\xef\xbb\xbf" + b"#" * FILE_BYTES)
    assert len(read_source(path).text) == FILE_BYTES
    path.write_bytes(b"#" * (FILE_BYTES + 1))
    assert code_of(path) == "R0705"


def test_a_text_that_no_file_held_is_bounded_too() -> None:
    for text in ("#" * (FILE_BYTES + 1), "#" + "\u00fc" * (FILE_BYTES // 2)):
        with pytest.raises(CompileError) as caught:
            parse(Source("a.res", text))
        assert caught.value.diagnostics[0].code == "R0705"
