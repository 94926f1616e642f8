"""Codes R0801 to R0807: the data of a training run."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = [
    Code(
        "R0801",
        "a package that training needs is not installed",
        "Checking and compiling need none of them, so they come with an extra: scikit-learn brings "
        "the digits, Pillow decodes images, Grain makes batches ahead, `datasets` reads what lies "
        "on the hub of Hugging Face.",
        "pip install resdsl\n",
        "pip install 'resdsl[train]'\n",
    ),
    Code(
        "R0802",
        "a data set is not there",
        "The path of the recipe leads to nothing, or a part of the data set is missing. The "
        "message says where the data set is published and where its files belong. Only "
        "`hugging_face` fetches data by itself.",
    ),
    Code(
        "R0803",
        "a file of a data set is damaged",
        "A file is cut off, an image cannot be decoded, or a pickle would call a function: files "
        "of CIFAR in the Python layout are read without running anything in them. With "
        "`images(skip_corrupt = true)` all images of a folder are decoded once before the first "
        "step, and those that cannot be are left out and counted.",
    ),
    Code(
        "R0804",
        "data of another form",
        "A `.npz` file lacks an array or holds Python objects, a table lacks a column, a folder "
        "has no classes, or a label is not the number of a class. Nothing is guessed.",
    ),
    Code(
        "R0805",
        "data that does not fit the network",
        "Images must come out of the transforms in the shape that the network takes, and the "
        "network must have as many outputs as there are classes.",
        "resdsl train resnet_cifar.res:resnet20 --set classes=100\n",
        "resdsl train resnet_cifar.res:resnet20 --set classes=10\n",
    ),
    Code(
        "R0806",
        "batches that cannot be made",
        "A batch is larger than the data set, does not fall into equal micro-batches for every "
        "process, or a transform cannot be applied: a crop larger than the image, or a transform "
        "of images on rows of numbers.",
    ),
    Code(
        "R0807",
        "a worker process of the data pipeline has ended",
        "A process that decodes images was killed, most often for lack of memory: of the machine, "
        "or of the memory that processes share, which containers keep small.",
    ),
]
