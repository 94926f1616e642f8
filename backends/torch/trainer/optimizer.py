"""The optimizer of a printed `Trainer`, with its parameters in groups where decay asks for it."""

from __future__ import annotations

from resdsl.codegen.python.layout import WIDTH
from resdsl.codegen.trainer import undecayed
from resdsl.codegen.trainer.text import laid_out, number
from resdsl.recipes.recipe import AdamW, Sgd

from .facts import Facts


def optimizer_lines(facts: Facts) -> list[str]:
    """The statements of the constructor that make it, its moments at zero."""
    optimizer = facts.recipe.optimizer
    arguments = {name: text for name, text, default in _arguments(optimizer) if text != default}
    test = decay_test(facts)
    lines = []
    parameters = "self.model.parameters()"
    if test is not None:
        lines = _groups(*test)
        parameters = "groups"
    elif undecayed(facts.graph, facts.recipe):
        arguments["weight_decay"] = "0"
    options = ", ".join(f"{name}={text}" for name, text in arguments.items())
    made = f"{parameters}, lr=LEARNING_RATE, {options}{', ' if options else ''}fused=True"
    kind = "SGD" if isinstance(optimizer, Sgd) else "AdamW"
    return [*lines, *laid_out(f"self.optimizer = torch.optim.{kind}({made})", 2), *_zeros(facts)]


def undecayed_names(facts: Facts) -> list[str]:
    """The names that do not decay, as a constant, where no rule gives them."""
    test = decay_test(facts)
    if test is None or "UNDECAYED" not in test[0]:
        return []
    names = [f'"{name}"' for name in sorted(undecayed(facts.graph, facts.recipe))]
    line = f"UNDECAYED = {{{', '.join(names)}}}"
    return [line] if len(line) <= WIDTH else ["UNDECAYED = {", *(f"    {n}," for n in names), "}"]


def decay_test(facts: Facts) -> tuple[str, str] | None:
    """How to tell, of a name `n` and a parameter `p`, what decays and what does not.

    `None` where all are treated alike. A rule is taken only if it holds for every parameter of the
    network.
    """
    spared = undecayed(facts.graph, facts.recipe)
    shapes = {w.name: w.weight.shape for w in facts.graph.weights if w.weight.trainable}
    if not spared or len(spared) == len(shapes):
        return None
    if spared == {name for name, shape in shapes.items() if len(shape) == 1}:
        return "p.ndim > 1", "p.ndim == 1"
    if spared == {name for name in shapes if name.endswith(".bias")}:
        return 'not n.endswith(".bias")', 'n.endswith(".bias")'
    return f"{facts.canonical('n')} not in UNDECAYED", f"{facts.canonical('n')} in UNDECAYED"


def _groups(decayed: str, spared: str) -> list[str]:
    if "n." not in decayed and "UNDECAYED" not in decayed:
        return [
            "parameters = list(self.model.parameters())",
            "groups: list[dict[str, Any]] = [",
            f'    {{"params": [p for p in parameters if {decayed}]}},',
            f'    {{"params": [p for p in parameters if {spared}], "weight_decay": 0.0}},',
            "]",
        ]
    return [
        "named = list(self.model.named_parameters())",
        "groups: list[dict[str, Any]] = [",
        f'    {{"params": [p for n, p in named if {decayed}]}},',
        f'    {{"params": [p for n, p in named if {spared}], "weight_decay": 0.0}},',
        "]",
    ]


def _arguments(optimizer: Sgd | AdamW) -> list[tuple[str, str, str]]:
    """Arguments of the optimizer: name, value, and PyTorch's default."""
    decay = number(optimizer.weight_decay)
    if isinstance(optimizer, Sgd):
        nesterov = optimizer.nesterov and optimizer.momentum != 0
        return [
            ("momentum", number(optimizer.momentum), "0"),
            ("weight_decay", decay, "0"),
            ("nesterov", str(nesterov), "False"),
        ]
    betas = f"({number(optimizer.beta1)}, {number(optimizer.beta2)})"
    return [
        ("betas", betas, "(0.9, 0.999)"),
        ("eps", number(optimizer.eps), "1e-8"),
        ("weight_decay", decay, "0.01"),
    ]


def _zeros(facts: Facts) -> list[str]:
    """Moments before the first step, as a state has them."""
    optimizer = facts.recipe.optimizer
    if isinstance(optimizer, AdamW):
        return [
            "for parameter in self.model.parameters():",
            "    self.optimizer.state[parameter] = {",
            '        "step": torch.zeros((), device=self.device),',
            '        "exp_avg": torch.zeros_like(parameter),',
            '        "exp_avg_sq": torch.zeros_like(parameter),',
            "    }",
        ]
    if not optimizer.momentum:
        return []
    zeros = 'self.optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)'
    return ["for parameter in self.model.parameters():", f"    {zeros}"]
