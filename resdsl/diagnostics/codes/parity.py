"""Codes R06xx, comparing frameworks."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0601",
        "a comparison is asked for in a way that means nothing",
        "A comparison needs two backends or more, each named once, and settings in their range: "
        "steps from 0, a batch from 1, a learning rate that is a number.",
        "resdsl parity resnet.res:resnet18 --backends torch\n",
        "resdsl parity resnet.res:resnet18 --backends torch,jax\n",
    ),
    Code(
        "R0602",
        "something that a comparison needs is not there",
        "A framework is not installed, or scikit-learn and Pillow for the photographs, or Jinja2 "
        "and matplotlib for `--html`, or a file or folder of the command line cannot be used. "
        "Nothing was compared.",
        "resdsl parity resnet.res:resnet18 --images photographs\n",
        "resdsl parity resnet.res:resnet18 --images noise\n",
    ),
    Code(
        "R0603",
        "a backend cannot run the comparison here",
        "The worker of a backend started and found that it cannot do what is asked: its framework "
        "finds no GPU for `--device cuda`, or a file given with `--source` lacks the model's "
        "class, its weights or its dropout layers. Nothing was compared.",
    ),
    Code(
        "R0604",
        "a worker failed",
        "The process of one backend ended before its work was done: an exception in the framework "
        "or in a file given with `--source`, or not enough memory. The end of what it wrote to "
        "standard error is shown. The other backends were compared.",
    ),
    Code(
        "R0605",
        "a value differs between frameworks",
        "The first value, in the order of computation, that is further from the reference than "
        "its limit. A running statistic after the first step stands for the forward pass in front "
        "of its batch norm: if the values before it agree, what differs lies between the two. In "
        "float64 the limits are far above rounding, so that a difference is one of meaning: an "
        "epsilon, a padding, a momentum, an operation left out. Unless `--no-localize` is given, "
        "the networks run once more, each operation on the reference's own input: then the message "
        "shows the operation that makes the difference, and names the meaning that it matches.",
    ),
    Code(
        "R0606",
        "a network does not fit the comparison",
        "Photographs are for networks with one input of three channels, or of one channel in "
        "grey. A batch norm that sees a single value per channel has no variance to train on.",
        "resdsl parity resnet.res:resnet18 --batch 1 --input 3x32x32\n",
        "resdsl parity resnet.res:resnet18 --batch 4 --input 3x64x64\n",
    ),
    Code(
        "R0607",
        "trainers cannot be compared on a network that draws masks",
        "Dropout and stochastic depth draw masks in training. The trainers of a recipe draw them "
        "with the generator of their framework, and no two generators give the same masks. "
        "Without `--recipe`, parity gives every framework the same masks.",
        "resdsl parity vgg.res:vgg16 --recipe digits\n",
        "resdsl parity vgg.res:vgg16\n",
    ),
    Code(
        "R0608",
        "a trainer leaves the trajectory of the reference",
        "Trained by the same recipe from the same weights on the same batches, a framework is too "
        "far from the reference. In float64 the loss and everything in the trainer's state may "
        "differ by 1e-9, relative to the largest entry of each array, at whatever step. "
        "In float32 all weights together, as one vector, stay at every step within 10 times the "
        "distance that the reference has from itself when each input is one ulp off.",
    ),
]
