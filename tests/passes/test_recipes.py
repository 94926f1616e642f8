"""Recipes as the language has them: evaluated, picked, and changed from the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl import ir
from resdsl.diagnostics import CompileError
from resdsl.passes.recipes import complete_recipes, load_recipe, recipe_names, split_settings
from resdsl.recipes.recipe import (
    AdamW,
    Cifar,
    Clip,
    Cosine,
    Digits,
    Flip,
    ImageFolder,
    Mixup,
    MultiStep,
    PadCrop,
    RandomScaleCrop,
    Recipe,
    Schedule,
    Sgd,
    Warmup,
)
from resdsl.recipes.schedules import total_steps

Programs = Callable[[str], ir.Program]
Codes = Callable[[str], list[str]]

TEXT = """
let decay = 1e-4
def steps(epochs) = 390 * epochs

recipe base(lr = 0.1, epochs = 3, wide = false) {
    let batch = 256 if wide else 128
    expect epochs < 100
    data:      cifar10(path = "data", batch = batch)
    augment:   { pad_crop; flip(0.25) }
    optimizer: sgd(lr, weight_decay = decay)
    schedule:  cosine(steps = steps(epochs), warmup = 10)
}

recipe wide = base(0.2, wide = true)
recipe wider = wide(epochs = 4)
"""


@pytest.fixture
def load(program: Programs) -> Callable[..., Recipe]:
    """`load(text, name, *settings)`."""
    return lambda text, name=None, *settings: load_recipe(program(text), name, settings)


Load = Callable[..., Recipe]


def code_of(load: Callable[[], object]) -> str:
    with pytest.raises(CompileError) as caught:
        load()
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code


def test_values_are_those_of_the_language(load: Load) -> None:
    assert load(TEXT, "base") == Recipe(
        "base",
        Cifar(10, "data", 128),
        Schedule(Cosine(), 1170, "steps", Warmup(10)),
        Sgd(0.1, weight_decay=1e-4),
        augment=(PadCrop(), Flip(0.25)),
    )


def test_a_recipe_with_arguments_given(load: Load) -> None:
    wide, wider = load(TEXT, "wide"), load(TEXT, "wider")
    assert (wide.name, wide.optimizer.lr, wide.data.batch) == ("wide", 0.2, 256)
    assert (wider.optimizer.lr, wider.data.batch, wider.schedule.length) == (0.2, 256, 1560)


def test_one_transform_needs_no_body(load: Load) -> None:
    text = "recipe a { data: digits; augment: flip; optimizer: sgd; schedule: constant(1) }"
    assert load(text).augment == (Flip(),)


def test_slots_stand_in_any_order_and_names_of_options_are_free(load: Load, codes: Codes) -> None:
    text = (
        "block sgd { relu }\nlet flip = 3\nrecipe a {\n    schedule: constant(flip)\n"
        "    optimizer: sgd\n    data: digits\n}\n===sgd"
    )
    assert load(text.partition("===")[0]).schedule.length == 3
    assert codes(text) == []


# ---- which recipe --------------------------------------------------------------------------------


def test_the_only_recipe_of_a_file_is_the_one(load: Load) -> None:
    assert load("recipe a = digits(epochs = 2)").name == "a"


def test_a_family_that_wants_arguments_is_not_counted(program: Programs, load: Load) -> None:
    text = "recipe a(e) { data: digits; optimizer: sgd; schedule: constant(e) }\nrecipe b = a(3)"
    assert recipe_names(program(text)) == ["a", "b"]
    assert complete_recipes(program(text)) == ["b"]
    assert load(text).name == "b"
    assert load(text, "a(7)").schedule.length == 7
    assert code_of(lambda: load(text, "a")) == "R0207"


def test_without_recipes_it_is_the_digits(load: Load) -> None:
    found = load("let a = 1")
    assert (found.name, type(found.data)) == ("digits", Digits)


def test_several_have_to_be_told_apart(load: Load) -> None:
    assert code_of(lambda: load(TEXT)) == "R0829"


def test_arguments_are_expressions_of_the_file(load: Load) -> None:
    assert load(TEXT, "base(lr = 10 * decay)").optimizer.lr == pytest.approx(1e-3)


def test_the_library_is_in_reach_behind_the_file(load: Load) -> None:
    assert isinstance(load(TEXT, "imagenet").data, ImageFolder)
    own = "recipe imagenet = digits(epochs = 3)"
    assert isinstance(load(own, "imagenet").data, Digits)


def test_a_recipe_of_another_file(tmp_path: Path, load: Load) -> None:
    path = tmp_path / "recipes.res"
    path.write_text(TEXT)
    assert load("let a = 1", f"{path}:wide").optimizer.lr == 0.2
    assert load("let a = 1", f"{path}:base(0.3)").optimizer.lr == 0.3
    path.write_text("recipe only = digits(epochs = 3)")
    assert load("let a = 1", str(path)).name == "only"
    path.write_text("let a = 1")
    assert code_of(lambda: load("let a = 1", str(path))) == "R0829"


def test_imported_recipes(tmp_path: Path) -> None:
    (tmp_path / "base.res").write_text(TEXT)
    path = tmp_path / "net.res"
    path.write_text('import "base.res"\nlet decay = 3\nrecipe mine = base(epochs = 5)\n')
    assert load_recipe(str(path)).optimizer.weight_decay == 1e-4
    assert load_recipe(str(path), "wide").optimizer.lr == 0.2
    assert recipe_names_of(path) == ["mine"]


def recipe_names_of(path: Path) -> list[str]:
    from resdsl.passes.load import load_program

    return recipe_names(load_program(str(path)))


@pytest.mark.parametrize("text", ["3", "a.b", "base(", "[base]", "nothing"])
def test_what_names_no_recipe(load: Load, text: str) -> None:
    assert code_of(lambda: load(TEXT, text)) in ("R0828", "R0102", "R0103", "R0104", "R0105")


# ---- settings ------------------------------------------------------------------------------------


def test_settings_of_parameters(load: Load) -> None:
    found = load(
        TEXT,
        "base",
        "optimizer.lr=0.05",
        'optimizer.no_decay=["bias"]',
        "data.batch = 64",
        "data.path=/data/cifar 10",
        "random.seed=3",
        "accumulate.batches=2",
        "clip.norm=2 * 0.5",
        "loss.label_smoothing=decay",
    )
    assert (found.optimizer.lr, found.optimizer.no_decay) == (0.05, ("bias",))
    assert found.data == Cifar(10, "/data/cifar 10", 64)
    assert (found.seed, found.accumulate, found.clip) == (3, 2, Clip(1.0))
    assert found.loss.label_smoothing == 1e-4


def test_the_length_of_a_run_in_the_other_unit(load: Load) -> None:
    found = load(TEXT, "base", "schedule.epochs=20")
    assert (found.schedule.length, found.schedule.unit) == (20, "epochs")
    assert total_steps(found.schedule, 100) == 2000


def test_settings_of_slots(load: Load) -> None:
    found = load(
        TEXT,
        "base",
        "optimizer.lr=3e-3",
        "optimizer=adamw(weight_decay = decay)",
        "augment={ random_scale_crop(32, 32, 40) }",
        "mix=mixup",
        "precision=bfloat16",
        "schedule=multistep([1, 2], 3)",
    )
    assert found.optimizer == AdamW(3e-3, weight_decay=1e-4)
    assert found.augment == (RandomScaleCrop(32, 32, 40),)
    assert (found.mix, found.precision) == (Mixup(), "bfloat16")
    assert found.schedule == Schedule(MultiStep((1, 2)), 3)


def test_a_slot_can_be_emptied(load: Load) -> None:
    assert load(TEXT, "base", "augment=none").augment == ()
    assert code_of(lambda: load(TEXT, "base", "optimizer=none")) == "R0707"
    assert code_of(lambda: load(TEXT, "base", "precision=none")) == "R0707"


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("optimizer.lr", "R0707"),
        ("optimizer.lr=", "R0707"),
        ("optimizer.lr.x=3", "R0707"),
        (".lr=3", "R0707"),
        ("optimizer.=3", "R0707"),
        ("optimiser.lr=3", "R0821"),
        ("optimizer.rate=3", "R0206"),
        ("optimizer.lr=fast", "R0201"),
        ("optimizer.lr=-1", "R0401"),
        ("optimizer=sgd(momentun = 1)", "R0206"),
        ("optimizer=sdg", "R0824"),
        ("optimizer={ sgd }", "R0827"),
        ("precision=sgd", "R0824"),
        ("mix.alpha=0.2", "R0212"),
        ("augment.p=0.2", "R0212"),
        ("data.batch=127 + 1; clip: global_norm(1)", "R0101"),
        ("clip=global_norm(1); loss: cross_entropy", "R0707"),
        ("clip=global_norm(1) }\nlet a = 1\nrecipe b { loss: cross_entropy", "R0707"),
        ("accumulate.batches=3", "R0826"),
        ("schedule.warmup=9999", "R0402"),
    ],
)
def test_settings_that_are_wrong(load: Load, setting: str, code: str) -> None:
    assert code_of(lambda: load(TEXT, "base", setting)) == code


def test_a_setting_twice(load: Load) -> None:
    settings = ("optimizer.lr=1", "optimizer.lr = 2")
    assert code_of(lambda: load(TEXT, "base", *settings)) == "R0707"


def test_settings_of_models_and_of_recipes() -> None:
    settings = ["classes=10", "optimizer.lr=3", "precision=bfloat16", "data=3", "nothing"]
    assert split_settings(settings) == (
        ["classes=10", "nothing"],
        ["optimizer.lr=3", "precision=bfloat16", "data=3"],
    )
    model, _ = split_settings(settings, {"data"})
    assert model == ["classes=10", "data=3", "nothing"]


# ---- what the library says -----------------------------------------------------------------------


def test_cifar10_is_that_of_the_paper(load: Load) -> None:
    plain, warm = load("let a = 1", "cifar10"), load("let a = 1", "cifar10_warmup")
    assert (plain.data.batch, plain.augment) == (128, (PadCrop(4), Flip(0.5)))
    assert plain.optimizer == Sgd(0.1, 0.9, False, 1e-4)
    assert plain.schedule == Schedule(MultiStep((32_000, 48_000), 0.1), 64_000, "steps")
    assert warm.schedule.warmup == Warmup(400, 0.01, "constant")
    assert warm.schedule.curve == plain.schedule.curve


def test_imagenet(load: Load) -> None:
    paper, modern = load("let a = 1", "imagenet"), load("let a = 1", "imagenet_modern")
    assert (paper.data.batch, paper.schedule.length) == (256, 600_000)
    assert paper.augment[0] == RandomScaleCrop(224, 256, 480)
    assert modern.schedule == Schedule(Cosine(), 90, "epochs", Warmup(5))
    assert modern.loss.label_smoothing == 0.1


# ---- in files ------------------------------------------------------------------------------------


def test_every_mistake_of_a_recipe_in_one_run(codes: Codes) -> None:
    text = (
        "recipe a(e = 3) {\n    data: digit\n    optimizer: sgd(lr = x, y = 1)\n    flip\n"
        "    schedule: cosine(epochs = e, warmup = -1)\n}\n"
    )
    assert codes(text) == ["R0824", "R0201", "R0206", "R0827", "R0401"]


def test_mistakes_of_several_recipes_and_models_in_one_run(codes: Codes) -> None:
    text = (
        "recipe a(e = 3) { data: digits; optimizer: sgd; schedule: cosine(e, warmup = e) }\n"
        "recipe b(n = 3) {\n    data: digits; optimizer: sgd; schedule: cosine(3)\n"
        "    accumulate: batches(n)\n}\n"
        "===conv(3, 9, pad = 0)"
    )
    assert codes(text) == ["R0402", "R0826", "R0303"]


def test_a_name_is_defined_once(codes: Codes) -> None:
    text = "recipe a = digits(epochs = 3)\nblock a { relu }\n===relu"
    assert codes(text) == ["R0202"]


def test_what_a_missing_import_may_bring_is_not_complained_of(codes: Codes) -> None:
    assert codes('import "none.res"\nrecipe a = base(3)\n===relu') == ["R0218"]


def test_types_of_parameters_hold(load: Load) -> None:
    text = "recipe a(e: int) { data: digits; optimizer: sgd; schedule: cosine(e) }"
    assert code_of(lambda: load(text, "a(0.5)")) == "R0302"
    assert code_of(lambda: load(text, 'a("x")')) == "R0301"
