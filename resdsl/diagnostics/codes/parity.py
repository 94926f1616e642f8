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
        "R0608",
        "a trainer leaves the trajectory of the reference",
        "Trained by the same recipe from the same weights on the same batches, a framework is too "
        "far from the reference. In float64 the loss and everything in the trainer's state may "
        "differ by 1e-9, relative to the largest entry of each array, at whatever step. Where a "
        "high learning rate multiplies rounding, more is allowed with `--floor`: 10 times the "
        "error that the reference has against itself when each input is one ulp off. "
        "In float32 nothing is judged but NaN; with `--floor`, all weights together, as one "
        "vector, stay at every step within 10 times the distance of the reference from itself.",
    ),
    Code(
        "R0620",
        "a file is no trace, or a damaged one",
        "`resdsl compare` reads files that `resdsl trace` wrote. Such a file says of itself what "
        "it holds, with a digest of each section; a file that was cut off, changed on its way, or "
        "written in a later version of the format is refused as a whole, so that no damage is "
        "taken for a difference between frameworks. docs/trace-format.md describes the format.",
        "resdsl compare weights.safetensors jax.safetensors\n",
        "resdsl compare torch.safetensors jax.safetensors\n",
    ),
    Code(
        "R0621",
        "traces are of different things",
        "The numbers of two traces mean something side by side if both come from the same network "
        "with the same weights, on the same batches, by the same training steps. What differs is "
        "listed, the reference's first. Digests of weights and batches are over their values.",
        "resdsl trace net.res --backend jax --seed 1 -o jax.safetensors\n",
        "resdsl trace net.res --backend jax --seed 0 -o jax.safetensors\n",
    ),
    Code(
        "R0622",
        "a trace has nothing to be measured by",
        "In lower precision rounding is visible, so that its limits come from the reference's "
        "framework itself: how far its float32 traces are from its float64 trace. Both must be "
        "among the traces, the float64 one first; with TF32, float32 traces with TF32. Traces from "
        "moved inputs (`--moved`) are for that alone.",
        "resdsl compare torch64.safetensors jax32.safetensors\n",
        "resdsl compare torch64.safetensors torch32.safetensors jax32.safetensors\n",
    ),
    Code(
        "R0623",
        "traces were computed under different policies",
        "Versions, devices, threads, TF32, deterministic kernels and the like can change the last "
        "digits, or more of them. The traces are compared all the same; what differs is listed, "
        "the reference's first. Settings that only one of the frameworks has are left out.",
    ),
    Code(
        "R0624",
        "traces come from different texts",
        "The networks look alike from outside: their weights have the same names and shapes. But "
        "a `.res` text that one of them was made from is not the other's, so that an epsilon or a "
        "stride may differ. If the numbers agree, the change was one of words.",
    ),
    Code(
        "R0630",
        "the compiler fails on a random network",
        "`resdsl fuzz` wrote a valid file, and compiling it raised an exception that is no message "
        "to its author. That is a mistake in resdsl: please report it, with the file.",
    ),
    Code(
        "R0631",
        "no operation has such a name",
        "`resdsl fuzz --ops` takes names of operations, with `*` for any letters and commas "
        "between several. Random networks need one at least that is no join.",
        "resdsl fuzz --ops convolution\n",
        "resdsl fuzz --ops 'conv*,batch_norm'\n",
    ),
]
