"""What the printed `Trainer` depends on, in PyTorch's terms."""

from __future__ import annotations

from resdsl.codegen.trainer import draws_masks, statistics, unreached
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe, Sgd
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """A network with its recipe; `renamed` says that attributes do not all bear canonical names,
    `distributed` that several processes share every batch."""

    graph: Graph
    recipe: Recipe
    renamed: bool
    distributed: bool = False

    @property
    def rank(self) -> int:
        """Number of spatial dimensions of the input."""
        return self.graph.input_types[0].rank

    @property
    def is_seeded(self) -> bool:
        """Whether a step draws random numbers."""
        return draws_masks(self.graph)

    @property
    def has_counters(self) -> bool:
        """Whether batch norms count their batches."""
        return bool(statistics(self.graph))

    @property
    def has_unreached(self) -> bool:
        """Whether some parameter has no gradient."""
        return bool(unreached(self.graph))

    @property
    def moments(self) -> dict[str, str]:
        """What a state calls the optimizer's tensors, and what PyTorch does."""
        optimizer = self.recipe.optimizer
        if not isinstance(optimizer, Sgd):
            return {"first_moment": "exp_avg", "second_moment": "exp_avg_sq"}
        return {"momentum": "momentum_buffer"} if optimizer.momentum else {}

    @property
    def converts_images(self) -> bool:
        """Whether arrays are not what the network takes, once they are tensors."""
        return self.rank > 0 or self.is_double

    def canonical(self, name: str) -> str:
        """An expression for the canonical name of what is called `name` in the module."""
        return f"canonical({name})" if self.renamed else name

    @property
    def network(self) -> str:
        """What is called in the place of the model."""
        return "self.network" if self.distributed else "self.model"

    @property
    def synchronizes(self) -> bool:
        """Whether batch norms are over the batches of all processes."""
        return self.distributed and self.has_counters and self.recipe.batch_norm == "synchronized"

    @property
    def averages_statistics(self) -> bool:
        """Whether every process has running statistics of its own images."""
        return self.distributed and self.has_counters and not self.synchronizes

    @property
    def autocasts(self) -> bool:
        return self.recipe.precision == "bfloat16"

    @property
    def is_double(self) -> bool:
        return self.recipe.precision == "float64"
