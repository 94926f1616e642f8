"""Random networks: valid, the same for the same seed, laid out, and over the whole language."""

import re
from collections import Counter
from pathlib import Path

import pytest

from resdsl.diagnostics import CompileError, Source
from resdsl.expressions.nodes import Apply, Name
from resdsl.fuzzing.compiling import Workshop, tells
from resdsl.fuzzing.guests import Guests
from resdsl.fuzzing.session import Order, texts, write
from resdsl.ir.graph import Graph
from resdsl.ops import INITIALIZERS, OPS, attributes_of
from resdsl.syntax import ast, parse

SEEDS = 165


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("networks"))


@pytest.fixture(scope="module")
def networks(workshop: Workshop) -> list[str]:
    order = Order(workshop.folder, seed=9)
    return [write(order, number, workshop, None).text for number in range(SEEDS)]


def calls(text: str) -> list[tuple[str, list[str | None]]]:
    """All calls of a text, as names with the names of their arguments."""
    found: list[tuple[str, list[str | None]]] = []

    def walk(node: object) -> None:
        if isinstance(node, tuple):
            for part in node:
                walk(part)
        elif hasattr(node, "__dataclass_fields__"):
            if isinstance(node, ast.Call):
                found.append((node.path[-1], [a.name for a in node.arguments]))
            if isinstance(node, Apply) and isinstance(node.callee, Name):
                found.append((node.callee.id, [a.name for a in node.arguments]))
            for name in node.__dataclass_fields__:
                if name != "source" and not name.endswith("span"):
                    walk(getattr(node, name))

    walk(parse(Source("net.res", text)).items)
    return found


def test_every_operation_attribute_and_initializer_occurs(networks: list[str]) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for text in networks:
        for name, arguments in calls(text):
            seen[name, ""] += 1
            known = list(attributes_of(OPS[name])) if name in OPS else []
            for place, argument in enumerate(arguments):
                seen[name, argument or (known[place] if place < len(known) else "")] += 1
    wanted = {(name, "") for name in OPS}
    wanted |= {(name, attribute) for name, kind in OPS.items() for attribute in attributes_of(kind)}
    assert wanted - set(seen) == set()
    words = set(re.findall(r"\w+", " ".join(networks)))
    assert words >= set(INITIALIZERS)


def test_every_construct_occurs(networks: list[str]) -> None:
    text = "\n".join(networks)
    for sign in (
        *("residual {", "} shortcut", "shortcut none", "shortcut identity", "zero_pad"),
        *("projection", "full_projection", "branch.stride", "branch.reshapes", "stage ", "for "),
        *("if ", "} else {", "} else if ", "again(", "split(", "[index]:", "let ", "expect "),
        *("defaults torchvision", "defaults {", "right: input", "output(", "any(", "from in"),
        *("tensors", ": tensor", ": block", "mul {", "add {", "sub {", "concat {", "concat("),
    ):
        assert sign in text, sign
    for sizes in range(4):
        assert any(f"input({', '.join(['%'] * (sizes + 1))})" in _no_sizes(t) for t in networks)


def _no_sizes(text: str) -> str:
    return re.sub(r"any(\(\d+\))?|\b\d+\b", "%", text)


def test_networks_are_valid_laid_out_and_the_same_again(
    networks: list[str], workshop: Workshop
) -> None:
    order = Order(workshop.folder, seed=9, start=5, count=2)
    assert [text for _, text in texts(order)] == networks[5:7]
    for text in networks[:30]:
        assert workshop.laid_out(text) == text
        assert tells(workshop.graph(text))


def test_only_the_operations_asked_for(workshop: Workshop) -> None:
    order = Order(workshop.folder, operations=("conv", "*norm", "add"))
    used = {node.op.name for n in range(8) for node in _graph(order, n, workshop).nodes}
    assert {"conv", "batch_norm"} <= used
    # What leads from one type to another, and shortcuts, bring operations of their own.
    assert not used & {"lrn", "attend", "max_pool", "silu", "concat"}
    with pytest.raises(CompileError) as caught:
        Order(workshop.folder, operations=("convolution",)).chosen()
    assert caught.value.diagnostics[0].code == "R0631"


def _graph(order: Order, number: int, workshop: Workshop) -> Graph:
    graph = write(order, number, workshop, None).graph
    assert graph is not None
    return graph


def test_blocks_of_the_user_are_called(tmp_path: Path) -> None:
    (tmp_path / "blocks.res").write_text(
        "# A gate.\nblock gate(squeeze: int, act: block = relu) {\n"
        "    mul { global_avg_pool(keep = true); conv(squeeze, 1); act; conv(in.channels, 1) }\n}\n"
    )
    workshop = Workshop(tmp_path / "found", str(tmp_path))
    guests = Guests([tmp_path / "blocks.res"], workshop)
    order = Order(workshop.folder, files=(tmp_path / "blocks.res",))
    networks = [write(order, number, workshop, guests) for number in range(6)]
    assert all('import "../blocks.res"' in n.text for n in networks)
    assert any(": gate(squeeze = " in n.text and n.graph is not None for n in networks)
    assert all(n.graph is not None for n in networks)
