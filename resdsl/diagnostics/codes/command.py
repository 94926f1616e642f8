"""Codes R07xx from R0706 on: the command line, weights files, and what is written."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0706",
        "no single model to work on",
        "A file may hold a whole family. Where more than one of its models is complete, the "
        "command says which one is meant, behind a colon.",
        "resdsl compile resnet.res --backend torch\n",
        "resdsl compile resnet.res:resnet18 --backend torch\n",
    ),
    Code(
        "R0707",
        "a setting that sets nothing",
        "`--set` takes a parameter of the model and its value, written as in the file, or a slot "
        "of the recipe; each once.",
        "resdsl compile resnet.res:resnet18 --backend torch --set classes\n",
        "resdsl compile resnet.res:resnet18 --backend torch --set classes=10\n",
    ),
    Code(
        "R0708",
        "a shape that is none",
        "`--input` takes the shape of one input, channels first and without the batch, each size a "
        "whole number of 1 or more.",
        "resdsl compile resnet.res:resnet18 --backend torch --input 64,64\n",
        "resdsl compile resnet.res:resnet18 --backend torch --input 3x64x64\n",
    ),
    Code(
        "R0709",
        "arguments that exclude each other",
        "Weights are read from a file or drawn from a seed, not both.",
        "resdsl compile resnet.res:resnet18 --backend onnx --seed 1 --weights w.safetensors\n",
        "resdsl compile resnet.res:resnet18 --backend onnx --weights w.safetensors\n",
    ),
    Code(
        "R0710",
        "no readable weights file",
        "Weights are read from safetensors files alone. Pickled checkpoints can run code when they "
        "are opened, so they are converted first, by whoever trusts them.",
    ),
    Code(
        "R0711",
        "a weights file that is cut off",
        "The header promises more bytes than the file has: a copy or a download that stopped "
        "halfway.",
    ),
    Code(
        "R0712",
        "a weights file with an inconsistent header",
        "The header of a safetensors file says where each array lies and of what type it is. Here "
        "arrays overlap, leave gaps, or have sizes that do not fit their shapes.",
    ),
    Code(
        "R0713",
        "weights that are missing",
        "The file must have every weight of the network under its canonical name, PyTorch's. "
        "Nothing is filled in silently.",
    ),
    Code(
        "R0714",
        "weights that the network does not have",
        "The file has names that the network lacks: often the weights of another variant, with "
        "another depth or another head.",
    ),
    Code(
        "R0715",
        "weights of another shape or type",
        "The names agree, but an array has another shape than the network's, or no floating-point "
        "type.",
    ),
    Code(
        "R0716",
        "nothing to explain",
        "`resdsl explain` takes an operation, an initializer, a word of the language, or the code "
        "in the brackets of a message, an R and four digits.",
        "resdsl explain R304\n",
        "resdsl explain R0304\n",
    ),
    Code(
        "R0720",
        "an output that is a folder",
        "A file is to be written where a folder stands.",
    ),
    Code(
        "R0721",
        "an output that cannot be written",
        "The folder is missing or closed, the disk is full, or something that is no regular file "
        "stands there. What was there before is left as it was.",
    ),
    Code(
        "R0722",
        "a picture that needs pygraphviz",
        "Where branches of a network lead into each other, Graphviz puts them in an order with few "
        "crossings. It comes with an extra of the package. Other networks are drawn without it, "
        "and so are Mermaid and Graphviz text.",
        "resdsl draw sk_resnet.res -o net.svg\n",
        "resdsl draw sk_resnet.res -o net.mmd\n",
    ),
]
