"""A user's Flax module as parity reads it."""

import numpy as np
from flax import nnx
from resdsl.backends.jax.foreign import JaxForeign

from resdsl.codegen.runtime import Facts, Policy, TensorFact


class Port(nnx.Module):
    """Declared from the last layer to the first."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        self.head = nnx.Linear(4, 2, rngs=rngs)
        self.drop = nnx.Dropout(0.25, rngs=rngs)
        self.norm = nnx.BatchNorm(4, rngs=rngs)
        self.stem = nnx.Conv(3, 4, (3, 3), use_bias=False, rngs=rngs)

    def __call__(self, x):  # type: ignore[no-untyped-def]
        x = nnx.relu(self.norm(self.stem(x)))
        return self.head(self.drop(x.mean((1, 2))))


def test_layouts_and_dataflow_are_read() -> None:
    facts = Facts(
        "net", "Net", (TensorFact("input", (3, 5, 5)),), (TensorFact("output", (2,)),), ()
    )
    foreign = JaxForeign(Port(nnx.Rngs(0)), facts, Policy("float32"))
    found = foreign.describe({"input": np.zeros((2, 3, 5, 5))})
    shapes = {t.name: (t.shape, t.role, t.trainable) for t in found.tensors}
    assert shapes["stem.kernel"] == ((4, 3, 3, 3), "weight", True)
    assert shapes["head.kernel"] == ((2, 4), "weight", True)
    assert shapes["norm.var"] == ((4,), "running_var", False)
    assert found.edges == {
        "stem": {"<input 0>"},
        "norm": {"stem"},
        "head": {"norm"},
        "<output 0>": {"head"},
    }
    assert [(layer.name, layer.rate) for layer in foreign.dropping()] == [("drop", 0.25)]
    assert (foreign.kind("norm"), foreign.kind("nothing")) == ("BatchNorm", "Param")
