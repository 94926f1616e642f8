"""The transforms of a recipe, applied; and what shape comes of them, before any image is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from resdsl.diagnostics import CompileError
from resdsl.recipes.recipe import (
    CenterCrop,
    Color,
    CutMix,
    Flip,
    Mix,
    Mixup,
    Normalize,
    PadCrop,
    RandomResizedCrop,
    RandomScaleCrop,
    Resize,
    Transform,
)
from resdsl.training.data import transforms as functions
from resdsl.training.data.dataset import Array
from resdsl.training.data.draws import Draws, One, bits
from resdsl.training.data.problems import shown, unfit, unrunnable

Shape = tuple[int | None, ...]

NAMES: dict[type[Transform], str] = {
    PadCrop: "pad_crop",
    Flip: "flip",
    RandomResizedCrop: "random_resized_crop",
    RandomScaleCrop: "random_scale_crop",
    Color: "color",
    Resize: "resize",
    CenterCrop: "center_crop",
}


def transformed(images: Array, steps: Sequence[Transform], draws: Draws | One) -> Array:
    """A batch of images, all of one size, through all steps."""
    # They have the one method of a generator's that the transforms call.
    rng = cast("np.random.Generator", draws)
    for step in steps:
        images = _apply(step, images, rng)
    return images


def _apply(step: Transform, images: Array, rng: np.random.Generator) -> Array:
    match step:
        case PadCrop():
            return functions.pad_crop(images, rng, step.padding)
        case Flip():
            return functions.flip(images, rng, step.p)
        case RandomResizedCrop():
            scales, ratios = (step.min_scale, step.max_scale), (step.min_ratio, step.max_ratio)
            return functions.random_resized_crop(images, rng, step.size, *scales, *ratios)
        case RandomScaleCrop():
            return functions.random_scale_crop(images, rng, step.size, step.shortest, step.longest)
        case Color():
            return functions.color(images, rng, step.brightness, step.contrast, step.saturation)
        case Resize():
            return functions.resize(images, step.size)
        case CenterCrop():
            return functions.center_crop(images, step.size)


def normalized(images: Array, normalize: Normalize | None) -> Array:
    """float32, contiguous; without `normalize`, bytes are still on a scale of 0 to 1."""
    mean, std = ((0.0,), (1.0,)) if normalize is None else (normalize.mean, normalize.std)
    return np.ascontiguousarray(functions.normalize(images, list(mean), list(std)))


def mixed(images: Array, labels: Array, mix: Mix, seed: int, step: int) -> tuple[Array, Array]:
    """A whole batch with labels N x classes, mixed with itself in reverse."""
    rng = np.random.Generator(bits(seed, f"mix of step {step}"))
    mixing = functions.mixup if isinstance(mix, Mixup) else functions.cutmix
    return mixing(images, labels, rng, mix.alpha)


# ---- what fits, known before any image is read ---------------------------------------------------


def check_part(
    part: str, shape: Shape, steps: Sequence[Transform], wanted: tuple[int, ...]
) -> None:
    """Raise `CompileError` unless samples of `shape` come out of `steps` as the network wants them
    (both with channels last). What depends on an image's size is left to the image."""
    if len(shape) != 3 and steps:
        raise unrunnable(
            f"`{NAMES[type(steps[0])]}` transforms images, and the {part} samples are "
            f"{shown(shape)}",
            help="leave the transforms out",
        )
    result = shape
    for step in steps:
        result = shape_after(step, result)
    if len(result) != len(wanted) or any(
        got is not None and got != size for got, size in zip(result, wanted, strict=True)
    ):
        behind = " behind the transforms" if steps else ""
        raise unfit(
            f"the {part} samples are {shown(result)}{behind}, and the network takes "
            f"{shown(wanted)} (channels last)",
            help=_advice(result, wanted),
        )


def shape_after(step: Transform, shape: Shape) -> Shape:
    """The shape of an image behind one transform. Raises `CompileError` if it is too small."""
    height, width, channels = shape
    match step:
        case RandomResizedCrop(size=size):
            return size, size, channels
        case RandomScaleCrop():
            if not 1 <= step.size <= step.shortest <= step.longest:
                raise unrunnable(
                    f"`random_scale_crop` cuts {step.size} x {step.size} out of images whose "
                    f"shorter side is {step.shortest} to {step.longest}"
                )
            return step.size, step.size, channels
        case CenterCrop(size=size):
            if any(side is not None and side < size for side in (height, width)):
                raise unrunnable(
                    f"`center_crop` cuts {size} x {size} out of images of {shown(shape[:2])}",
                    help=f"`resize({size})` before it",
                )
            return size, size, channels
        case Resize(size=size) if height is not None and width is not None:
            least = min(height, width)
            return round(height * size / least), round(width * size / least), channels
        case Resize():
            return None, None, channels
    return shape


def check_image(image: Array, steps: Sequence[Transform], name: str) -> None:
    """Raise `CompileError`, naming the image, where it is too small for a crop."""
    shape: Shape = image.shape
    try:
        for step in steps:
            shape = shape_after(step, shape)
    except CompileError as problem:
        first = problem.diagnostics[0]
        raise unrunnable(f"`{name}`: {first.message}", help=first.help) from None


def check_mix(mix: Mix, wanted: tuple[int, ...]) -> None:
    """Raise `CompileError` where boxes are to be cut from what is no image."""
    if isinstance(mix, CutMix) and len(wanted) != 3:
        raise unrunnable(
            f"`cutmix` takes boxes out of images, and the network takes {shown(wanted)}",
            help="`mixup`, which takes anything",
        )


def check_normalize(normalize: Normalize, channels: int) -> None:
    """Raise `CompileError` unless there is one number, or one for each channel."""
    for name, values in (("mean", normalize.mean), ("std", normalize.std)):
        if len(values) not in (1, channels):
            raise unrunnable(
                f"`{name}` of `normalize` has {len(values)} numbers for {channels} channels"
            )


def _advice(result: Shape, wanted: tuple[int, ...]) -> str:
    if len(result) == len(wanted) == 3 and result[2] == wanted[2] and wanted[0] == wanted[1]:
        return (
            f"`resize({wanted[0]})` and `center_crop({wanted[0]})` in both `augment` and "
            f"`evaluate`, or `--input {wanted[2]}x{result[0]}x{result[1]}`"
        )
    first = "x".join(str(size or "N") for size in (result[-1], *result[:-1]))
    return f"`--input {first}`, where the model takes such inputs" if result else "other data"
