"""Generated files, kept and read in review; and what holds of every one of them."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from resdsl.api import load

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
EXAMPLES = ROOT / "examples"
SOURCES = ("torch", "jax", "tensorflow")
NETWORKS = {
    "resnet18": "resnet.res:resnet18",
    "resnet34_a": "resnet.res:resnet34_a",
    "resnet50": "resnet.res:resnet50",
    "resnet152": "resnet.res:resnet152",
    "plain18": "plain.res:plain18",
    "resnet20": "resnet_cifar.res:resnet20",
    "vgg16_bn": "vgg.res:vgg16_bn",
    "alexnet": "alexnet.res:alexnet",
    "alexnet_2012": "alexnet.res:alexnet_2012",
}
CASES = [(network, backend) for network in NETWORKS for backend in SOURCES]


@cache
def source(network: str, backend: str) -> str:
    """The file of an example network."""
    return load(EXAMPLES / NETWORKS[network]).source(backend)


@pytest.mark.parametrize(("network", "backend"), CASES)
def test_the_file_is_the_one_reviewed(network: str, backend: str, golden: Any) -> None:
    golden(GOLDEN / f"{network}_{backend}.py", source(network, backend))


@pytest.mark.parametrize(("network", "backend"), CASES)
def test_ruff_has_nothing_to_say(network: str, backend: str) -> None:
    text = source(network, backend)
    assert max(map(len, text.splitlines())) <= 100
    for command in (["format", "--check"], ["check", "--quiet"]):
        name = f"{network}_{backend}.py"
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", name, "-"],
            input=text,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("network", "backend"), CASES)
def test_it_stands_alone(network: str, backend: str) -> None:
    tree = ast.parse(source(network, backend))
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert not any(module is None or module.startswith("resdsl") for module in modules)


@pytest.mark.parametrize("backend", SOURCES)
def test_depth_does_not_lengthen_a_file(backend: str) -> None:
    lengths = {n: len(source(n, backend).splitlines()) for n in ("resnet50", "resnet152")}
    assert lengths["resnet152"] <= lengths["resnet50"] + 10


@pytest.mark.parametrize("backend", SOURCES)
def test_bytes_do_not_depend_on_the_process(backend: str) -> None:
    script = (
        "import hashlib, resdsl, sys\n"
        "text = resdsl.load(sys.argv[1]).source(sys.argv[2])\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    target = str(EXAMPLES / NETWORKS["vgg16_bn"])
    sums = {
        subprocess.run(
            [sys.executable, "-c", script, target, backend],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert sums == {hashlib.sha256(source("vgg16_bn", backend).encode()).hexdigest()}
