"""The optimizer of a printed `Trainer`, with its parameters in groups where decay asks for it."""

from __future__ import annotations

from resdsl.codegen.trainer import undecayed
from resdsl.codegen.trainer.text import laid_out, number
from resdsl.recipes.recipe import AdamW, Sgd

from .decay import parameter_groups
from .facts import Facts


def optimizer_lines(facts: Facts) -> list[str]:
    """The statements of the constructor that make it, its moments at zero."""
    optimizer = facts.recipe.optimizer
    arguments = {name: text for name, text, default in _arguments(optimizer) if text != default}
    lines = parameter_groups(facts)
    parameters = "groups" if lines else "self.model.parameters()"
    if not lines and undecayed(facts.graph, facts.recipe):
        arguments["weight_decay"] = "0"
    options = ", ".join(f"{name}={text}" for name, text in arguments.items())
    made = f"{parameters}, lr=LEARNING_RATE, {options}{', ' if options else ''}fused=True"
    kind = "SGD" if isinstance(optimizer, Sgd) else "AdamW"
    return [*lines, *laid_out(f"self.optimizer = torch.optim.{kind}({made})", 2), *_zeros(facts)]


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
