"""The formulas of a recipe's optimizer, written out for one weight after the other."""

from __future__ import annotations

from resdsl.codegen.trainer import DecayRule
from resdsl.codegen.trainer.text import indented, number
from resdsl.recipes.recipe import AdamW, Sgd

from .facts import Facts

_CLIP = """
norm = jnp.sqrt(sum(jnp.sum(g * g) for g in gradients.values()))
scale = jnp.minimum(1, NORM / (norm + 1e-6))  # optax divides by the norm alone
gradients = jax.tree.map(lambda g: g * scale, gradients)
"""


def clip_lines(facts: Facts) -> list[str]:
    """Gradients made shorter, if they are longer than the recipe allows."""
    if facts.recipe.clip is None:
        return []
    return _CLIP.replace("NORM", str(float(facts.recipe.clip.norm))).strip("\n").split("\n")


def update_lines(facts: Facts) -> list[str]:
    """From `state`, `gradients` and `rate` to `parameters` and the optimizer's moments."""
    optimizer = facts.recipe.optimizer
    names = ["parameters", *facts.moments]
    made = f"{', '.join(names)} = {', '.join('{}' for _ in names)}"
    if len(names) == 1:
        made = "parameters = {}"
    loop = _sgd(facts, optimizer) if isinstance(optimizer, Sgd) else _adamw(facts, optimizer)
    return [made, "for name, p in state.parameters.items():", *indented(loop)]


def average_lines(facts: Facts) -> list[str]:
    """From `parameters` and `statistics` to `average`."""
    if facts.recipe.average is None:
        return []
    decay = number(facts.recipe.average.decay)
    new = "weights" if facts.has_statistics else "parameters"
    return [
        *(["weights = parameters | statistics"] if facts.has_statistics else []),
        "average = {}",
        "for name, a in state.average.items():",
        f"    average[name] = {decay} * a + (1 - {decay}) * {new}[name]",
    ]


def _sgd(facts: Facts, sgd: Sgd) -> list[str]:
    momentum, decay = number(sgd.momentum), number(sgd.weight_decay)
    lines = ["d = gradients[name]", *_where_decayed(facts, f"d += {decay} * p")]
    if facts.decay is DecayRule.ALL:
        lines = [f"d = gradients[name] + {decay} * p"]
    if not sgd.momentum:
        return [*lines, "parameters[name] = p - rate * d"]
    step = f"(d + {momentum} * b)" if sgd.nesterov else "b"
    return [
        *lines,
        f"momentum[name] = b = {momentum} * state.momentum[name] + d",
        f"parameters[name] = p - rate * {step}",
    ]


def _adamw(facts: Facts, adamw: AdamW) -> list[str]:
    beta1, beta2 = number(adamw.beta1), number(adamw.beta2)
    denominator = f"(jnp.sqrt(v / unbias2) + {number(adamw.eps)})"
    return [
        "g = gradients[name]",
        f"first_moment[name] = m = {beta1} * state.first_moment[name] + (1 - {beta1}) * g",
        f"second_moment[name] = v = {beta2} * state.second_moment[name] + (1 - {beta2}) * g * g",
        *_where_decayed(facts, f"p -= rate * {number(adamw.weight_decay)} * p"),
        f"parameters[name] = p - rate * (m / unbias1) / {denominator}",
    ]


def _where_decayed(facts: Facts, line: str) -> list[str]:
    """A line for the weights `p`, called `name`, that decay."""
    tests = {
        DecayRule.MATRICES: "p.ndim > 1",
        DecayRule.NO_BIAS: 'not name.endswith(".bias")',
        DecayRule.NAMES: "name not in UNDECAYED",
    }
    match facts.decay:
        case DecayRule.ALL:
            return [line]
        case DecayRule.NONE:
            return []
    return [f"if {tests[facts.decay]}:", f"    {line}"]
