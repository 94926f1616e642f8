"""Methods of `Trainer` that JAX compiles: pure functions of arrays."""

from __future__ import annotations

from resdsl.codegen.python.layout import INDENT, Group, layout
from resdsl.codegen.python.module import docstring
from resdsl.codegen.trainer import classes
from resdsl.codegen.trainer.text import laid_out, number, split
from resdsl.recipes.recipe import AdamW

from .facts import Facts
from .text import method
from .updates import average_lines, clip_lines, update_lines

_KEY = "key = jax.random.fold_in(jax.random.key(SEED), number)"
_OWN_KEY = """
# Every device drops what its own key says.
key = jax.random.fold_in(key, jax.lax.axis_index("data"))
"""

_LOCAL = """
# Batch norms saw a device's own samples; its running statistics are averaged.
loss, statistics = jax.lax.pmean((loss, statistics), "data")
correct = jax.lax.psum(correct, "data")
"""


def compiled_methods(facts: Facts) -> list[list[str]]:
    """What is differentiated, the step, and the test."""
    steps = [_added(facts), _updated_alone(facts)] if facts.accumulates else [_updated(facts)]
    return [_loss(facts), *steps, _tested(facts)]


def _statistics(facts: Facts, value: str = "statistics") -> list[str]:
    return [value] if facts.has_statistics else []


# ---- the loss ------------------------------------------------------------------------------------


def _loss(facts: Facts) -> list[str]:
    """The function that is differentiated."""
    weights = "parameters | statistics" if facts.has_statistics else "parameters"
    arguments = [weights, "images", *(["key"] if facts.is_seeded else [])]
    results = ", ".join(["logits", *_statistics(facts)])
    body = [
        *([*split(_OWN_KEY)] if facts.is_seeded and facts.is_local else []),
        f"{results} = self._train({', '.join(arguments)})",
        *_cross_entropy(facts),
        f"correct = (logits.argmax(1) == {'labels.argmax(1)' if facts.mixes else 'labels'}).sum()",
        *(split(_LOCAL) if facts.is_local else []),
        f"return loss, {'(statistics, correct)' if facts.has_statistics else 'correct'}",
    ]
    parameters = [*_arrays(facts, ["parameters: Tree"])]
    result = "tuple[Array, Array]"
    if facts.has_statistics:
        result = "tuple[Array, tuple[Tree, Array]]"
    doc = "The mean loss, and what else comes of a forward pass."
    return method("_loss", parameters, result, docstring(doc, 0), body)


def _arrays(facts: Facts, first: list[str]) -> list[str]:
    """Parameters of a method that computes a forward pass in training mode."""
    statistics = ["statistics: Tree"] if facts.has_statistics else []
    key = ["key: Array"] if facts.is_seeded else []
    return [*first, *statistics, "images: Array", "labels: Array", *key]


def _cross_entropy(facts: Facts) -> list[str]:
    smoothing = facts.recipe.loss.label_smoothing
    if not smoothing and not facts.mixes:
        losses = "optax.softmax_cross_entropy_with_integer_labels(logits, labels)"
        return [f"loss = {losses}.mean()"]
    targets = f"jax.nn.one_hot(labels, {classes(facts.graph)})"
    if facts.mixes:
        targets = "labels.astype(jnp.float64)" if facts.is_double else "labels"
    if smoothing:
        targets = f"optax.smooth_labels({targets}, {number(smoothing)})"
    if targets == "labels":
        return ["loss = optax.softmax_cross_entropy(logits, labels).mean()"]
    return [
        f"targets = {targets}",
        "loss = optax.softmax_cross_entropy(logits, targets).mean()",
    ]


# ---- a step --------------------------------------------------------------------------------------


def _gradients(facts: Facts, parameters: str, statistics: str, name: str) -> list[str]:
    """Of the loss, for some parameters and statistics."""
    arguments = [parameters, *_statistics(facts, statistics), "images", "labels"]
    lines = []
    if facts.is_seeded:
        arguments.append("key")
        lines.append(_KEY)
    lines.append("differentiate = jax.value_and_grad(self._loss, has_aux=True)")
    if facts.is_local:
        specs = ["P()", "P()", 'P("data")', 'P("data")', *(["P()"] if facts.is_seeded else [])]
        options = f"mesh=self._mesh, in_specs=({', '.join(specs)}), out_specs=P()"
        lines += laid_out(f"differentiate = jax.shard_map(differentiate, {options})", 2)
    results = "(statistics, correct)" if facts.has_statistics else "correct"
    call = Group("differentiate(", tuple(arguments))
    made = layout(call, 2, f"(loss, {results}), {name} = ")
    return [*lines, *(line.removeprefix(INDENT * 2) for line in made)]


def _updated(facts: Facts) -> list[str]:
    """The whole step."""
    parameters = ["state: State", "images: Array", "labels: Array", *_numbers(facts, seeds=True)]
    body = [
        *_gradients(facts, "state.parameters", "state.statistics", "gradients"),
        *clip_lines(facts),
        *update_lines(facts),
        *average_lines(facts),
        f"return State({', '.join(facts.trees)}), loss, correct",
    ]
    doc = "The state after a step, the loss, and the number of right answers."
    return method("_updated", parameters, "tuple[State, Array, Array]", docstring(doc, 0), body)


def _added(facts: Facts) -> list[str]:
    """The gradients of one part of a batch."""
    statistics = ["statistics: Tree"] if facts.has_statistics else []
    seeds = ["number: Array"] if facts.is_seeded else []
    parameters = ["parameters: Tree", *statistics, "gradients: Tree"]
    parameters += ["images: Array", "labels: Array", *seeds]
    results = ["gradients", *_statistics(facts), "loss", "correct"]
    types = ["Tree", *(["Tree"] if facts.has_statistics else []), "Array", "Array"]
    body = [
        *_gradients(facts, "parameters", "statistics", "new"),
        "gradients = jax.tree.map(jnp.add, gradients, new)",
        f"return {', '.join(results)}",
    ]
    doc = "The gradients of a part of a batch added to those of the parts before it."
    result = f"tuple[{', '.join(types)}]"
    return method("_added", parameters, result, docstring(doc, 0), body)


def _updated_alone(facts: Facts) -> list[str]:
    """The step behind the gradients of all parts."""
    count = facts.recipe.accumulate
    trees = [t if t != "statistics" else "state.statistics" for t in facts.trees]
    average = [line.replace(" statistics", " state.statistics") for line in average_lines(facts)]
    body = [
        "zeros = jax.tree.map(jnp.zeros_like, gradients)",
        f"gradients = jax.tree.map(lambda g: g / {count}, gradients)",
        *clip_lines(facts),
        *update_lines(facts),
        *average,
        f"return State({', '.join(trees)}), zeros",
    ]
    doc = "The state after a step, by the gradients of all parts, and no gradients for the next."
    parameters = ["state: State", "gradients: Tree", *_numbers(facts, seeds=False)]
    return method("_updated", parameters, "tuple[State, Tree]", docstring(doc, 0), body)


def _numbers(facts: Facts, *, seeds: bool) -> list[str]:
    """Parameters that say which step it is."""
    adam = ["unbias1: Array", "unbias2: Array"]
    return [
        *(["number: Array"] if facts.is_seeded and seeds else []),
        "rate: Array",
        *(adam if isinstance(facts.recipe.optimizer, AdamW) else []),
    ]


# ---- a test --------------------------------------------------------------------------------------


def _tested(facts: Facts) -> list[str]:
    results = "logits, _" if facts.has_statistics else "logits"
    body = [
        f"{results} = self._infer(weights, images)",
        "losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)",
        "correct = (logits.argmax(1) == labels).sum()",
        "return jnp.where(labels >= 0, losses, 0).sum(), correct",
    ]
    doc = "The summed loss and the number of right answers of a batch."
    parameters = ["weights: Tree", "images: Array", "labels: Array"]
    return method("_tested", parameters, "tuple[Array, Array]", docstring(doc, 0), body)
