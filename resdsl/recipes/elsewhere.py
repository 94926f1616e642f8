"""What other libraries call the parts of a recipe: names of PyTorch, Keras, Optax and timm.

For the help of messages about names that mean nothing here. Spelling alone (`AdamW`, `CIFAR10`)
needs no entry.
"""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.recipes.slots import OPTIONS, SLOTS, Slot

_SLOTS = {
    "dataset": "data",
    "datasets": "data",
    "transform": "augment",
    "transforms": "augment",
    "augmentation": "augment",
    "train": "augment",
    "test": "evaluate",
    "val": "evaluate",
    "normalization": "normalize",
    "normalise": "normalize",
    "mixing": "mix",
    "criterion": "loss",
    "optim": "optimizer",
    "scheduler": "schedule",
    "lrschedule": "schedule",
    "lrscheduler": "schedule",
    "gradclip": "clip",
    "clipgrad": "clip",
    "ema": "average",
    "averaging": "average",
    "accumulation": "accumulate",
    "gradaccum": "accumulate",
    "amp": "precision",
    "dtype": "precision",
    "syncbn": "batch_norm",
    "seed": "random",
    "mixup": "mix",
    "cutmix": "mix",
}
#: Slots that recipes of others have, and that are parameters here.
_ELSEWHERE = {
    "batch": "`data: digits(batch = 128)`: the data set says how many images make a step",
    "batchsize": "`data: digits(batch = 128)`: the data set says how many images make a step",
    "epochs": "`schedule: cosine(epochs = 90)`: the schedule says how long the run is",
    "steps": "`schedule: cosine(steps = 64_000)`: the schedule says how long the run is",
    "warmup": "`schedule: cosine(epochs = 90, warmup = 5)`",
    "lr": "`optimizer: sgd(lr = 0.1)`",
    "learningrate": "`optimizer: sgd(lr = 0.1)`",
    "weightdecay": "`optimizer: sgd(weight_decay = 1e-4)`",
    "labelsmoothing": "`loss: cross_entropy(label_smoothing = 0.1)`",
    "model": "the network is not a recipe's affair: one recipe trains many",
    "backend": "the framework is not a recipe's affair: one recipe is for all of them",
    "device": "the machine is not a recipe's affair",
}

_OPTIONS = {
    "momentum": "sgd",
    "nesterov": "sgd",
    "adam": "adamw",
    "step": "multistep",
    "steplr": "multistep",
    "multisteplr": "multistep",
    "piecewiseconstant": "multistep",
    "cosineannealing": "cosine",
    "cosineannealinglr": "cosine",
    "cosinedecay": "cosine",
    "polynomial": "linear",
    "onecyclelr": "one_cycle",
    "constantlr": "constant",
    "randomhorizontalflip": "flip",
    "horizontalflip": "flip",
    "randomflip": "flip",
    "randomcrop": "pad_crop",
    "colorjitter": "color",
    "colour": "color",
    "jitter": "color",
    "crop": "center_crop",
    "crossentropyloss": "cross_entropy",
    "softmaxcrossentropy": "cross_entropy",
    "categoricalcrossentropy": "cross_entropy",
    "imagefolder": "images",
    "imagenet": "images",
    "folder": "images",
    "huggingface": "hugging_face",
    "npz": "arrays",
    "numpy": "arrays",
    "random": "synthetic",
    "fake": "synthetic",
    "bf16": "bfloat16",
    "float16": "bfloat16",
    "fp16": "bfloat16",
    "fp32": "float32",
    "fp64": "float64",
    "sync": "synchronized",
    "clipgradnorm": "global_norm",
    "clipbyglobalnorm": "global_norm",
    "norm": "global_norm",
    "exponential": "ema",
    "meanstd": "channels",
}

_PARAMETERS = {
    "learningrate": "lr",
    "maxlr": "lr",
    "wd": "weight_decay",
    "decay": "weight_decay",
    "b1": "beta1",
    "b2": "beta2",
    "epsilon": "eps",
    "batchsize": "batch",
    "root": "path",
    "dir": "path",
    "folder": "path",
    "val": "test",
    "validation": "test",
    "milestones": "at",
    "boundaries": "at",
    "gamma": "factor",
    "etamin": "final_lr",
    "minlr": "final_lr",
    "endlr": "final_lr",
    "alpha": "final_lr",
    "warmupepochs": "warmup",
    "warmupsteps": "warmup",
    "numepochs": "epochs",
    "numsteps": "steps",
    "totalsteps": "steps",
    "iterations": "steps",
    "pctstart": "rise",
    "divfactor": "div",
    "finaldivfactor": "final_div",
    "smoothing": "label_smoothing",
    "maxnorm": "norm",
    "probability": "p",
    "prob": "p",
    "pad": "padding",
    "exclude": "no_decay",
}


def slot_meant(name: str) -> str | None:
    """Help for a slot that another library's configuration has."""
    plain = _plain(name)
    if plain in _ELSEWHERE:
        return _ELSEWHERE[plain]
    if name in OPTIONS and plain not in _SLOTS:
        return f"`{OPTIONS[name][0].name}: {name}`"
    return f"did you mean `{_SLOTS[plain]}`?" if plain in _SLOTS else _same(plain, SLOTS)


def option_meant(name: str, slot: Slot) -> str | None:
    """Help for an option that another library has."""
    plain = _plain(name)
    meant = _OPTIONS.get(plain)
    if meant in slot.options:
        return f"did you mean `{meant}`?"
    return _same(plain, slot.options)


def parameter_meant(name: str, known: Iterable[str]) -> str | None:
    """Help for a parameter that another library's form of the option has."""
    meant = _PARAMETERS.get(_plain(name), "")
    return f"did you mean `{meant}`?" if meant in known else None


def _same(plain: str, known: Iterable[str]) -> str | None:
    found = next((each for each in known if _plain(each) == plain), None)
    return f"did you mean `{found}`?" if found is not None else None


def _plain(name: str) -> str:
    """The last part of a dotted name, in lower case and without `_`."""
    return name.rpartition(".")[2].replace("_", "").lower()
