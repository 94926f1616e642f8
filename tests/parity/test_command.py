"""`resdsl parity` as a command: exit codes, the report on stdout and as JSON, progress apart."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

FILE = Path(__file__).with_name("small.res")
FAST = ("--backends", "torch,onnx", "--steps", "1", "--batch", "2")


def resdsl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "resdsl", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_agreement_is_exit_code_0(tmp_path: Path) -> None:
    written, junit, html = (tmp_path / f"report.{end}" for end in ("json", "xml", "html"))
    files = ("--json", str(written), "--junit", str(junit), "--html", str(html))
    done = resdsl("parity", f"{FILE}:small", *FAST, *files, "--set", "classes=5")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("small: torch, onnx compute the same network")
    assert "onnx       float64  gradients              not applicable" in done.stdout
    assert "torch-float64: importing" in done.stderr
    report = json.loads(written.read_text(encoding="utf-8"))
    assert report["agreed"] is True and report["subject"]["batch"] == 2
    assert report["runs"][0]["policy"]["versions"]["torch"]
    assert report["depth"]["onnx"][0]["path"] == "bn1", "the errors along the depth"
    assert ET.parse(junit).getroot().find("testsuite[@failures='0']") is not None
    page = html.read_text(encoding="utf-8")
    assert "compute the same network" in page and page.count("<svg") == 1


def test_a_difference_is_exit_code_1_with_its_place(tmp_path: Path) -> None:
    compiled = resdsl("compile", f"{FILE}:small", "--backend", "torch", "-o", str(tmp_path))
    assert compiled.returncode == 0, compiled.stderr
    edited = tmp_path / "edited.py"
    text = (tmp_path / "small_torch.py").read_text(encoding="utf-8")
    edited.write_text(text.replace("F.relu(y + ", "(y + "), encoding="utf-8")
    done = resdsl("parity", f"{FILE}:small", *FAST, "--source", f"torch={edited}")
    assert done.returncode == 1, done.stderr
    assert "onnx float64 differs" in done.stdout.splitlines()[-1]
    assert "error[R0605]" in done.stderr and "small.res:" in done.stderr


def test_files_of_the_other_comparison_are_refused(tmp_path: Path) -> None:
    done = resdsl("parity", f"{FILE}:small", "--recipe", "digits", "--html", str(tmp_path / "x"))
    assert done.returncode == 2 and "do not go with --recipe" in done.stderr


def test_options_of_a_reference_go_with_one() -> None:
    done = resdsl("parity", f"{FILE}:small", "--names", "names.json")
    assert done.returncode == 2 and "go with --reference." in done.stderr


def test_json_alone_on_stdout() -> None:
    done = resdsl("parity", f"{FILE}:small", *FAST, "--steps", "0", "--json", "-")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"] == "small"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((f"{FILE}:small", "--backends", "torch"), "R0601"),
        ((f"{FILE}:small", "--backends", "torch,caffe"), "R0501"),
        ((f"{FILE}:large",), "R0211"),
        ((f"{FILE}:small", "--source", "jax"), "R0601"),
        ((f"{FILE}:small", "--reference", "port.py"), "R0640"),
        ((f"{FILE}:small", "--reference", "timm:x", "--names", "nowhere.json"), "R0643"),
        ((f"{FILE}:small", "--weights", "nowhere.safetensors"), "R0710"),
        ((f"{FILE}:small", "--input", "3x0x4"), "R0708"),
    ],
)
def test_wrong_input_is_exit_code_2(arguments: tuple[str, ...], code: str) -> None:
    done = resdsl("parity", *arguments)
    assert done.returncode == 2
    assert f"error[{code}]" in done.stderr and "Traceback" not in done.stderr
