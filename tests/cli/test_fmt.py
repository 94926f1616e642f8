"""`resdsl fmt`: in place, to standard output, or only looking."""

import io
from pathlib import Path

import pytest

UGLY = "let a=1\nblock f{relu}\n"
NICE = "let a = 1\nblock f { relu }\n"


@pytest.fixture
def ugly(tmp_path: Path) -> Path:
    path = tmp_path / "ugly.res"
    path.write_text(UGLY)
    return path


def given(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_files_are_changed_in_place(resdsl, ugly: Path) -> None:
    done = resdsl("fmt", ugly)
    assert (done.code, done.out) == (0, f"{ugly}: laid out anew\n")
    assert ugly.read_text() == NICE
    again = resdsl("fmt", ugly)
    assert (again.code, again.out) == (0, "")


def test_a_file_that_is_in_order_is_not_written(resdsl, ugly: Path) -> None:
    ugly.write_text(NICE)
    before = ugly.stat()
    assert resdsl("fmt", ugly).code == 0
    assert ugly.stat().st_mtime_ns == before.st_mtime_ns
    assert ugly.stat().st_ino == before.st_ino


def test_check_names_files_and_changes_none(resdsl, ugly: Path) -> None:
    (ugly.parent / "nice.res").write_text(NICE)
    done = resdsl("fmt", "--check", ugly.parent)
    assert (done.code, done.out) == (1, f"{ugly}: would be laid out anew\n")
    assert ugly.read_text() == UGLY
    assert resdsl("fmt", "--check", ugly.parent / "nice.res").code == 0


def test_diff_shows_what_would_change(resdsl, ugly: Path) -> None:
    done = resdsl("fmt", "--diff", ugly)
    assert done.code == 0
    assert f"--- {ugly}\n+++ {ugly}\n" in done.out
    assert "-let a=1\n" in done.out and "+let a = 1\n" in done.out
    assert ugly.read_text() == UGLY
    assert resdsl("fmt", "--diff", "--check", ugly).code == 1


def test_standard_input_goes_to_standard_output(resdsl, monkeypatch) -> None:
    given(monkeypatch, UGLY)
    done = resdsl("fmt", "-")
    assert (done.code, done.out) == (0, NICE)
    given(monkeypatch, UGLY)
    done = resdsl("fmt", "--check", "-")
    assert (done.code, done.out) == (1, "<stdin>: would be laid out anew\n")
    given(monkeypatch, "let\n")
    done = resdsl("fmt", "-")
    assert (done.code, done.out) == (2, "")
    assert "--> <stdin>:1:4" in done.err


def test_a_file_with_mistakes_is_left_alone_and_the_others_are_not(resdsl, ugly: Path) -> None:
    wrong = ugly.parent / "another.res"
    wrong.write_text("let a=\n")
    done = resdsl("fmt", ugly.parent)
    assert done.code == 2
    assert "error[R0101]" in done.err and str(wrong) in done.err
    assert wrong.read_text() == "let a=\n"
    assert ugly.read_text() == NICE


def test_a_folder_without_files(resdsl, tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "hidden.res").write_text(UGLY)
    done = resdsl("fmt", tmp_path)
    assert done.code == 2
    assert "error[R0703]" in done.err
