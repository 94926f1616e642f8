"""Recipes as text and as JSON say everything: both read back as the same recipe."""

import json
from typing import Any

import pytest

from resdsl.diagnostics import Source
from resdsl.passes.recipes import load_recipe
from resdsl.passes.resolve import resolve
from resdsl.recipes.recipe import (
    AdamW,
    Arrays,
    CenterCrop,
    Cifar,
    Clip,
    Color,
    Constant,
    Cosine,
    CrossEntropy,
    CutMix,
    Digits,
    Ema,
    Flip,
    HuggingFace,
    ImageFolder,
    Linear,
    Mixup,
    MultiStep,
    Normalize,
    OneCycle,
    PadCrop,
    RandomResizedCrop,
    RandomScaleCrop,
    Recipe,
    Resize,
    Schedule,
    Sgd,
    Synthetic,
    Warmup,
)
from resdsl.recipes.text import recipe_from_json, recipe_text, recipe_to_json, summary
from resdsl.records import replace
from resdsl.syntax import parse
from resdsl.syntax.formatter import format_source

PLAIN = Recipe("plain", Digits(), Schedule(Constant(), 3), Sgd())
RECIPES = [
    PLAIN,
    replace(PLAIN, data=Cifar(10, 'a "b" \\c'), optimizer=AdamW(lr=3e-4, no_decay=("bias",))),
    replace(PLAIN, data=Cifar(100, "x", 64), schedule=Schedule(Cosine(1e-5), 90, warmup=Warmup(5))),
    replace(PLAIN, data=ImageFolder("i", 32, "a", "b", True), evaluate=(Resize(9), CenterCrop(8))),
    replace(PLAIN, data=HuggingFace("mnist"), schedule=Schedule(OneCycle(rise=0.2), 300, "steps")),
    replace(PLAIN, data=Arrays("a.npz", 6), accumulate=3, precision="float64", seed=2**32 - 1),
    replace(
        PLAIN, data=Synthetic(5, 5), schedule=Schedule(Linear(), 0.5), batch_norm="synchronized"
    ),
    replace(
        PLAIN,
        augment=(PadCrop(2), Flip(0.25), RandomResizedCrop(8), RandomScaleCrop(8), Color(0.1)),
        normalize=Normalize((0.1, 0.2, 0.3), (0.5,)),
        mix=Mixup(),
        loss=CrossEntropy(0.1),
        clip=Clip(1.0),
        average=Ema(0.99),
    ),
    replace(
        PLAIN,
        mix=CutMix(0.5),
        optimizer=Sgd(0.2, 0.8, True, 1e-4, ("bias", "norm")),
        schedule=Schedule(
            MultiStep((32_000, 48_000), 0.2), 64_000, "steps", Warmup(400, 0.01, "constant")
        ),
    ),
]


@pytest.mark.parametrize("recipe", RECIPES)
def test_json_and_back(recipe: Recipe) -> None:
    text = json.dumps(recipe_to_json(recipe), allow_nan=False)
    assert recipe_from_json(json.loads(text)) == recipe


@pytest.mark.parametrize("recipe", RECIPES)
def test_text_and_back(recipe: Recipe) -> None:
    text = recipe_text(recipe)
    for written in (text, format_source(Source("r.res", text))):
        assert load_recipe(resolve(parse(Source("r.res", written)))) == recipe


def test_a_summary_is_a_line_for_each_slot_that_says_something() -> None:
    recipe = replace(
        PLAIN,
        mix=CutMix(0.5),
        optimizer=Sgd(nesterov=True, weight_decay=1e-4),
        schedule=Schedule(MultiStep((32_000, 48_000)), 64_000, "steps"),
    )
    assert summary(recipe) == [
        "data:      digits(batch = 128)",
        "mix:       cutmix(0.5)",
        "optimizer: sgd(lr = 0.1, nesterov = true, weight_decay = 0.0001)",
        "schedule:  multistep(at = [32_000, 48_000], steps = 64_000)",
    ]


def changed(**changes: Any) -> dict[str, Any]:
    return recipe_to_json(PLAIN) | changes


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({}, "it has no name"),
        ({"name": "a"}, "lacks data, optimizer, schedule"),
        (changed(weather=None), "weather"),
        (changed(optimizer={"is": "sdg"}), "`optimizer` of this recipe is"),
        (changed(optimizer=None), "`optimizer` of this recipe is None"),
        (changed(clip={"is": "global_norm", "norm": -1}), "`norm` of `global_norm` must be"),
        (changed(clip={"is": "global_norm", "norm": 1, "to": 2}), "`clip` of this recipe is"),
        (changed(accumulate={"is": "batches", "batches": 3}), "cannot be cut"),
        (changed(augment=["flip"]), "`augment` of this recipe is 'flip'"),
    ],
)
def test_what_is_no_recipe(found: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        recipe_from_json(found)
