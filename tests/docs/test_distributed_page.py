"""The page about several devices is true: its options exist, and its figures are the compiler's."""

import re
import shlex
from math import prod
from pathlib import Path

import pytest

from resdsl.cli.train import train
from resdsl.passes.load import load_graph
from resdsl.recipes.recipe import BATCH_NORMS

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "distributed.md").read_text()
COMMANDS = re.findall(r"^(?: {4})?resdsl train (.*)$", PAGE, re.MULTILINE)
ROWS = re.findall(r"^\| (\d+) \| ([\d.]+) MB \| ([\d.]+) ms \| ([\d.]+) ms \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command: str) -> None:
    assert train.make_context("train", shlex.split(command)).params


def test_batch_norm_has_the_forms_described() -> None:
    assert set(re.findall(r"`batch_norm: (\w+)`", PAGE)) == set(BATCH_NORMS)


@pytest.mark.parametrize("row", ROWS)
def test_the_ring_sends_as_much_as_the_table_says(row: tuple[str, str, str, str]) -> None:
    parameters = load_graph(str(ROOT / "examples" / "resnet.res:resnet50")).parameters
    assert f"{parameters:,} parameters" in PAGE
    devices = int(row[0])
    sent = 4 * parameters * 2 * (devices - 1) / devices
    said = [f"{sent / 1e6:.1f}", f"{sent / 450e9 * 1e3:.1f}", f"{sent / 12.5e9 * 1e3:.1f}"]
    assert list(row[1:]) == said


def test_batch_norm_sends_as_much_as_the_page_says() -> None:
    graph = load_graph(str(ROOT / "examples" / "resnet.res:resnet50"))
    statistics = [w.weight.shape for w in graph.weights if not w.weight.trainable]
    # A mean and a variance for each layer: as many exchanges, one forward and one backward.
    channels = sum(map(prod, statistics)) // 2
    sent = f"{4 * 4 * channels / 1e3:.0f} kB"
    assert f"{channels:,} channels {sent} a step, but in {len(statistics)} exchanges" in " ".join(
        PAGE.split()
    )
