"""Bad input: one clear message with its place, exit code 2, nothing written, in bounded time."""

import time
from pathlib import Path

import pytest

SECONDS = 30
"""Far above what any of these takes alone; a slow machine with all its cores busy stays below."""

MODEL = "model net {{ input(3, 32, 32)\n    {} }}\n"

TEXTS = {
    "unknown operation": (MODEL.format("batchnorm"), "R0205", ":2:5", "did you mean `batch_norm`?"),
    "unknown name": (
        "model net(width = 8) { input(3, 32, 32); conv(widht, 3) }",
        "R0201",
        ":1:47",
        "did you mean `width`?",
    ),
    "unknown argument": (MODEL.format("conv(8, 3, strid = 2)"), "R0206", ":2:", "`stride`"),
    "missing argument": (MODEL.format("conv(8)"), "R0207", ":2:5", "`kernel`"),
    "wrong kind of argument": (MODEL.format('conv(8, "three")'), "R0401", ":2:13", "whole number"),
    "zero": (MODEL.format("conv(0, 3)"), "R0401", ":2:10", "1 or more"),
    "negative": (MODEL.format("conv(-8, 3)"), "R0401", ":2:10", "1 or more"),
    "negative input": ("model net { input(3, -32, 32) }", "R0316", ":1:13", "1 or more"),
    "a float for a whole number": (MODEL.format("conv(16 / 2, 3)"), "R0302", ":2:10", "//"),
    "mismatched shortcut": (
        MODEL.format("residual { conv(3, 3, stride = 2) }"),
        "R0304",
        ":2:",
        "projection",
    ),
    "a billion blocks": (MODEL.format("stage 1_000_000_000 x conv(8, 3)"), "R0312", ":2:11", ""),
    "a loop without bound": (
        MODEL.format("for i in range(9999) { for j in range(9999) { identity } }"),
        "R0310",
        ":2:",
        "steps",
    ),
    "operations without bound": (
        MODEL.format("for i in range(9999) { for j in range(9999) { relu } }"),
        "R0312",
        ":2:",
        "operations",
    ),
    "a list without bound": (
        MODEL.format("let a = [range(100000) for i in range(100000)]; relu"),
        "R0310",
        ":2:",
        "steps",
    ),
    "recursion without end": (
        "block again { again }\n" + MODEL.format("again"),
        "R0311",
        ":1:15",
        "64 deep",
    ),
    "recursion in two ways": (
        "block twice(n) { if n > 0 { twice(n - 1); twice(n - 1) } }\n" + MODEL.format("twice(50)"),
        "R0310",
        ":1:",
        "steps",
    ),
    "a function without end": (
        "def f(n) = f(n + 1)\n" + MODEL.format("conv(f(1), 3)"),
        "R0311",
        ":1:12",
        "64 deep",
    ),
    "a definition by itself": ("model net = net()", "R0220", ":1:7", "by itself"),
    "a number beyond 64 bits": (MODEL.format("conv(2 ** 64, 3)"), "R0313", ":2:10", "64 bits"),
    "a tensor beyond all memory": (
        MODEL.format("conv(10 ** 9, 1); max_pool(1, stride = 1, pad = 0); conv(10 ** 9, 1)"),
        "R0312",
        ":2:5",
        "too large",
    ),
    "an open brace": ("model net {\n    input(3, 32, 32)\n    relu\n", "R01", ":1:", "}"),
    "an empty file": ("", "R0706", "", "defines no model"),
    "a text of binary zeros": ("\0" * 64, "R0704", "", "is not text"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_a_wrong_file_gives_one_clear_message(resdsl, tmp_path: Path, case: str) -> None:
    text, code, place, words = TEXTS[case]
    path = tmp_path / "net.res"
    path.write_text(text)
    started = time.monotonic()
    done = resdsl("compile", f"{path}:net" if text else path, "--backend", "torch", "-o", tmp_path)
    assert time.monotonic() - started < SECONDS
    assert done.code == 2, done.err
    assert done.err.count("error[") == 1, done.err
    assert f"error[{code}" in done.err
    assert f"net.res{place}" in done.err
    assert words in done.err
    assert "Traceback" not in done.err
    assert [p.name for p in tmp_path.iterdir()] == ["net.res"]


def test_a_file_of_ten_megabytes(resdsl, tmp_path: Path) -> None:
    path = tmp_path / "net.res"
    path.write_text("# a comment\n" * 900_000)
    done = resdsl("check", path)
    assert done.code == 2
    assert "error[R0705]" in done.err


def test_bytes_that_are_no_text(resdsl, tmp_path: Path) -> None:
    path = tmp_path / "net.res"
    path.write_bytes(b"# caf\xe9\n")
    done = resdsl("check", path)
    assert done.code == 2
    assert "error[R0704]" in done.err
    assert "line 1" in done.err


def test_a_folder(resdsl, tmp_path: Path) -> None:
    done = resdsl("check", tmp_path)
    assert done.code == 2
    assert "error[R0703]" in done.err


def test_no_file(resdsl, tmp_path: Path) -> None:
    done = resdsl("compile", tmp_path / "none.res:net", "--backend", "torch")
    assert done.code == 2
    assert f"there is no file `{tmp_path / 'none.res'}`" in done.err


def test_no_such_model_with_a_near_miss(resdsl, net) -> None:
    done = resdsl("compile", f"{net}:smal", "--backend", "torch")
    assert done.code == 2
    assert "error[R0211]" in done.err
    assert "did you mean `small`?" in done.err


def test_no_such_model_and_nothing_near(resdsl, net) -> None:
    done = resdsl("compile", f"{net}:vgg16", "--backend", "torch")
    assert "it has `family`, `small`, `large`" in done.err


def test_several_models_and_no_choice(resdsl, net) -> None:
    done = resdsl("compile", net, "--backend", "torch")
    assert done.code == 2
    assert "error[R0706]" in done.err
    assert "`small`, `large`" in done.err


def test_a_family_without_its_arguments(resdsl, net) -> None:
    done = resdsl("compile", f"{net}:family", "--backend", "torch")
    assert done.code == 2
    assert "error[R0207]" in done.err


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("widht=3", "R0212", "did you mean `width`?"),
        ("width", "R0707", "write `--set classes=10`"),
        ("width=", "R0707", "write `--set classes=10`"),
        ("width=four", "R0201", "<width>:1:1"),
        ("width=(4", "R01", "<width>:1:"),
        ("width=4.0", "R0302", "whole number"),
        ("skip=projction", "R0201", "did you mean `projection`?"),
        ("width=2 ** 70", "R0313", "<width>:1:1"),
        ("width=-4", "R0401", "1 or more"),
    ],
)
def test_a_wrong_setting(resdsl, net, setting: str, code: str, words: str) -> None:
    done = resdsl("compile", f"{net}:small", "--backend", "torch", "--set", setting)
    assert done.code == 2
    assert f"error[{code}" in done.err
    assert words in done.err


@pytest.mark.parametrize("shape", ["3x", "0x8x8", "3x8x-8", "x", "3,8,8", "3x8x8x8x8", "1e3x8x8"])
def test_a_wrong_input(resdsl, net, shape: str) -> None:
    done = resdsl("compile", f"{net}:small", "--backend", "torch", "--input", shape)
    assert done.code == 2
    assert "error[R0708]" in done.err or "error[R0316]" in done.err


def test_no_such_backend(resdsl, net) -> None:
    done = resdsl("compile", f"{net}:small", "--backend", "pytorch")
    assert done.code == 2
    assert "error[R0501]" in done.err
    assert "`torch`" in done.err


def test_an_output_that_cannot_be_written(resdsl, net, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    done = resdsl("compile", f"{net}:small", "--backend", "torch", "-o", tmp_path / "file" / "out")
    assert done.code == 2
    assert "error[R0721]" in done.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "net.res"]
    done = resdsl("init", f"{net}:small", "-o", tmp_path)
    assert done.code == 2
    assert "error[R0720]" in done.err


def test_no_such_command(resdsl) -> None:
    done = resdsl("comple", "net.res")
    assert done.code == 2
    assert "Did you mean compile?" in done.err
