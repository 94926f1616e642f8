"""What a recipe says, as plain data: how a network is trained, framework-free.

A `recipe` of a `.res` file becomes a `Recipe` in `resdsl.passes`; the data pipeline, the trainers
that backends print and the harness read it. The formulas are stated here, once; every framework
computes them as they stand. Steps are counted from 0, images are height x width x channels.
"""

from __future__ import annotations

from typing import TypeAlias

from resdsl.records import dataclass

#: Kinds of weights that decay may leave out: additive terms, and scale and shift of norms.
DECAY_EXCLUSIONS = ("bias", "norm")
PRECISIONS = ("float32", "tf32", "bfloat16", "float64")
BATCH_NORMS = ("local", "synchronized")


# ---- data: where samples come from ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Digits:
    """scikit-learn's 1,797 digits, 8 x 8, grey, 10 classes; nothing is fetched.

    Every fifth sample (4, 9, 14, ... from 0) is a test sample. Images are made as large as the
    network's input (bilinear), grey repeated over its channels.
    """

    batch: int = 128


@dataclass(frozen=True, slots=True)
class Cifar:
    """CIFAR-10 or CIFAR-100 (Krizhevsky 2009) from `path`, in the binary or the Python layout."""

    classes: int
    path: str
    batch: int = 128


@dataclass(frozen=True, slots=True)
class ImageFolder:
    """`path/train/CLASS/*.jpg` and `path/val/CLASS/*.jpg`, as ImageNet is laid out.

    Classes are numbered in the order of their sorted names. `skip_corrupt` passes over images that
    cannot be decoded, and counts them.
    """

    path: str
    batch: int = 256
    train: str = "train"
    test: str = "val"
    skip_corrupt: bool = False


@dataclass(frozen=True, slots=True)
class HuggingFace:
    """A data set of Hugging Face `datasets`: a name of its hub, or a local folder."""

    name: str
    batch: int = 256
    train: str = "train"
    test: str = "test"
    image: str = "image"
    label: str = "label"


@dataclass(frozen=True, slots=True)
class Arrays:
    """NumPy arrays of a `.npz` file: `train_images`, `train_labels`, `test_images`, `test_labels`.

    Images are N x height x width x channels, bytes or floats (rows N x features for tabular
    networks); labels are N whole numbers.
    """

    path: str
    batch: int = 128


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Seeded noise of the network's input shape with random labels, for speed."""

    samples: int = 1024
    batch: int = 128


Data: TypeAlias = Digits | Cifar | ImageFolder | HuggingFace | Arrays | Synthetic


# ---- transforms of one image ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PadCrop:
    """Zeros on every side, then a random crop of the first size (He et al. 2015, 4.2)."""

    padding: int = 4


@dataclass(frozen=True, slots=True)
class Flip:
    """Mirrored left to right with the probability `p`."""

    p: float = 0.5


@dataclass(frozen=True, slots=True)
class RandomResizedCrop:
    """A crop of random area and aspect ratio, resized (Szegedy et al. 2014; bilinear)."""

    size: int
    min_scale: float = 0.08
    max_scale: float = 1.0
    min_ratio: float = 3 / 4
    max_ratio: float = 4 / 3


@dataclass(frozen=True, slots=True)
class RandomScaleCrop:
    """Shorter side resized to a random length, then a random crop (He et al. 2015, 3.4)."""

    size: int
    shortest: int = 256
    longest: int = 480


@dataclass(frozen=True, slots=True)
class Color:
    """Brightness, contrast and saturation, in this order, each times a factor of 1 - strength to
    1 + strength: away from black, from the image's mean grey, and from each pixel's grey."""

    brightness: float = 0.4
    contrast: float = 0.4
    saturation: float = 0.4


@dataclass(frozen=True, slots=True)
class Resize:
    """Shorter side resized to `size` (bilinear, antialiased)."""

    size: int


@dataclass(frozen=True, slots=True)
class CenterCrop:
    """The middle `size` x `size`."""

    size: int


Transform: TypeAlias = (
    PadCrop | Flip | RandomResizedCrop | RandomScaleCrop | Color | Resize | CenterCrop
)


@dataclass(frozen=True, slots=True)
class Normalize:
    """(value - mean) / std by channel, bytes as value / 255, floats as they are; one number stands
    for all channels. Without it, bytes are on a scale of 0 to 1 as well."""

    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, slots=True)
class Mixup:
    """x = w x_i + (1 - w) x_j, targets alike, w from Beta(alpha, alpha), one w a batch
    (Zhang et al. 2017); j is the batch reversed."""

    alpha: float = 0.2


@dataclass(frozen=True, slots=True)
class CutMix:
    """A box of area 1 - w is taken from the other image of the pair (Yun et al. 2019), one box a
    batch. Its middle is anywhere in the image; targets count the area that lies within."""

    alpha: float = 1.0


Mix: TypeAlias = Mixup | CutMix


# ---- loss and optimizer --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CrossEntropy:
    """Mean over the batch of -sum(t log softmax(y)); t = (1 - s) onehot + s / classes."""

    label_smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class Sgd:
    """d = g + weight_decay p; b = momentum b + d; p -= lr (d + momentum b if nesterov else b).

    The rate stays outside the buffer, whose first value is d; decay is coupled. `no_decay` names
    what decays not: `"bias"`, additive terms, and `"norm"`, scale and shift of norms.
    """

    lr: float = 0.1
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 0.0
    no_decay: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AdamW:
    """m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g g; with t = step + 1,
    p -= lr weight_decay p; p -= lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
    (Loshchilov & Hutter 2017)."""

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.01
    no_decay: tuple[str, ...] = ()


Optimizer: TypeAlias = Sgd | AdamW


@dataclass(frozen=True, slots=True)
class Clip:
    """g *= min(1, norm / (|g| + 1e-6)), |g| over all gradients together (Pascanu et al. 2012)."""

    norm: float


@dataclass(frozen=True, slots=True)
class Ema:
    """After each step, a = decay a + (1 - decay) w, of parameters and running statistics alike,
    starting from the first weights; evaluation uses a."""

    decay: float = 0.999


# ---- schedule: the rate of every step, and how many there are ------------------------------------


@dataclass(frozen=True, slots=True)
class Warmup:
    """The first `length` steps or epochs (the schedule's unit): on a line from `lr` to the full
    rate, the first step at lr + (full - lr) / steps; or at `lr` throughout (`shape` constant)."""

    length: float
    lr: float = 0.0
    shape: str = "linear"


@dataclass(frozen=True, slots=True)
class Constant:
    """The optimizer's rate throughout."""


@dataclass(frozen=True, slots=True)
class MultiStep:
    """Times `factor` from each point of `at` on (the schedule's unit, counted from the start)."""

    at: tuple[float, ...]
    factor: float = 0.1


@dataclass(frozen=True, slots=True)
class Cosine:
    """final_lr + (lr - final_lr) (1 + cos(pi t)) / 2, t from 0 to 1 behind the warm-up
    (Loshchilov & Hutter 2016): step s of n has t = (s - warmup) / (n - warmup)."""

    final_lr: float = 0.0


@dataclass(frozen=True, slots=True)
class Linear:
    """lr + (final_lr - lr) t, with t from 0 to 1 behind the warm-up as for a cosine."""

    final_lr: float = 0.0


@dataclass(frozen=True, slots=True)
class OneCycle:
    """From lr / div to lr along half a cosine over the first `rise` of the steps, then down to
    lr / div / final_div along another (Smith & Topin 2017); it has no warm-up besides. Step s of n
    has t = s / r in the rise, r = round(rise n), and t = (s - r) / (n - r) behind it."""

    rise: float = 0.3
    div: float = 25.0
    final_div: float = 1e4


Curve: TypeAlias = Constant | MultiStep | Cosine | Linear | OneCycle


@dataclass(frozen=True, slots=True)
class Schedule:
    """A curve over `length` steps or epochs (`unit`: `steps` or `epochs`). An epoch is
    floor(samples / batch) steps: what is left over is dropped, other samples every epoch. Points in
    time are rounded to whole steps (to even ones from the middle), and a run has one at least."""

    curve: Curve
    length: float
    unit: str = "epochs"
    warmup: Warmup | None = None


# ---- the whole -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that makes a run, but for the network, the framework and the machine.

    `augment` transforms training images, `evaluate` test images; `normalize` ends both.
    `accumulate` micro-batches, each an equal part of the batch, make one step: gradients are their
    mean, running statistics are updated by each. `precision` `bfloat16` computes convolutions and
    products in bfloat16 and keeps weights, statistics and loss in float32. Where several devices
    share a batch, `batch_norm` normalizes by each device's own part of it (`local`; running
    statistics become their mean over the devices) or by all of it (`synchronized`). Everything
    random follows from `seed`, the step and the sample.
    """

    name: str
    data: Data
    schedule: Schedule
    optimizer: Optimizer
    loss: CrossEntropy = CrossEntropy()
    augment: tuple[Transform, ...] = ()
    evaluate: tuple[Transform, ...] = ()
    normalize: Normalize | None = None
    mix: Mix | None = None
    clip: Clip | None = None
    average: Ema | None = None
    accumulate: int = 1
    precision: str = "float32"
    batch_norm: str = "local"
    seed: int = 0
