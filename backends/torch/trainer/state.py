"""`state` and `load_state` of a printed `Trainer`: arrays under the names of the checkpoints."""

from __future__ import annotations

from resdsl.codegen.trainer.text import indented, split
from resdsl.recipes.recipe import AdamW

from .facts import Facts

_STATE = '''
def state(self) -> dict[str, np.ndarray]:
    """All that training goes on from, in NumPy."""
    tensors = self._tensors().items()
    arrays = {name: np.array(tensor.numpy(force=True), order="C") for name, tensor in tensors}
    return {**arrays, "step": np.array(self.step, np.int64)}
'''

_LOAD = '''
def load_state(self, state: Mapping[str, np.ndarray]) -> None:
    """Go on from there."""
    for name, tensor in self._tensors().items():
        array = torch.tensor(state[name])
        if array.shape != tensor.shape:
            raise ValueError(f"{name} is {array.shape}, and here it is {tensor.shape}")
        tensor.copy_(array)
    self.step = int(state["step"])
'''

_STEPS = """
    for moments in self.optimizer.state.values():
        moments["step"].fill_(self.step)
"""


def state_methods(facts: Facts) -> list[list[str]]:
    """`state`, `load_state`, and `_tensors` that both read."""
    load = split(_LOAD)
    if isinstance(facts.recipe.optimizer, AdamW):
        load += split(_STEPS)
    return [split(_STATE), load, _tensors(facts)]


def _tensors(facts: Facts) -> list[str]:
    name = facts.canonical("name")
    body = ["tensors: dict[str, Tensor] = {}", *_weights(facts, "weights", "self.model")]
    if facts.moments:
        body += [
            "for name, parameter in self.model.named_parameters():",
            "    moments = self.optimizer.state[parameter]",
        ]
        body += [
            f'    tensors[f"{key}/{{{name}}}"] = moments["{own}"]'
            for key, own in facts.moments.items()
        ]
    if facts.recipe.average is not None:
        body += _weights(facts, "average", "self.average.module")
    return [
        "def _tensors(self) -> dict[str, Tensor]:",
        '    """What a state consists of, where it is kept."""',
        *indented([*body, "return tensors"]),
    ]


def _weights(facts: Facts, key: str, module: str) -> list[str]:
    line = f'tensors[f"{key}/{{{facts.canonical("name")}}}"] = tensor'
    lines = [f"for name, tensor in {module}.state_dict().items():"]
    if facts.has_counters:
        return [
            *lines,
            "    if tensor.is_floating_point():  # and no batch norm's counter",
            f"        {line}",
        ]
    return [*lines, f"    {line}"]
