"""The class `Trainer`, method by method, with no line that its recipe does not need."""

from __future__ import annotations

from resdsl.codegen.python.module import docstring
from resdsl.codegen.trainer.text import indented, laid_out, number, split

from . import processes
from .decay import decay_function
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

_SEED_BY_RANK = """
# What is dropped follows from the seed, the step, and whose images these are.
draws = np.random.SeedSequence([SEED, self.step, dist.get_rank()]).generate_state(1)
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
    if facts.distributed:
        before += processes.process_functions(facts.graph, facts.recipe)
        imports.update(processes.IMPORTS)
        if facts.recipe.accumulate > 1:
            imports.add("from contextlib import nullcontext")
    return [*before, *decay_function(facts), [*head, *body]], frozenset(imports)


# ---- the constructor -----------------------------------------------------------------------------


def _init(facts: Facts) -> list[str]:
    body = [*_precision(facts), "self.device = torch.device(device)", *_model(facts)]
    body += _network(facts)
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
    if facts.synchronizes:
        own = processes.has_own_norms(facts.graph)
        lines.insert(0, f"model = synchronized(model{'' if own else ', self.device'})")
    return lines


def _network(facts: Facts) -> list[str]:
    """What calls the model and takes the mean of gradients over processes."""
    if not facts.distributed:
        return []
    arguments = ["self.model", "gradient_as_bucket_view=True"]
    if facts.has_unreached:
        arguments.append("find_unused_parameters=True")
    return laid_out(f"self.network = DistributedDataParallel({', '.join(arguments)})", 2)


# ---- a step --------------------------------------------------------------------------------------


def _train_step(facts: Facts) -> list[str]:
    recipe = facts.recipe
    body = ["for group in self.optimizer.param_groups:", '    group["lr"] = rate']
    if facts.is_seeded:
        body += split(_SEED_BY_RANK if facts.distributed else _SEED)
    body += ["self.model.train()", "self.optimizer.zero_grad()"]
    body += _gradients(facts) if recipe.accumulate == 1 else _accumulated(facts)
    if facts.has_unreached:
        body += split(_UNREACHED)
    if recipe.clip is not None:
        body.append(f"nn.utils.clip_grad_norm_(self.model.parameters(), {float(recipe.clip.norm)})")
    body.append("self.optimizer.step()")
    if facts.averages_statistics:
        body.append("average_statistics(self.model)")
    if recipe.average is not None:
        body.append("self.average.update_parameters(self.model)")
    body.append("self.step += 1")
    body += _results(facts)
    labels = " `labels` are probabilities." if recipe.mix is not None else ""
    return [
        "def train_step(",
        "    self, images: np.ndarray, labels: np.ndarray, rate: float",
        ") -> tuple[Tensor, Tensor]:",
        f'    """One step: the mean loss and the number of right answers.{labels}"""',
        *indented(body),
    ]


def _results(facts: Facts) -> list[str]:
    """The mean loss and the right answers, of all processes."""
    loss, correct = "loss.detach()", _correct(facts)
    if facts.recipe.accumulate > 1:
        loss, correct = "torch.stack(losses).mean()", "torch.stack(correct).sum()"
    if not facts.distributed:
        return [f"return {loss}, {correct}"]
    return [
        f"total, answers = totals({loss}, {correct})",
        "return total / dist.get_world_size(), answers",
    ]


def _gradients(facts: Facts) -> list[str]:
    return [
        f"targets = {_targets(facts)}",
        *_logits(facts, facts.network, _images(facts)),
        f"loss = {_loss(facts, _smoothing(facts))}",
        "loss.backward()",
    ]


def _accumulated(facts: Facts) -> list[str]:
    count = facts.recipe.accumulate
    inputs, targets = (f"{whole}.chunk({count})" for whole in (_images(facts), _targets(facts)))
    each = [
        *_logits(facts, facts.network, "part"),
        f"loss = {_loss(facts, _smoothing(facts))}",
        f"(loss / {count}).backward()",
    ]
    loop = ["for part, targets in parts:", *indented(each)]
    if facts.distributed:
        numbered = f"zip(reversed(range({count})), parts, strict=True)"
        loop = [
            f"for left, (part, targets) in {numbered}:",
            "    # Processes take the mean of their gradients once, with the last part.",
            "    with self.network.no_sync() if left else nullcontext():",
            *indented(each, 2),
        ]
    return [
        "losses, correct = [], []",
        *laid_out(f"parts = zip({inputs}, {targets}, strict=True)", 2),
        *loop,
        "    losses.append(loss.detach())",
        f"    correct.append({_correct(facts)})",
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
    network = "self.average" if averaged else facts.network
    weights = ", by averaged weights" if averaged else ""
    results = "loss, (logits.argmax(1) == targets).sum()"
    if facts.distributed:
        results = f"totals({results})"
    return [
        "@torch.inference_mode()",
        "def evaluate(self, images: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:",
        f'    """Summed loss and number of right answers{weights}; a label of -1 is none."""',
        f"    {'self.average' if averaged else 'self.model'}.eval()",
        "    targets = self._tensor(labels)",
        *indented(_logits(facts, network, _images(facts))),
        f"    loss = {_loss(facts, _SUMMED)}",
        f"    return {results}",
    ]
