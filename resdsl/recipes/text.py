"""A recipe in the language it came from, and as JSON: both are the options and their arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from resdsl.ops.attributes import WrongValue
from resdsl.recipes.options import Option
from resdsl.recipes.recipe import Recipe
from resdsl.recipes.slots import SLOTS, Slot, make_recipe, problems_between

#: What readers look for first, and is written though it is the default.
_ALWAYS = frozenset({"batch", "lr"})
#: The key of JSON objects that names the option; no parameter is called so.
_OPTION = "is"


def recipe_text(recipe: Recipe) -> str:
    """The recipe as a definition of a `.res` file, which says few defaults."""
    lines = "".join(f"    {line}\n" for line in summary(recipe))
    return f"recipe {recipe.name} {{\n{lines}}}\n"


def summary(recipe: Recipe) -> list[str]:
    """A line for each slot that is not left at its default, as it would be written."""
    said = [
        (slot, value)
        for slot in SLOTS.values()
        if (value := getattr(recipe, slot.field)) != slot.default
    ]
    width = max(len(slot.name) for slot, _ in said) + 1
    return [f"{slot.name + ':':{width}} {_value_text(slot, value)}" for slot, value in said]


def _value_text(slot: Slot, value: Any) -> str:
    if slot.is_body:
        return f"{{ {'; '.join(_call(*slot.option_of(entry)) for entry in value)} }}"
    return _call(*slot.option_of(value))


def _call(option: Option, arguments: Mapping[str, Any]) -> str:
    shown = [
        written(arguments[p.name])
        if option.leads and place == 0
        else f"{p.name} = {written(arguments[p.name])}"
        for place, p in enumerate(option.parameters)
        if arguments[p.name] != p.default or p.name in _ALWAYS
    ]
    return f"{option.name}({', '.join(shown)})" if shown else option.name


def written(value: Any) -> str:
    """An argument as it is written in the language."""
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case str():
            escaped = "".join(_ESCAPES.get(sign, sign) for sign in value)
            return f'"{escaped}"'
        case tuple():
            return f"[{', '.join(map(written, value))}]"
        case int() if value >= 10_000:
            return f"{value:_}"
        case _:
            return repr(value)


_ESCAPES = {'"': r"\"", "\\": r"\\"}


# ---- JSON ----------------------------------------------------------------------------------------


def recipe_to_json(recipe: Recipe) -> dict[str, Any]:
    """The recipe as data for JSON: every slot with its option and all arguments."""
    slots = {s.name: _slot_to_json(s, getattr(recipe, s.field)) for s in SLOTS.values()}
    return {"name": recipe.name, **slots}


def _slot_to_json(slot: Slot, value: Any) -> Any:
    if slot.is_body:
        return [_option_to_json(*slot.option_of(entry)) for entry in value]
    return None if value is None else _option_to_json(*slot.option_of(value))


def _option_to_json(option: Option, arguments: Mapping[str, Any]) -> dict[str, Any]:
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in arguments.items()}
    return {_OPTION: option.name, **values}


def recipe_from_json(found: Mapping[str, Any]) -> Recipe:
    """The recipe that `recipe_to_json` made this of. Raises `ValueError` where it is none."""
    unknown = found.keys() - SLOTS.keys() - {"name"}
    if unknown or not isinstance(found.get("name"), str):
        raise ValueError(f"this is no recipe: {', '.join(sorted(unknown)) or 'it has no name'}")
    values = {name: _slot_from_json(SLOTS[name], v) for name, v in found.items() if name != "name"}
    missing = [s.name for s in SLOTS.values() if s.is_required and s.name not in values]
    if missing:
        raise ValueError(f"this recipe lacks {', '.join(missing)}")
    recipe = make_recipe(found["name"], values)
    for _, problem in problems_between(recipe):
        raise ValueError(problem.message)
    return recipe


def _slot_from_json(slot: Slot, value: Any) -> Any:
    if slot.is_body and isinstance(value, list):
        return tuple(_option_from_json(slot, entry) for entry in value)
    if value is None and slot.default is None:
        return None
    return _option_from_json(slot, value)


def _option_from_json(slot: Slot, value: Any) -> Any:
    option = slot.options.get(str(value.get(_OPTION))) if isinstance(value, dict) else None
    if option is None or value.keys() != {_OPTION, *option.parameter_names}:
        raise ValueError(f"`{slot.name}` of this recipe is {value!r}")
    arguments = dict(_accepted(option, value))
    for problem in option.problems(arguments):
        raise ValueError(f"`{option.name}`: {problem.message}")
    return option.make(**arguments)


def _accepted(option: Option, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for parameter in option.parameters:
        try:
            yield parameter.name, parameter.kind.accept(values[parameter.name])
        except WrongValue as wrong:
            raise ValueError(f"`{parameter.name}` of `{option.name}` {wrong}") from None
