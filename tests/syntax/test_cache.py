"""The cache of the grammar's tables: a convenience that nothing can be smuggled through."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from resdsl.syntax import cache
from resdsl.syntax.grammar import Grammar

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="no cache on this system")

KEY = cache.key_of("grammar", "version")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "resdsl"


def test_what_is_stored_is_read_back(folder: Path) -> None:
    assert cache.load(KEY) is None
    cache.store(KEY, pickle.dumps({"data": [1, "a", {2: (3,)}]}))
    assert cache.load(KEY) == {"data": [1, "a", {2: (3,)}]}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == [f"{KEY}.tables"]


def test_damage_is_noticed(folder: Path) -> None:
    cache.store(KEY, pickle.dumps([1, 2, 3]))
    path = folder / f"{KEY}.tables"
    good = path.read_bytes()
    for bad in (b"", good[:-1], good[:40] + bytes([good[40] ^ 1]) + good[41:], good + b"x"):
        path.write_bytes(bad)
        assert cache.load(KEY) is None


def test_nothing_in_it_can_run(tmp_path: Path) -> None:
    class Run:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "ran"),)

    cache.store(KEY, pickle.dumps([Run()]))
    assert cache.load(KEY) is None and not (tmp_path / "ran").exists()


def test_a_folder_others_can_write_to_is_not_used(folder: Path) -> None:
    cache.store(KEY, pickle.dumps([1]))
    folder.chmod(0o777)
    assert cache.load(KEY) is None
    cache.store("other", pickle.dumps([1]))
    assert not (folder / "other.tables").exists()


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    cache.store(KEY, pickle.dumps([1]))
    real = tmp_path / "real"
    folder.rename(real)
    folder.symlink_to(real)
    assert cache.load(KEY) is None
    folder.unlink()
    real.rename(folder)
    (folder / f"{KEY}.tables").rename(folder / "elsewhere")
    (folder / f"{KEY}.tables").symlink_to(folder / "elsewhere")
    assert cache.load(KEY) is None


def test_without_a_folder_there_is_no_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    cache.store(KEY, pickle.dumps([1]))
    assert cache.load(KEY) is None


@pytest.mark.parametrize("stored", [None, b"nonsense", pickle.dumps({"data": {}, "memo": {}})])
def test_the_grammar_works_whatever_is_stored(folder: Path, stored: bytes | None) -> None:
    assert Grammar()._lark is not None  # Fills the cache.
    (path,) = folder.iterdir()
    if stored is not None:
        path.unlink()
        cache.store(path.stem, stored)
    assert Grammar()._lark.parse("1 + 2", start="expr") is not None


def test_a_relative_cache_folder_counts_as_none() -> None:
    program = "from resdsl.syntax import cache; print(cache._folder())"
    environment = {**os.environ, "XDG_CACHE_HOME": "here", "HOME": os.environ["XDG_CACHE_HOME"]}
    run = [sys.executable, "-c", program]
    folder = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
    assert folder.stdout.strip() == f"{environment['HOME']}/.cache/resdsl"
