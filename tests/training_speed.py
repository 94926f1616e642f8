"""The time of a step of training: generated networks in generated trainers beside other people's.

`make speed` runs it, each framework in a process of its own:

- torch: ResNet-18 at 64 x 64 beside a plain loop round torchvision's (channels last, fused SGD);
- jax: ResNet-20 at 32 x 32 beside a plain loop round a hand-written Flax NNX module;
- tensorflow: Keras's ResNet-50 at 64 x 64 beside a plain loop round keras.applications'.

Both sides take steps in turns, so that what else the machine does troubles both alike. The ratio of
the medians of their rounds is printed; below one, the generated side is faster.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
BACKENDS = ("torch", "jax", "tensorflow")
RATE, MOMENTUM, DECAY = 0.1, 0.9, 1e-4

#: Waits for one step.
Step = Callable[[], float]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("backends", nargs="*", default=list(BACKENDS), metavar="BACKEND")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=3, help="of each side in a round")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if len(options.backends) > 1:
        settings = ["--rounds", str(options.rounds), "--steps", str(options.steps)]
        settings += ["--threads", str(options.threads)]
        runs = [[sys.executable, __file__, name, *settings] for name in options.backends]
        return max(subprocess.run(run, check=False).returncode for run in runs)
    (name,) = options.backends
    with tempfile.TemporaryDirectory(prefix="resdsl-speed-") as folder:
        sys.path.insert(0, folder)
        what, ours, theirs = SIDES[name](Path(folder), options.threads)
        for step in (ours, theirs) * 2:
            step()  # Compiled and warm.
        rounds = [
            (taken(ours, options.steps), taken(theirs, options.steps))
            for _ in range(options.rounds)
        ]
    mine, other = (median(side) for side in zip(*rounds, strict=True))
    spread = sorted(a / b for a, b in rounds)
    print(
        f"{name}: {what}: {mine * 1e3:.1f} ms a step against {other * 1e3:.1f} ms, "
        f"ratio {mine / other:.3f} (rounds {spread[0]:.3f} to {spread[-1]:.3f})",
        flush=True,
    )
    return 0


def taken(step: Step, count: int) -> float:
    """Seconds of one of `count` steps."""
    started = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - started) / count


def generated(target: str, backend: str, folder: Path, size: str) -> tuple[Any, Any]:
    """The modules of a network and of its trainer."""
    command = [sys.executable, "-m", "resdsl", "compile", f"{ROOT}/examples/{target}"]
    command += ["--backend", backend, "--with-trainer", "--recipe", "cifar10", "-o", str(folder)]
    subprocess.run([*command, "--input", size], check=True, stdout=subprocess.DEVNULL)
    stem = f"{target.partition(':')[2]}_{backend}"
    return importlib.import_module(stem), importlib.import_module(f"train_{stem}")


def batch(count: int, side: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise, channels last, and labels."""
    rng = np.random.default_rng(0)
    images = rng.standard_normal((count, side, side, 3)).astype(np.float32)
    return images, rng.integers(0, classes, count)


def torch_sides(folder: Path, threads: int) -> tuple[str, Step, Step]:
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    # Of another release than PyTorch's, torchvision has no compiled operations, and wants a name.
    library = torch.library.Library("torchvision", "DEF")
    for operation in ("nms", "qnms"):
        library.define(f"{operation}(Tensor d, Tensor s, float t) -> Tensor")
    try:
        from torchvision.models import resnet18
    except ModuleNotFoundError:
        sys.exit("torch: torchvision is not there: `pip install --no-deps torchvision pillow`")

    module, script = generated("resnet.res:resnet18", "torch", folder, "3x64x64")
    images, labels = batch(32, 64, 1000)
    trainer = script.Trainer(module.Resnet18())
    model = resnet18().to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(
        model.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=DECAY, fused=True
    )

    def theirs() -> float:
        optimizer.zero_grad()
        x = torch.from_numpy(images).movedim(-1, 1)
        loss = F.cross_entropy(model(x), torch.from_numpy(labels))
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return (
        "ResNet-18, 32 x 3x64x64, beside torchvision's",
        lambda: float(trainer.train_step(images, labels, RATE)[0]),
        theirs,
    )


def jax_sides(folder: Path, threads: int) -> tuple[str, Step, Step]:
    import os

    os.environ["NPROC"] = str(threads)
    import optax
    from flax import nnx

    module, script = generated("resnet_cifar.res:resnet20", "jax", folder, "3x32x32")
    images, labels = batch(64, 32, 10)
    trainer = script.Trainer(module.Resnet20(rngs=nnx.Rngs(0)))
    model = handwritten(nnx)
    model.train()
    decayed = optax.chain(optax.add_decayed_weights(DECAY), optax.sgd(RATE, momentum=MOMENTUM))
    optimizer = nnx.Optimizer(model, decayed, wrt=nnx.Param)

    @nnx.jit
    def update(model: Any, optimizer: Any, images: Any, labels: Any) -> Any:
        def loss_of(model: Any) -> Any:
            losses = optax.softmax_cross_entropy_with_integer_labels(model(images), labels)
            return losses.mean()

        loss, gradients = nnx.value_and_grad(loss_of)(model)
        optimizer.update(model, gradients)
        return loss

    return (
        "ResNet-20, 64 x 3x32x32, beside a hand-written one",
        lambda: float(trainer.train_step(images, labels, RATE)[0]),
        lambda: float(update(model, optimizer, images, labels)),
    )


def handwritten(nnx: Any) -> Any:
    """ResNet-20 of He et al. 2015, section 4.2, as one writes it down by hand."""
    import jax.numpy as jnp

    rngs = nnx.Rngs(0)

    def conv(before: int, width: int, stride: int = 1) -> Any:
        return nnx.Conv(before, width, (3, 3), stride, padding=1, use_bias=False, rngs=rngs)

    class Block(nnx.Module):
        def __init__(self, before: int, width: int, stride: int) -> None:
            self.conv1, self.norm1 = conv(before, width, stride), nnx.BatchNorm(width, rngs=rngs)
            self.conv2, self.norm2 = conv(width, width), nnx.BatchNorm(width, rngs=rngs)
            self.stride, self.more = stride, width - before

        def __call__(self, x: Any) -> Any:
            y = nnx.relu(self.norm1(self.conv1(x)))
            y = self.norm2(self.conv2(y))
            if self.stride != 1:
                x = x[:, :: self.stride, :: self.stride]
            if self.more:
                x = jnp.pad(x, ((0, 0), (0, 0), (0, 0), (self.more // 2, self.more // 2)))
            return nnx.relu(y + x)

    class Network(nnx.Module):
        def __init__(self) -> None:
            self.conv, self.norm = conv(3, 16), nnx.BatchNorm(16, rngs=rngs)
            widths = [(16, 16, 1)] * 3 + [(16, 32, 2)] + [(32, 32, 1)] * 2
            widths += [(32, 64, 2)] + [(64, 64, 1)] * 2
            self.blocks = nnx.List([Block(*width) for width in widths])
            self.head = nnx.Linear(64, 10, rngs=rngs)

        def __call__(self, x: Any) -> Any:
            x = nnx.relu(self.norm(self.conv(x)))
            for block in self.blocks:
                x = block(x)
            return self.head(x.mean((1, 2)))

    return Network()


def tensorflow_sides(folder: Path, threads: int) -> tuple[str, Step, Step]:
    import os

    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    module, script = generated("zoo/keras_resnet.res:resnet50", "tensorflow", folder, "3x64x64")
    images, labels = batch(16, 64, 1000)
    trainer = script.Trainer(module.Resnet50())
    model = keras.applications.ResNet50(weights=None, input_shape=(64, 64, 3))
    parameters = [variable.value for variable in model.trainable_variables]
    momentum = [tf.Variable(tf.zeros_like(p), trainable=False) for p in parameters]

    @tf.function
    def update(images: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            scores = model(images, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)
            loss = tf.reduce_mean(losses)
        found = tape.gradient(loss, parameters)
        for parameter, gradient, buffer in zip(parameters, found, momentum, strict=True):
            tf.raw_ops.ResourceApplyMomentum(
                var=parameter.handle,
                accum=buffer.handle,
                lr=RATE,
                grad=gradient + DECAY * parameter,
                momentum=MOMENTUM,
            )
        return loss

    return (
        "Keras's ResNet-50, 16 x 3x64x64, beside keras.applications'",
        lambda: float(trainer.train_step(images, labels, RATE)[0]),
        lambda: float(update(images, labels)),
    )


SIDES = {"torch": torch_sides, "jax": jax_sides, "tensorflow": tensorflow_sides}

if __name__ == "__main__":
    sys.exit(main())
