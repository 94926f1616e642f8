"""The options of the slots about images: data sets, transforms, normalization, mixtures."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.ops.attributes import flag, list_of, number, text, whole
from resdsl.recipes import recipe as data
from resdsl.recipes.options import Arguments, Problem, of_class

#: The largest side of an image, and the most images of one step.
_SIDE, _LARGEST_BATCH = 2**16, 2**20
_BATCH = ("images of one step", whole(1, _LARGEST_BATCH))

# ---- data ----------------------------------------------------------------------------------------

_CIFAR = {
    "path": ("folder that the archive was unpacked in", text()),
    "batch": _BATCH,
}
DATA = (
    of_class("digits", data.Digits, {"batch": _BATCH}),
    of_class(
        "cifar10",
        data.Cifar,
        _CIFAR,
        doc="CIFAR-10 (Krizhevsky 2009): 50,000 images of 32 x 32 and 10,000 to test, 10 classes; "
        "the binary or the Python archive, unpacked.",
        fixed={"classes": 10},
    ),
    of_class(
        "cifar100",
        data.Cifar,
        _CIFAR,
        doc="CIFAR-100 (Krizhevsky 2009): as CIFAR-10, with 100 classes.",
        fixed={"classes": 100},
    ),
    of_class(
        "images",
        data.ImageFolder,
        {
            "path": ("folder that holds those of training and of test images", text()),
            "batch": _BATCH,
            "train": ("folder of the training images in it", text()),
            "test": ("folder of the test images in it", text()),
            "skip_corrupt": ("pass over images that cannot be decoded", flag()),
        },
    ),
    of_class(
        "hugging_face",
        data.HuggingFace,
        {
            "name": ("name on the hub, or a folder", text()),
            "batch": _BATCH,
            "train": ("split of the training images", text()),
            "test": ("split of the test images", text()),
            "image": ("column of the images", text()),
            "label": ("column of the labels", text()),
        },
    ),
    of_class("arrays", data.Arrays, {"path": ("`.npz` file", text()), "batch": _BATCH}),
    of_class(
        "synthetic",
        data.Synthetic,
        {"samples": ("training images that there are", whole(1, 2**31)), "batch": _BATCH},
    ),
)

# ---- transforms ----------------------------------------------------------------------------------

_SIZE = ("height and width of the result", whole(1, _SIDE))
_SCALE = number(above=0, at_most=1)
_RATIO = number(above=0)
_STRENGTH = number(0, at_most=1)


def _about_resized_crops(given: Arguments) -> Iterator[Problem]:
    for low, high in (("min_scale", "max_scale"), ("min_ratio", "max_ratio")):
        if given[low] > given[high]:
            yield Problem(f"`{low}` is more than `{high}`, {given[high]:g}", low)


def _about_scale_crops(given: Arguments) -> Iterator[Problem]:
    if given["shortest"] > given["longest"]:
        yield Problem(f"`shortest` is more than `longest`, {given['longest']}", "shortest")
    if given["size"] > given["shortest"]:
        yield Problem(
            f"an image whose shorter side is {given['shortest']} has no crop of {given['size']}",
            "size",
        )


FIXED_TRANSFORMS = (
    of_class(
        "resize", data.Resize, {"size": ("length of the shorter side", whole(1, _SIDE))}, leads=True
    ),
    of_class("center_crop", data.CenterCrop, {"size": _SIZE}, leads=True),
)
TRANSFORMS = (
    of_class(
        "pad_crop",
        data.PadCrop,
        {"padding": ("zeros on every side", whole(1, _SIDE))},
        is_random=True,
        leads=True,
    ),
    of_class(
        "flip",
        data.Flip,
        {"p": ("probability of it", number(0, at_most=1))},
        is_random=True,
        leads=True,
    ),
    of_class(
        "random_resized_crop",
        data.RandomResizedCrop,
        {
            "size": _SIZE,
            "min_scale": ("smallest area of the crop, as a part of the image's", _SCALE),
            "max_scale": ("largest area of the crop", _SCALE),
            "min_ratio": ("smallest width over height of the crop", _RATIO),
            "max_ratio": ("largest width over height of the crop", _RATIO),
        },
        _about_resized_crops,
        is_random=True,
        leads=True,
    ),
    of_class(
        "random_scale_crop",
        data.RandomScaleCrop,
        {
            "size": _SIZE,
            "shortest": ("smallest length of the shorter side", whole(1, _SIDE)),
            "longest": ("largest length of the shorter side", whole(1, _SIDE)),
        },
        _about_scale_crops,
        is_random=True,
        leads=True,
    ),
    of_class(
        "color",
        data.Color,
        {
            "brightness": ("strength of the change of brightness", _STRENGTH),
            "contrast": ("strength of the change of contrast", _STRENGTH),
            "saturation": ("strength of the change of saturation", _STRENGTH),
        },
        is_random=True,
    ),
    *FIXED_TRANSFORMS,
)


def _about_channels(given: Arguments) -> Iterator[Problem]:
    counts = [len(given["mean"]), len(given["std"])]
    if 1 not in counts and counts[0] != counts[1]:
        message = f"`mean` is for {counts[0]} channels, and `std` for {counts[1]}"
        yield Problem(message, "std")


NORMALIZE = of_class(
    "channels",
    data.Normalize,
    {
        "mean": ("what is subtracted", list_of(number(), or_one=True, minimum=1)),
        "std": ("what is divided by", list_of(number(above=0), or_one=True, minimum=1)),
    },
    _about_channels,
)
_ALPHA = {"alpha": ("both parameters of the distribution of w", number(above=0))}
MIX = (
    of_class("mixup", data.Mixup, _ALPHA, leads=True),
    of_class("cutmix", data.CutMix, _ALPHA, leads=True),
)
