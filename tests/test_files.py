"""A file is written as a whole or not at all."""

import os
from pathlib import Path

import pytest

from resdsl.diagnostics import CompileError
from resdsl.files import atomic_write, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writes_bytes_as_they_are_and_makes_folders(tmp_path: Path) -> None:
    write_text(tmp_path / "new" / "deeper" / "net.py", "π = 3\r\n")
    assert (tmp_path / "new" / "deeper" / "net.py").read_bytes() == "π = 3\r\n".encode()
    assert names(tmp_path / "new" / "deeper") == ["net.py"]


def test_takes_the_place_of_an_older_file(tmp_path: Path) -> None:
    for text in ("old and longer", "new"):
        write_text(tmp_path / "f", text)
    assert (tmp_path / "f").read_text() == "new"


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt])
def test_an_interruption_leaves_the_old_file(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    write_text(tmp_path / "f", "old")
    with pytest.raises(interruption), atomic_write(tmp_path / "f") as file:
        file.write(b"half")
        raise interruption
    assert (tmp_path / "f").read_text() == "old"
    assert names(tmp_path) == ["f"]


def test_a_full_disk_is_a_diagnostic(tmp_path: Path) -> None:
    with pytest.raises(CompileError) as raised, atomic_write(tmp_path / "f") as file:
        file.write(b"half")
        raise OSError(28, os.strerror(28))
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == "R0721"
    assert diagnostic.message == f"`{tmp_path / 'f'}` cannot be written: no space left on device"
    assert names(tmp_path) == []


def test_symbolic_links_are_followed(tmp_path: Path) -> None:
    write_text(tmp_path / "target", "old")
    (tmp_path / "link").symlink_to("target")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "")
    cases = [
        (tmp_path, "R0720", "is a folder"),
        (tmp_path / "file" / "f", "R0721", "a file stands where a folder should"),
        (tmp_path / "file" / "deeper" / "f", "R0721", "a file stands where a folder should"),
        (tmp_path / ("n" * 300), "R0721", "file name too long"),
        (Path("/dev/null"), "R0721", "it is not a regular file"),
    ]
    for path, code, text in cases:
        with pytest.raises(CompileError) as raised:
            write_text(path, "text")
        (diagnostic,) = raised.value.diagnostics
        assert diagnostic.code == code
        assert text in diagnostic.message
    assert names(tmp_path) == ["file"]
