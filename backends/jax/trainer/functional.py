"""What stands before the class: the state as a tree, and the model as a function of its weights."""

from __future__ import annotations

from resdsl.codegen.trainer.text import split

from .facts import Facts

_STATE = '''
class State(NamedTuple):
    """What a step changes: arrays in Flax's layouts."""
'''

_FUNCTIONAL = '''
def functional(model: nnx.Module) -> Callable[..., RESULT]:
    """The model in its present mode as a function of its weights."""
    graph, variables = nnx.split(model)
    shapes = jax.eval_shape(lambda: variables)  # arrays would become constants of compiled code

    def apply(weights: Tree, images: ArrayKEY) -> RESULT:
        # Merged inside the trace: Flax lets a variable change only where it was made.
        network = nnx.merge(graph, shapes, copy=True)
RESEED        variables = {name: variable for name, variable, _ in named_weights(network)}
        for name, variable in variables.items():
            variable.set_value(weights[name])
BODY

    return apply
'''

_RESEED = """        if key is not None:
            nnx.reseed(network, default=key, dropout=key)
"""

_STATISTICS = """        logits = LOGITS
        kept = {n: v.get_value() for n, v in variables.items() if isinstance(v, nnx.BatchStat)}
        return logits, kept"""


def sections(facts: Facts) -> list[list[str]]:
    """`Tree`, `State`, `KEYS` and `functional`."""
    keys = ", ".join(f'"{key}"' for key in facts.trees.values())
    keys += "," if len(facts.trees) == 1 else ""
    state = [*split(_STATE), "", *(f"    {name}: Tree" for name in facts.trees)]
    constant = ["# What a checkpoint calls its trees.", f"KEYS = ({keys})"]
    return [
        ["Tree = dict[str, Any]  # arrays by canonical name"],
        state,
        constant,
        _functional(facts),
    ]


def _functional(facts: Facts) -> list[str]:
    images = "images.astype(jnp.float64)" if facts.is_double else "images"
    logits = f"network({images}){'.astype(jnp.float32)' if facts.rounds else ''}"
    body = f"        return {logits}"
    if facts.has_statistics:
        body = _STATISTICS.replace("LOGITS", logits)
    text = _FUNCTIONAL.replace("BODY", body)
    text = text.replace("RESULT", "tuple[Array, Tree]" if facts.has_statistics else "Array")
    text = text.replace("KEY", ", key: Array | None = None" if facts.is_seeded else "")
    return split(text.replace("RESEED", _RESEED if facts.is_seeded else ""))
