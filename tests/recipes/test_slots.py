"""Slots and options are complete: documented, with defaults that they accept, for every class."""

from typing import get_args

import pytest

from resdsl.ops.attributes import WrongValue
from resdsl.recipes import recipe as classes
from resdsl.recipes.options import Option
from resdsl.recipes.slots import OPTIONS, SLOTS
from resdsl.records import fields

ALL = [(slot, option) for slot in SLOTS.values() for option in slot.options.values()]
NAMES = [f"{slot.name}-{option.name}" for slot, option in ALL]


def test_every_field_of_a_recipe_is_a_slot() -> None:
    names = [f.name for f in fields(classes.Recipe)]
    assert sorted(slot.field for slot in SLOTS.values()) == sorted({*names} - {"name"})


@pytest.mark.parametrize(("slot", "option"), ALL, ids=NAMES)
def test_is_documented(slot: object, option: Option) -> None:
    assert option.doc.endswith(".")
    assert len(set(option.parameter_names)) == len(option.parameters)
    for parameter in option.parameters:
        assert parameter.doc and parameter.kind.says


@pytest.mark.parametrize(("slot", "option"), ALL, ids=NAMES)
def test_defaults_are_accepted_as_they_are(slot: object, option: Option) -> None:
    for parameter in option.parameters:
        if not parameter.is_required:
            assert parameter.kind.accept(parameter.default) == parameter.default


@pytest.mark.parametrize(
    ("union", "slot"),
    [
        (classes.Data, "data"),
        (classes.Transform, "augment"),
        (classes.Mix, "mix"),
        (classes.Optimizer, "optimizer"),
    ],
)
def test_every_class_has_an_option(union: object, slot: str) -> None:
    made = {_class_of(option) for option in SLOTS[slot].options.values()}
    assert made == set(get_args(union))


def _class_of(option: Option) -> type[object]:
    least = {p.name: _least(p.kind) for p in option.parameters if p.is_required}
    return type(option.make(**option.completed(least)))


def _least(kind: object) -> object:
    for value in (224, "x", [1]):
        try:
            return kind.accept(value)  # type: ignore[attr-defined]
        except WrongValue:
            continue
    raise AssertionError(kind)


def test_options_of_all_slots_are_found_by_name() -> None:
    assert [s.name for s in OPTIONS["resize"]] == ["augment", "evaluate"]
    assert [s.name for s in OPTIONS["sgd"]] == ["optimizer"]
