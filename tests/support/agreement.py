"""Generated PyTorch against the graph it was generated from: names, shapes, numbers."""

from dataclasses import dataclass
from typing import Any

import torch
from compiled import canonical, definitions, model_class
from interpreter import Run, random_inputs, random_masks, random_weights
from torch import Tensor, nn

from resdsl.ir.graph import Graph


def check_agreement(graph: Graph, source: str, *, loose: float = 1e-10, **arguments: Any) -> None:
    """The generated model, made with `arguments`, is the network of `graph`.

    `loose` is for what batch statistics leave: those of an almost constant channel magnify it.
    """
    model = live(source, **arguments)
    assert weight_shapes(model) == canonical(graph)
    weights = random_weights(graph)
    load(model, weights)
    inputs = random_inputs(graph)
    with torch.no_grad():
        model.eval()
        assert_all_close(model(*inputs), Run(weights)(graph, *inputs))
        masks = inject_masks(model, graph, len(inputs[0]))
        run = Run(weights, training=True, masks=masks)
        model.train()
        assert_all_close(model(*inputs), run(graph, *inputs), "output in training", loose)
    state = dict(canonical_state(model))
    for name, value in run.statistics.items():
        assert_close(state[name], value, name, loose)


def live(source: str, **arguments: Any) -> nn.Module:
    """The model of a generated file, in float64."""
    names = definitions(source)
    model: nn.Module = model_class(names)(**arguments)
    model.loader = names.get("load_weights")
    return model.double()


def canonical_state(model: nn.Module, *, trainable: bool = False) -> list[tuple[str, Tensor]]:
    """Weights by canonical name: an attribute ends in `_` where the framework took the label."""
    held = model.named_parameters() if trainable else model.state_dict().items()
    return [
        (".".join(part.rstrip("_") for part in name.split(".")), value)
        for name, value in held
        if not name.endswith("num_batches_tracked")
    ]


def weight_shapes(model: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in canonical_state(model)}


def load(model: nn.Module, weights: Any) -> None:
    with torch.no_grad():
        for name, value in canonical_state(model):
            value.copy_(weights[name])


def inject_masks(model: nn.Module, graph: Graph, batch: int) -> dict[str, Tensor]:
    """Fixed masks in place of dropout's own."""
    layers = {
        ".".join(part.rstrip("_") for part in path.split(".")): layer
        for path, layer in model.named_modules()
    }
    masks = random_masks(graph, batch)
    for node in graph.nodes:
        if node.op.stochastic and node.again is None:
            layer = layers[node.path]
            rate = layer.p if isinstance(layer, nn.Dropout) else layer.rate
            assert rate == node.op.rate
            # A layer that runs again has another mask each time.
            own = [masks[n.path] for n in graph.nodes if n.owner is node]
            layer.forward = Masked(layer, own, rate)
    return masks


@dataclass
class Masked:
    """The forward pass of a stochastic layer with its masks fixed, one for every run."""

    layer: nn.Module
    masks: list[Tensor]
    rate: float

    def __call__(self, x: Tensor) -> Tensor:
        return x * self.masks.pop(0) / (1 - self.rate) if self.layer.training else x


def assert_all_close(
    actual: Any, expected: Any, what: str = "output", tolerance: float = 1e-12
) -> None:
    """One output, or each of several."""
    several = isinstance(expected, list)
    assert several == isinstance(actual, tuple | list), what
    pairs = zip(actual, expected, strict=True) if several else [(actual, expected)]
    for a, b in pairs:
        assert_close(a, b, what, tolerance)


def assert_close(
    actual: Tensor, expected: Tensor, what: str = "output", tolerance: float = 1e-12
) -> None:
    """Equal up to rounding, relative to the largest entry."""
    assert actual.shape == expected.shape, what
    scale = max(float(expected.abs().max()), 1.0) if expected.numel() else 1.0
    difference = float((actual - expected).abs().max()) / scale if expected.numel() else 0.0
    assert difference < tolerance, f"{what}: {difference:.1e} apart"


def check_gradients(graph: Graph, source: str, x: Tensor) -> None:
    """One training step of the generated model leaves the gradients that the graph has."""
    model, weights = live(source), random_weights(graph)
    load(model, weights)
    masks = inject_masks(model, graph, x.shape[0])
    parameters = dict(canonical_state(model, trainable=True))
    inputs = {n: weights[n].clone().requires_grad_() for n in parameters}
    run = Run({**weights, **inputs}, training=True, masks=masks)
    ours, theirs = (x.clone().requires_grad_() for _ in range(2))
    y = run(graph, theirs)
    dy = torch.randn(y.shape, generator=torch.Generator().manual_seed(2), dtype=y.dtype)
    model.train()
    model(ours).backward(dy)
    y.backward(dy)
    assert_close(ours.grad, theirs.grad, "input's gradient")
    assert inputs.keys() == {w.name for w in graph.weights if w.weight.trainable}
    for name, value in inputs.items():
        assert_close(parameters[name].grad, value.grad, f"gradient of {name}")
