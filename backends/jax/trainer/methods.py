"""The class `Trainer`: its constructor, and what its user calls."""

from __future__ import annotations

from resdsl.codegen.python.module import docstring
from resdsl.codegen.trainer import DecayRule, undecayed_names
from resdsl.codegen.trainer.text import indented, laid_out, number, split
from resdsl.recipes.recipe import AdamW

from .compiled import compiled_methods
from .facts import Facts
from .functional import sections
from .text import method

_IMPORTS = frozenset(
    {
        "from collections.abc import Callable",
        "from typing import Any, NamedTuple",
        "import jax",
        "import jax.numpy as jnp",
        "import optax",
        "from flax import nnx",
        "from jax import Array",
        "from jax.sharding import Mesh, NamedSharding",
        "from jax.sharding import PartitionSpec as P",
    }
)

_STATE = '''
def state(self) -> dict[str, np.ndarray]:
    """All that training goes on from, by PyTorch's names and in its layouts."""
    arrays = {"step": np.array(self.step, np.int64)}
    for key, tree in zip(KEYS, jax.device_get(self._state), strict=True):
        for name, array in tree.items():
            axes = np.argsort(self._axes[name])
            arrays[f"{key}/{name}"] = np.array(array.transpose(axes), order="C")
    return arrays
'''

_LOAD = '''
def load_state(self, state: Mapping[str, np.ndarray]) -> None:
    """Go on from there."""

    def loaded(key: str, name: str, old: Array) -> np.ndarray:
        array, axes = state[f"{key}/{name}"], self._axes[name]
        shape = tuple(old.shape[axis] for axis in np.argsort(axes))
        if array.shape != shape:
            raise ValueError(f"{key}/{name} is {array.shape}, and here it is {shape}")
        return array.transpose(axes).astype(old.dtype)

    trees = [
        {name: loaded(key, name, old) for name, old in tree.items()}
        for key, tree in zip(KEYS, self._state, strict=True)
    ]
    self._state = jax.device_put(State(*trees), self._everywhere)
    self.step = int(state["step"])
'''

_EVALUATE = '''
def evaluate(self, images: np.ndarray, labels: np.ndarray) -> tuple[Array, Array]:
    """Summed loss and number of right answersAVERAGE; a label of -1 is none."""
    missing = -len(labels) % (BATCH // jax.process_count())
    if missing:  # a last, shorter batch is filled up: one shape is one compilation
        images = np.resize(images, (len(images) + missing, *images.shape[1:]))
        labels = np.pad(labels, (0, missing), constant_values=-1)
WEIGHTS
    return self._test(weights, self._placed(images), self._placed(labels))
'''

_PLACED = '''
def _placed(self, array: np.ndarray) -> Array:
    """A batch, or this process's part of it, dealt out to the devices."""
    return jax.make_array_from_process_local_data(self._by_sample, array)
'''


def trainer_sections(facts: Facts) -> tuple[list[list[str]], frozenset[str]]:
    """The class with what stands before it, and the imports of all that."""
    methods = [
        _init(facts),
        _train_step(facts),
        _evaluate(facts),
        split(_STATE),
        split(_LOAD),
        *compiled_methods(facts),
        split(_PLACED),
    ]
    doc = f"`{facts.graph.name}`, its optimizer, and one step of training."
    head = ["class Trainer:", *docstring(doc, 1)]
    body = [line for lines in methods for line in ("", *indented(lines))]
    names = undecayed_names(facts.graph, facts.recipe)
    before = [names] if facts.decay is DecayRule.NAMES else []
    found = [*before, *sections(facts), [*head, *body]]
    named = "named_layers, named_weights" if facts.rounds else "named_weights"
    model = f"{facts.graph.name}_jax"
    return found, _IMPORTS | {f"from {model} import {named}"}


# ---- the constructor -----------------------------------------------------------------------------


def _init(facts: Facts) -> list[str]:
    body = [
        *_precision(facts),
        'mesh = mesh or Mesh(jax.devices()[:1], "data")',
        *(["self._mesh = mesh"] if facts.is_local else []),
        "self._everywhere = NamedSharding(mesh, P())",
        'self._by_sample = NamedSharding(mesh, P("data"))',
        "self._axes = {name: axes for name, _, axes in named_weights(model)}",
        *_first_state(facts),
        *_functions(facts),
        "self.step = 0",
    ]
    parameters = ["model: nnx.Module", "mesh: Mesh | None = None"]
    return method("__init__", parameters, "None", [], body)


def _precision(facts: Facts) -> list[str]:
    match facts.recipe.precision:
        case "float32":
            return [
                "# JAX's own choice is a fast one on GPUs.",
                'jax.config.update("jax_default_matmul_precision", "highest")',
            ]
        case "tf32":
            return ['jax.config.update("jax_default_matmul_precision", "tensorfloat32")']
        case "float64":
            return ['jax.config.update("jax_enable_x64", True)']
    classes = " | ".join(facts.product_layers)
    return [
        "for _, layer in named_layers(model):",
        f"    if isinstance(layer, {classes}):",
        "        layer.dtype = jnp.bfloat16  # of the product; weights stay as they are",
    ]


def _first_state(facts: Facts) -> list[str]:
    """The arrays as the model has them, and moments of zero."""
    value = f"np.array(variable.get_value(){', np.float64' if facts.is_double else ''})"
    if facts.has_statistics:
        lines = [
            "parameters: Tree = {}",
            "statistics: Tree = {}",
            "for name, variable, _ in named_weights(model):",
            "    tree = parameters if isinstance(variable, nnx.Param) else statistics",
            f"    tree[name] = {value}",
        ]
    else:
        lines = [
            "parameters: Tree = {}",
            "for name, variable, _ in named_weights(model):",
            f"    parameters[name] = {value}",
        ]
    if facts.moments or facts.accumulates:
        lines.append("zeros = {name: np.zeros_like(array) for name, array in parameters.items()}")
    weights = "parameters | statistics" if facts.has_statistics else "parameters"
    values = ["zeros" if t in facts.moments else t for t in facts.trees if t != "average"]
    values += [weights] if facts.recipe.average is not None else []
    state = f"State({', '.join(values)})"
    lines += laid_out(f"self._state = jax.device_put({state}, self._everywhere)", 2)
    if facts.accumulates:
        lines.append("self._gradients = jax.device_put(zeros, self._everywhere)")
    return lines


def _functions(facts: Facts) -> list[str]:
    """The model in both modes, and what is compiled."""
    put = "out_shardings=self._everywhere"
    compiled = []
    if facts.accumulates:
        given = (1, 2) if facts.has_statistics else (1,)
        compiled.append(f"self._add = jax.jit(self._added, donate_argnums={given}, {put})")
        compiled.append(f"self._update = jax.jit(self._updated, donate_argnums=(0, 1), {put})")
    else:
        compiled.append(f"self._update = jax.jit(self._updated, donate_argnums=0, {put})")
    compiled.append(f"self._test = jax.jit(self._tested, {put})")
    return [
        "model.train()",
        "self._train = functional(model)",
        "model.eval()",
        "self._infer = functional(model)",
        *(line for text in compiled for line in laid_out(text, 2)),
    ]


# ---- what the user calls -------------------------------------------------------------------------


def _train_step(facts: Facts) -> list[str]:
    body = _accumulated(facts) if facts.accumulates else _at_once(facts)
    labels = " `labels` are probabilities." if facts.mixes else ""
    doc = f"One step: the mean loss and the number of right answers.{labels}"
    parameters = ["images: np.ndarray", "labels: np.ndarray", "rate: float"]
    return method("train_step", parameters, "tuple[Array, Array]", docstring(doc, 0), body)


def _scalars(facts: Facts) -> tuple[list[str], list[str]]:
    """Lines that make, and names of, what an update needs to know of this step."""
    optimizer = facts.recipe.optimizer
    scalar = facts.scalar
    if not isinstance(optimizer, AdamW):
        return [], [f"{scalar}(rate)"]
    lines = ["t = self.step + 1"]
    for number_, beta in enumerate((optimizer.beta1, optimizer.beta2), 1):
        lines.append(f"unbias{number_} = {scalar}(1 - {number(beta)}**t)")
    return lines, [f"{scalar}(rate)", "unbias1", "unbias2"]


def _at_once(facts: Facts) -> list[str]:
    lines, scalars = _scalars(facts)
    seeds = ["np.uint32(self.step)"] if facts.is_seeded else []
    arguments = ["self._state", "self._placed(images)", "self._placed(labels)", *seeds, *scalars]
    call = f"self._state, loss, correct = self._update({', '.join(arguments)})"
    return [*lines, *laid_out(call, 2), "self.step += 1", "return loss, correct"]


def _accumulated(facts: Facts) -> list[str]:
    count = facts.recipe.accumulate
    lines, scalars = _scalars(facts)
    seeds = [f"np.uint32({count} * self.step + number)"] if facts.is_seeded else []
    kept = ["self._state.statistics"] if facts.has_statistics else []
    arguments = ["self._state.parameters", *kept, "self._gradients"]
    arguments += ["self._placed(part)", "self._placed(targets)", *seeds]
    results = ["self._gradients", *(["statistics"] if kept else []), "loss", "right"]
    parts = f"zip(np.split(images, {count}), np.split(labels, {count}), strict=True)"
    target = "number, (part, targets)" if facts.is_seeded else "part, targets"
    loop = f"for {target} in {'enumerate(parts)' if facts.is_seeded else 'parts'}:"
    put = "self._state = self._state._replace(statistics=statistics)"
    update = f"self._update({', '.join(['self._state', 'self._gradients', *scalars])})"
    return [
        "losses, correct = [], []",
        *laid_out(f"parts = {parts}", 2),
        loop,
        *indented(laid_out(f"{', '.join(results)} = self._add({', '.join(arguments)})", 3)),
        *([f"    {put}"] if kept else []),
        "    losses.append(loss)",
        "    correct.append(right)",
        *lines,
        *laid_out(f"self._state, self._gradients = {update}", 2),
        "self.step += 1",
        f"return sum(losses) / {count}, sum(correct)",
    ]


def _evaluate(facts: Facts) -> list[str]:
    averaged = facts.recipe.average is not None
    weights = "    weights = self._state.parameters"
    if averaged:
        weights = "    weights = self._state.average"
    elif facts.has_statistics:
        weights += " | self._state.statistics"
    text = _EVALUATE.replace("AVERAGE", ", by averaged weights" if averaged else "")
    return split(text.replace("WEIGHTS", weights))
