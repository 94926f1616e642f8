"""What the printed `Trainer` depends on, in JAX's terms."""

from __future__ import annotations

from resdsl.codegen.trainer import DecayRule, decay_rule, draws_masks, statistics
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe, Sgd
from resdsl.records import dataclass

#: Layers that compute products, by operation: those that a lower precision is for.
_PRODUCTS = {
    "conv": "nnx.Conv",
    "depthwise": "nnx.Conv",
    "channel_conv": "nnx.Conv",
    "conv_transpose": "nnx.ConvTranspose",
    "linear": "nnx.Linear",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """A network with its recipe."""

    graph: Graph
    recipe: Recipe

    @property
    def has_statistics(self) -> bool:
        """Whether the network has running statistics."""
        return bool(statistics(self.graph))

    @property
    def is_local(self) -> bool:
        """Whether each device has batch norms of its own."""
        return self.has_statistics and self.recipe.batch_norm == "local"

    @property
    def is_seeded(self) -> bool:
        """Whether a step draws random numbers."""
        return draws_masks(self.graph)

    @property
    def mixes(self) -> bool:
        """Whether labels are probabilities."""
        return self.recipe.mix is not None

    @property
    def accumulates(self) -> bool:
        return self.recipe.accumulate > 1

    @property
    def rounds(self) -> bool:
        """Whether products are computed in bfloat16."""
        return self.recipe.precision == "bfloat16"

    @property
    def is_double(self) -> bool:
        return self.recipe.precision == "float64"

    @property
    def scalar(self) -> str:
        """The type of numbers that go into a compiled step."""
        return "np.float64" if self.is_double else "np.float32"

    @property
    def decay(self) -> DecayRule:
        """Which parameters decay."""
        return decay_rule(self.graph, self.recipe)

    @property
    def moments(self) -> tuple[str, ...]:
        """What the optimizer keeps for each parameter."""
        if not isinstance(self.recipe.optimizer, Sgd):
            return "first_moment", "second_moment"
        return ("momentum",) if self.recipe.optimizer.momentum else ()

    @property
    def trees(self) -> dict[str, str]:
        """What a step changes, and under which key a checkpoint has it."""
        found = {"parameters": "weights"}
        if self.has_statistics:
            found["statistics"] = "weights"
        found |= {moment: moment for moment in self.moments}
        return found | ({"average": "average"} if self.recipe.average is not None else {})

    @property
    def product_layers(self) -> list[str]:
        """Classes of the layers that compute products."""
        kinds = {node.op.name for node in self.graph.nodes}
        return sorted({layer for kind, layer in _PRODUCTS.items() if kind in kinds})
