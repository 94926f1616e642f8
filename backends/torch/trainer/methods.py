"""The class `Trainer`, method by method, with no line that its recipe does not need."""

from __future__ import annotations

from resdsl.codegen.python.module import docstring
from resdsl.codegen.trainer.text import indented, laid_out, number, split

from .facts import Facts
from .optimizer import optimizer_lines, undecayed_names
from .state import state_methods

_IMPORTS = ("import torch", "from torch import Tensor, nn", "import torch.nn.functional as F")

_SEED = """
# What is dropped follows from the seed and the step.
draws = np.random.SeedSequence([SEED, self.step]).generate_state(1)
torch.manual_seed(int(draws[0]))
"""

_UNREACHED = """
for parameter in self.model.parameters():
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)  # unused: nothing but decay moves it
"""

_CANONICAL = '''
def canonical(name: str) -> str:
    """An attribute ends in `_` where PyTorch or Python has taken its name."""
    return ".".join(part.rstrip("_") for part in name.split("."))
'''

_TENSOR = '''
def _tensor(self, array: np.ndarray) -> Tensor:
    """The array on the device, which may still be at work on the step before."""
    tensor = torch.from_numpy(array)
    if self.device.type == "cuda":
        tensor = tensor.pin_memory()
    return tensor.to(self.device, non_blocking=True)
'''


def trainer_class(facts: Facts) -> tuple[list[list[str]], frozenset[str]]:
    """The class with what stands before it, and the imports of all that."""
    imports = {*_IMPORTS}
    if facts.recipe.average is not None:
        imports.add("from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn")
    methods = [
        _init(facts),
        _train_step(facts),
        _evaluate(facts),
        *state_methods(facts),
        _logits(facts),
        split(_TENSOR),
    ]
    doc = f"`{facts.graph.name}`, its optimizer, and one step of training."
    head = ["class Trainer:", *docstring(doc, 1)]
    body = [line for method in methods for line in ("", *indented(method))]
    before = [*undecayed_names(facts), *([split(_CANONICAL)] if facts.renamed else [])]
    return [*before, [*head, *body]], frozenset(imports)


# ---- the constructor -----------------------------------------------------------------------------


def _init(facts: Facts) -> list[str]:
    body = [*_precision(facts), "self.device = torch.device(device)", *_model(facts)]
    body.append("self.network = torch.compile(self.model) if compile else self.model")
    body += optimizer_lines(facts)
    if facts.recipe.average is not None:
        decay = number(facts.recipe.average.decay)
        made = f"multi_avg_fn=get_ema_multi_avg_fn({decay}), use_buffers=True"
        body += [
            *laid_out(f"self.average = AveragedModel(self.model, {made})", 2),
            "self.average.update_parameters(self.model)  # it starts from the first weights",
        ]
    return [
        'def __init__(self, model: nn.Module, device: str = "cpu", compile: bool = False) -> None:',
        *indented([*body, "self.step = 0"]),
    ]


def _precision(facts: Facts) -> list[str]:
    match facts.recipe.precision:
        case "float32":
            return ["torch.backends.cudnn.allow_tf32 = False  # PyTorch's own choice is True"]
        case "tf32":
            return [
                "torch.backends.cuda.matmul.allow_tf32 = True",
                "torch.backends.cudnn.allow_tf32 = True",
            ]
    return []


def _model(facts: Facts) -> list[str]:
    arguments = ["self.device"]
    if facts.is_double:
        arguments.append("torch.float64")
    if facts.rank >= 2:
        arguments.append(f"memory_format=torch.channels_last{'_3d' if facts.rank == 3 else ''}")
    return [f"self.model = model.to({', '.join(arguments)})"]


# ---- a step --------------------------------------------------------------------------------------


def _train_step(facts: Facts) -> list[str]:
    recipe = facts.recipe
    body = ["for group in self.optimizer.param_groups:", '    group["lr"] = rate']
    if facts.is_seeded:
        body += split(_SEED)
    body += ["self.model.train()", "self.optimizer.zero_grad()"]
    body += _gradients(facts) if recipe.accumulate == 1 else _accumulated(facts)
    if facts.has_unreached:
        body += split(_UNREACHED)
    if recipe.clip is not None:
        body.append(f"nn.utils.clip_grad_norm_(self.model.parameters(), {float(recipe.clip.norm)})")
    body.append("self.optimizer.step()")
    if recipe.average is not None:
        body.append("self.average.update_parameters(self.model)")
    body.append("self.step += 1")
    if recipe.accumulate == 1:
        body.append(f"return loss.detach(), {_correct(facts)}")
    else:
        body.append("return torch.stack(losses).mean(), torch.stack(correct).sum()")
    labels = " `labels` are probabilities." if recipe.mix is not None else ""
    return [
        "def train_step(",
        "    self, images: np.ndarray, labels: np.ndarray, rate: float",
        ") -> tuple[Tensor, Tensor]:",
        f'    """One step: the mean loss and the number of right answers.{labels}"""',
        *indented(body),
    ]


def _gradients(facts: Facts) -> list[str]:
    return [
        f"targets = {_targets(facts)}",
        "logits = self._logits(self.network, self._tensor(images))",
        f"loss = F.cross_entropy(logits, targets{_smoothing(facts)})",
        "loss.backward()",
    ]


def _accumulated(facts: Facts) -> list[str]:
    count = facts.recipe.accumulate
    parts = (
        f"zip(self._tensor(images).chunk({count}), {_targets(facts)}.chunk({count}), strict=True)"
    )
    return [
        "losses, correct = [], []",
        f"parts = {parts}",
        "for part, targets in parts:",
        "    logits = self._logits(self.network, part)",
        f"    loss = F.cross_entropy(logits, targets{_smoothing(facts)})",
        f"    (loss / {count}).backward()",
        "    losses.append(loss.detach())",
        f"    correct.append({_correct(facts)})",
    ]


def _targets(facts: Facts) -> str:
    mixed = facts.recipe.mix is not None
    return f"self._tensor(labels){'.double()' if mixed and facts.is_double else ''}"


def _smoothing(facts: Facts) -> str:
    smoothing = facts.recipe.loss.label_smoothing
    return f", label_smoothing={number(smoothing)}" if smoothing else ""


def _correct(facts: Facts) -> str:
    classes = "targets.argmax(1)" if facts.recipe.mix is not None else "targets"
    return f"(logits.argmax(1) == {classes}).sum()"


def _logits(facts: Facts) -> list[str]:
    body = []
    value = "images"
    if facts.rank:
        value = "images.movedim(-1, 1)"
    if facts.is_double:
        value = f"{value}.double()"
    if facts.autocasts:
        body = [
            "with torch.autocast(self.device.type, torch.bfloat16):",
            f"    return network({value}).float()",
        ]
    else:
        body = [f"return network({value})"]
    doc = "What the network says of images with their channels last."
    if not facts.rank:
        doc = "What the network says of rows."
    return [
        "def _logits(self, network: nn.Module, images: Tensor) -> Tensor:",
        f'    """{doc}"""',
        *indented(body),
    ]


def _evaluate(facts: Facts) -> list[str]:
    averaged = facts.recipe.average is not None
    network = "self.average" if averaged else "self.network"
    weights = ", by averaged weights" if averaged else ""
    return [
        "@torch.inference_mode()",
        "def evaluate(self, images: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:",
        f'    """Summed loss and number of right answers{weights}; a label of -1 is none."""',
        f"    {'self.average' if averaged else 'self.model'}.eval()",
        "    targets = self._tensor(labels)",
        f"    logits = self._logits({network}, self._tensor(images))",
        '    loss = F.cross_entropy(logits, targets, ignore_index=-1, reduction="sum")',
        "    return loss, (logits.argmax(1) == targets).sum()",
    ]
