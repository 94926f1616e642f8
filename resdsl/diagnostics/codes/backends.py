"""Codes R05xx: backends and the code they generate."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0501",
        "an unknown backend",
        "A backend is a folder of the compiler, or comes with another package. The message lists "
        "those that are there.",
        "resdsl compile resnet.res:resnet18 --backend pytorch\n",
        "resdsl compile resnet.res:resnet18 --backend torch\n",
    ),
    Code(
        "R0502",
        "a backend lacks an operation",
        "The backend has no rule for an operation or an initializer of the network. It says so, "
        "and leaves nothing out silently.",
    ),
    Code(
        "R0503",
        "no form in source code",
        "Generated source keeps the blocks, loops and conditions of the file. Some things that can "
        "be worked out for one network have no such form, or the framework cannot express them. "
        "The ONNX backend, which writes the network out node by node, may still do it.",
    ),
    Code(
        "R0504",
        "sizes differ between the uses of a block",
        "A block becomes one class. Where it needs a height or a width as a number, for a `linear` "
        "behind `flatten` for instance, all uses must agree on it; else the number has to be a "
        "parameter of the block.",
    ),
    Code(
        "R0505",
        "a framework is not installed",
        "Building a live model, or checking generated code, runs the framework itself. Each is an "
        "extra of the package.",
        "pip install resdsl\n",
        "pip install 'resdsl[torch]'\n",
    ),
    Code(
        "R0506",
        "a backend does not make what is asked of it",
        "Some backends write source code, some a graph, some both. ONNX has no source and no live "
        "model: `save_onnx` and `resdsl compile --backend onnx` write its file.",
    ),
    Code(
        "R0507",
        "a batch norm that sees one value in training",
        "In training, a batch norm divides by the number of values less one. With a batch of one "
        "and a single position there is nothing to divide by: take a larger batch or input.",
    ),
    Code(
        "R0508",
        "no form for a size known at run time",
        "A graph of ONNX holds numbers where source code works them out, and its training form and "
        "its float64 form are made for one size of input. Where the network leaves a size to the "
        "run time, `--input` gives one.",
        "resdsl compile net.res --backend onnx --training --batch 8\n",
        "resdsl compile net.res --backend onnx --training --batch 8 --input 3x64x64\n",
    ),
    Code(
        "R0509",
        "a network that a recipe cannot train",
        "A recipe trains classifiers: networks with one input and one output of N x classes, on "
        "which it takes the cross entropy. Transforms are for images, and made data has the size "
        "of the input, which must be a number then.",
        "resdsl compile net.res:any_size --backend torch --with-trainer\n",
        "resdsl compile net.res:any_size --backend torch --with-trainer --input 3x32x32\n",
    ),
]
