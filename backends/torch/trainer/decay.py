"""Which parameters decay, said as a person would: by their dimensions and the ends of their names.

A rule is printed only if it holds for every parameter of the network; else all names are.
"""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.codegen.python.layout import WIDTH
from resdsl.codegen.trainer import undecayed
from resdsl.codegen.trainer.text import indented, laid_out

from .facts import Facts

#: More ends of names than these are no rule.
_ENDS = 4
_DOC = '    """Whether a parameter decays: no bias does, and no scale or shift of a norm."""'
_DOCS: dict[tuple[str, ...], str] = {
    ("bias",): '    """Whether a parameter decays: whatever is added does not."""',
    ("norm",): '    """Whether a parameter decays: scales and shifts of norms do not."""',
}

Shapes = dict[str, tuple[int, ...]]


def parameter_groups(facts: Facts) -> list[str]:
    """Statements that leave the optimizer's groups in `groups`; none where all are alike."""
    spared = undecayed(facts.graph, facts.recipe)
    shapes = _shapes(facts)
    if not spared or len(spared) == len(shapes):
        return []
    if spared == _vectors(shapes):
        items, pattern, tests = "parameters", "p", ("p.ndim > 1", "p.ndim == 1")
        lines = ["parameters = list(self.model.parameters())"]
    else:
        items, pattern, tests = "named", "n, p", ("decays(n, p)", "not decays(n, p)")
        lines = ["named = list(self.model.named_parameters())"]
    decaying, other = (f"[p for {pattern} in {items} if {test}]" for test in tests)
    return [
        *lines,
        "groups: list[dict[str, Any]] = [",
        f'    {{"params": {decaying}}},',
        f'    {{"params": {other}, "weight_decay": 0.0}},',
        "]",
    ]


def decay_function(facts: Facts) -> list[list[str]]:
    """`decays(name, parameter)`, where `groups` needs it."""
    if not any("decays" in line for line in parameter_groups(facts)):
        return []
    rule = _rule(facts)
    names = [] if rule else [_names(facts)]
    test = rule or f"{facts.canonical('name')} not in UNDECAYED"
    return [
        *names,
        [
            "def decays(name: str, parameter: Tensor) -> bool:",
            _DOCS.get(tuple(facts.recipe.optimizer.no_decay), _DOC),
            *indented(laid_out(f"return {test}", 1)),
        ],
    ]


def _names(facts: Facts) -> list[str]:
    names = sorted(undecayed(facts.graph, facts.recipe))
    line = f"UNDECAYED = {{{', '.join(map(_quoted, names))}}}"
    if len(line) <= WIDTH:
        return [line]
    return ["UNDECAYED = {", *(f"    {_quoted(name)}," for name in names), "}"]


def _rule(facts: Facts) -> str:
    """An expression over `name` and `parameter`, or nothing."""
    shapes, spared = _shapes(facts), undecayed(facts.graph, facts.recipe)
    vectors = _vectors(shapes)
    name = facts.canonical("name")
    if spared == {n for n in shapes if n.endswith("bias")}:
        return f'not {name}.endswith("bias")'
    for end in (_last_part, str):
        also = tuple(sorted({end(n) for n in vectors - spared}))
        too = tuple(sorted({end(n) for n in spared - vectors}))
        found = {n for n in vectors if not n.endswith(also)} | {
            n for n in shapes if n.endswith(too)
        }
        if found == spared and len(also) + len(too) <= _ENDS:
            return " or ".join(_decaying(name, also, too))
    return ""


def _last_part(name: str) -> str:
    return name.rpartition(".")[2]


def _decaying(name: str, also: tuple[str, ...], too: tuple[str, ...]) -> Iterator[str]:
    """Matrices and kernels decay but for `too`, and of vectors, `also`."""
    if too:
        test = f"parameter.ndim > 1 and not {name}.endswith({_ending(too)})"
        yield f"({test})" if also else test
    else:
        yield "parameter.ndim > 1"
    if also:
        yield f"{name}.endswith({_ending(also)})"


def _ending(ends: tuple[str, ...]) -> str:
    quoted = ", ".join(map(_quoted, ends))
    return quoted if len(ends) == 1 else f"({quoted})"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _shapes(facts: Facts) -> Shapes:
    return {w.name: w.weight.shape for w in facts.graph.weights if w.weight.trainable}


def _vectors(shapes: Shapes) -> set[str]:
    """Biases and norms, as a rule."""
    return {name for name, shape in shapes.items() if len(shape) == 1}
