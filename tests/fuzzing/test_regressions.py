"""What fuzzing has found, once more through all backends; and a fault that is planted.

Each file of tests/regressions/ is a network that a backend failed on, made small.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from resdsl.codegen.backend import get_backend
from resdsl.fuzzing.bench import Bench
from resdsl.fuzzing.compiling import Workshop
from resdsl.fuzzing.trial import Trial
from resdsl.ir.graph import Graph
from resdsl.records import replace

BACKENDS = ("torch", "jax", "tensorflow", "onnx")
FOLDER = Path(__file__).resolve().parents[1] / "regressions"


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with Bench([f"{name}-float64" for name in BACKENDS], 1, 300) as bench:
        yield Trial({name: get_backend(name) for name in BACKENDS}, bench)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.res")), ids=lambda path: path.stem)
def test_what_was_found_is_mended(path: Path, trial: Trial) -> None:
    workshop = Workshop(FOLDER)
    text = path.read_text(encoding="utf-8")
    assert workshop.laid_out(text) == text
    verdict = trial.of(workshop.graph(text))
    assert verdict.failures == () and not verdict.not_finite
    assert set(verdict.ran) | set(verdict.refused) == set(BACKENDS)


def test_a_planted_fault_is_found_and_rounding_is_not(trial: Trial, tmp_path: Path) -> None:
    jax = trial.backends["jax"]
    emit = jax.emit
    assert emit is not None

    def faulty(graph: Graph) -> str:
        return emit(graph).replace("jnp.tanh(", "jnp.sin(").replace("nnx.tanh(", "jnp.sin(")

    planted = replace(
        trial, backends={"torch": trial.backends["torch"], "jax": replace(jax, emit=faulty)}
    )
    workshop = Workshop(tmp_path)
    network = "model net {{ input(3, 4, 4); a: {}; conv(2, 1); batch_norm; batch_norm; relu }}\n"
    wrong = planted.of(workshop.graph(network.format("tanh")))
    (failure,) = wrong.failures
    assert failure.kind[:2] == ("differs", "jax") and failure.diagnostic.code == "R0605"
    # The first of two batch norms has gradients of nothing but rounding.
    right = planted.of(workshop.graph(network.format("sigmoid")))
    assert not right.failures and right.by_rounding
