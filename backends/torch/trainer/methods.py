"""The class `Trainer`, method by method, with no line that its recipe does not need."""

from __future__ import annotations

from resdsl.codegen.python.module import docstring
from resdsl.codegen.trainer.text import indented, laid_out, number, split

from .facts import Facts
from .optimizer import optimizer_lines
from .state import state_methods

_IMPORTS = ("import torch", "from torch import Tensor, nn", "import torch.nn.functional as F")

_SUMMED = ', ignore_index=-1, reduction="sum"'

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
        *_images_method(facts),
        split(_TENSOR),
    ]
    doc = f"`{facts.graph.name}`, its optimizer, and one step of training."
    head = ["class Trainer:", *docstring(doc, 1)]
    body = [line for method in methods for line in ("", *indented(method))]
    before = [split(_CANONICAL)] if facts.renamed else []
    return [*before, [*head, *body]], frozenset(imports)


# ---- the constructor -----------------------------------------------------------------------------


def _init(facts: Facts) -> list[str]:
    body = [*_precision(facts), "self.device = torch.device(device)", *_model(facts)]
    body += optimizer_lines(facts)
    compiled = ["self.model.compile()"]
    if facts.recipe.average is not None:
        decay = number(facts.recipe.average.decay)
        made = f"multi_avg_fn=get_ema_multi_avg_fn({decay}), use_buffers=True"
        body += [
            *laid_out(f"self.average = AveragedModel(self.model, {made})", 2),
            "self.average.update_parameters(self.model)  # it starts from the first weights",
        ]
        compiled.append("self.average.module.compile()")
    return [
        'def __init__(self, model: nn.Module, device: str = "cpu", compile: bool = False) -> None:',
        *indented([*body, "if compile:", *indented(compiled), "self.step = 0"]),
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
    dtype = ", torch.float64" if facts.is_double else ""
    lines = [f"self.model = model.to(self.device{dtype})"]
    if facts.rank >= 2:
        last = f"channels_last{'_3d' if facts.rank == 3 else ''}"
        # PyTorch's own annotations do not know this argument.
        lines.append(f"self.model.to(memory_format=torch.{last})  # type: ignore[call-overload]")
    return lines


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
        *_logits(facts, "self.model", _images(facts)),
        f"loss = {_loss(facts, _smoothing(facts))}",
        "loss.backward()",
    ]


def _accumulated(facts: Facts) -> list[str]:
    count = facts.recipe.accumulate
    inputs, targets = (f"{whole}.chunk({count})" for whole in (_images(facts), _targets(facts)))
    body = [
        *_logits(facts, "self.model", "part"),
        f"loss = {_loss(facts, _smoothing(facts))}",
        f"(loss / {count}).backward()",
        "losses.append(loss.detach())",
        f"correct.append({_correct(facts)})",
    ]
    return [
        "losses, correct = [], []",
        *laid_out(f"parts = zip({inputs}, {targets}, strict=True)", 2),
        "for part, targets in parts:",
        *indented(body),
    ]


def _images(facts: Facts) -> str:
    return f"self.{'_images' if facts.converts_images else '_tensor'}(images)"


def _targets(facts: Facts) -> str:
    mixed = facts.recipe.mix is not None
    return f"self._tensor(labels){'.double()' if mixed and facts.is_double else ''}"


def _correct(facts: Facts) -> str:
    classes = "targets.argmax(1)" if facts.recipe.mix is not None else "targets"
    return f"(logits.argmax(1) == {classes}).sum()"


def _logits(facts: Facts, network: str, images: str) -> list[str]:
    statement = f"logits = {network}({images})"
    if not facts.autocasts:
        return [statement]
    return ["with torch.autocast(self.device.type, torch.bfloat16):", f"    {statement}"]


def _loss(facts: Facts, options: str) -> str:
    return f"F.cross_entropy(logits{'.float()' if facts.autocasts else ''}, targets{options})"


def _smoothing(facts: Facts) -> str:
    smoothing = facts.recipe.loss.label_smoothing
    return f", label_smoothing={number(smoothing)}" if smoothing else ""


def _images_method(facts: Facts) -> list[list[str]]:
    if not facts.converts_images:
        return []
    moved = ".movedim(-1, 1)" if facts.rank else ""
    doubled = ".double()" if facts.is_double else ""
    doc = "Images with channels last; so they stay in memory." if facts.rank else "Rows in float64."
    return [
        [
            "def _images(self, images: np.ndarray) -> Tensor:",
            f'    """{doc}"""',
            f"    return self._tensor(images){moved}{doubled}",
        ]
    ]


def _evaluate(facts: Facts) -> list[str]:
    averaged = facts.recipe.average is not None
    network = "self.average" if averaged else "self.model"
    weights = ", by averaged weights" if averaged else ""
    return [
        "@torch.inference_mode()",
        "def evaluate(self, images: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:",
        f'    """Summed loss and number of right answers{weights}; a label of -1 is none."""',
        f"    {network}.eval()",
        "    targets = self._tensor(labels)",
        *indented(_logits(facts, network, _images(facts))),
        f"    loss = {_loss(facts, _SUMMED)}",
        "    return loss, (logits.argmax(1) == targets).sum()",
    ]
