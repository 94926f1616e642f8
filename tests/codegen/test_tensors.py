"""Tensors as values in generated source: lists, several results, several inputs, items that run
again. The networks of `tests/data/tensors` are computed by PyTorch and by the graph's interpreter;
`tests/parity` compares the other frameworks."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from agreement import check_agreement
from compiled import graph_of, source_of
from constructed import check_constructor
from stubs import MODULES

from resdsl.diagnostics import CompileError

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "tests/data/tensors").glob("*.res"))
SOURCES = ("torch", "jax", "tensorflow")

#: Arguments that change the last model of a file.
VARIATIONS: dict[str, list[dict[str, Any]]] = {
    "handed": [{"w": 4}],
    "revnet": [{"n": 1}],
    "sknet": [{"classes": 3}],
}


def source(name: str, backend: str = "torch") -> str:
    path = ROOT / "tests/data/tensors" / f"{name}.res"
    return source_of(graph_of(path.read_text()), backend)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_computes_what_the_graph_says(path: Path) -> None:
    graph = graph_of(path.read_text())
    check_agreement(graph, source_of(graph))


@pytest.mark.parametrize("backend", MODULES)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_constructors_make_what_was_elaborated(path: Path, backend: str) -> None:
    text = path.read_text()
    for arguments in [{}, *VARIATIONS.get(path.stem, [])]:
        generated, wanted = graph_of(text), graph_of(text, **arguments)
        check_constructor(generated, wanted, backend, ordered=False, **arguments)


@pytest.mark.parametrize("backend", SOURCES)
def test_ruff_has_nothing_to_say(backend: str, tmp_path: Path) -> None:
    for path in FILES:
        (tmp_path / f"{path.stem}.py").write_text(source(path.stem, backend))
    settings = ROOT / "pyproject.toml"
    for command in (["format", "--check"], ["check", "--quiet"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", settings, "--no-cache", tmp_path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "backend", "lines"),
    [
        ("revnet", "torch", "x0, x1 = x.chunk(2, dim=1)"),
        ("revnet", "jax", "x0, x1 = jnp.split(x, 2, axis=-1)"),
        ("revnet", "tensorflow", "x0, x1 = ops.split(x, 2, axis=-1)"),
        ("res2net", "torch", "y = torch.cat([*ys, rest], dim=1)"),
        ("sknet", "torch", "x = sum(parts[1:], parts[0])"),
        ("fpn", "torch", "def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:"),
        ("fpn", "torch", "layer1, layer2, layer3 = self.body(x)"),
        ("fpn", "jax", "return self.fpn([layer1, layer2, layer3])"),
        ("siamese", "torch", "def forward(self, left: Tensor, right: Tensor) -> Tensor:"),
        ("siamese", "torch", "other = self.encoder(right)"),
        ("siamese", "tensorflow", "left, right = inputs"),
        ("handed", "torch", "def forward(self, x: Tensor, skip: Tensor) -> Tensor:"),
        ("handed", "torch", "m = self.m(b, a)"),
    ],
)
def test_it_reads_as_one_would_write_it(name: str, backend: str, lines: str) -> None:
    assert lines in source(name, backend)


PAIR = """
block pair(width) { low: conv(width, 3); high: conv(width, 3); output(low, high) }
block merge(skip: tensor) { concat(skip); conv: conv(4, 1) }
"""


@pytest.mark.parametrize(
    ("body", "what", "help"),
    [
        ("stage 2 x merge(in)", "a block in a chain or stage that is handed tensors", "as a loop"),
        ("merge(in); conv(4, 1)", "a block in a chain or stage that is handed tensors", "label it"),
        (
            "a: conv(4, 1); inner: { b: relu; again(a) }",
            "`again(a)` in another scope than `a`",
            "in the body where `a` stands",
        ),
        (
            "p: split(2); for i in range(n) { from [p[0], p[1]][i]; y[i]: relu }",
            "a place in this list that only the generated code knows",
            "number the tensors",
        ),
        (
            "p: split(n); q: concat(p[1:])",
            "a slice of a list that only the generated code knows",
            "loop over its numbers",
        ),
    ],
)
def test_what_has_no_form_in_source(body: str, what: str, help: str) -> None:
    graph = graph_of(f"{PAIR}model net(n = 2) {{\n    input(4, 8, 8)\n    {body}\n}}\n")
    with pytest.raises(CompileError) as caught:
        source_of(graph)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0503" and what in diagnostic.message
    assert diagnostic.help is not None and help in diagnostic.help


@pytest.mark.parametrize("backend", SOURCES)
def test_a_loop_that_does_nothing_is_left_out(backend: str) -> None:
    text = "model net { input(12); x: identity; for i in range(2) { y[i]: again(x) }; linear(2) }"
    written = source_of(graph_of(text), backend)
    assert compile(written, "net.py", "exec") and "for _ in" not in written.split("class Net")[1]
