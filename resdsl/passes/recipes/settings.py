"""`--set optimizer.lr=0.05`, `--set precision=bfloat16`: what the command line changes in a recipe.

A dotted key is a parameter of whatever fills a slot; a slot's own name replaces what fills it. A
text needs no quotes there: `--set data.path=/data/cifar`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from resdsl import ir
from resdsl.diagnostics import Bag, Source, Span, error
from resdsl.diagnostics.near import clipped
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.values import plain
from resdsl.ops.attributes import WrongValue
from resdsl.passes.elaborate.scope import FileScope
from resdsl.passes.load import setting
from resdsl.passes.recipes.build import Filled, Slots, filled
from resdsl.passes.resolve.lexical import Lexical
from resdsl.passes.resolve.recipes import LineResolver, unknown_parameter, unknown_slot
from resdsl.recipes.options import Option
from resdsl.recipes.slots import SLOTS, Slot
from resdsl.records import dataclass
from resdsl.syntax import ast, parse

_WRITE = "write `--set optimizer.lr=0.05`, or `--set precision=bfloat16` for a slot"
#: A run has one length: saying it in the one unit unsays it in the other.
_INSTEAD = {"epochs": "steps", "steps": "epochs"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One change: of a parameter of what fills the slot, or, without one, of the whole slot."""

    slot: Slot
    parameter: str
    text: str


def split_settings(
    settings: Iterable[str], model_parameters: Container[str] = ()
) -> tuple[list[str], list[str]]:
    """`--set` texts as those about the model and those about the recipe.

    Dotted keys and names of slots are the recipe's; but a parameter of the model wins over a slot
    of the same name.
    """
    model: list[str] = []
    recipe: list[str] = []
    for text in settings:
        key = text.partition("=")[0].strip()
        is_slot = "." in key or (key in SLOTS and key not in model_parameters)
        (recipe if is_slot else model).append(text)
    return model, recipe


def parse_settings(texts: Iterable[str]) -> list[Setting]:
    """Settings of a recipe, those of whole slots first. Raises for each that is none."""
    found: dict[str, Setting] = {}
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        slot, _, parameter = key.partition(".")
        names = key.split(".")
        if not equals or not value or len(names) > 2 or not all(n.isidentifier() for n in names):
            raise error("R0707", f"`{clipped(text)}` sets nothing", help=_WRITE)
        if slot not in SLOTS:
            raise unknown_slot(slot, Span(Source("<--set>", text), 0, len(slot)))
        if key in found:
            raise error("R0707", f"`{key}` is set twice")
        found[key] = Setting(SLOTS[slot], parameter, value)
    return sorted(found.values(), key=lambda s: s.parameter != "")


def apply_settings(
    name: str, slots: Slots, settings: Iterable[Setting], program: ir.Program
) -> None:
    """Change what fills the slots of the recipe `name`; values see the constants of `program`."""
    scope = FileScope(program)
    for each in settings:
        if each.parameter:
            _set_parameter(name, slots, each, scope)
        elif each.text == "none":
            _empty(slots, each)
        else:
            slots[each.slot.name] = _replacement(name, each, scope)


def _empty(slots: Slots, setting: Setting) -> None:
    slot = setting.slot
    if slot.default is not None and not slot.is_body:
        raise error(
            "R0707",
            f"a recipe cannot do without its `{slot.name}`",
            help=f"`--set {slot.name}={next(iter(slot.options))}` sets another {slot.noun}",
        )
    slots.pop(slot.name, None)


def _set_parameter(name: str, slots: Slots, setting: Setting, scope: FileScope) -> None:
    slot, parameter = setting.slot, setting.parameter
    source = Source(f"<{slot.name}.{parameter}>", setting.text)
    span = Span(source, 0, len(setting.text))
    if slot.is_body:
        first = next(iter(slot.options))
        raise error(
            "R0212",
            f"`{slot.name}` is a chain of {slot.noun}s, which is set as a whole",
            help=f"`--set '{slot.name}={{ {first}(…) }}'`",
        )
    if slot.name not in slots:
        slots[slot.name] = [Filled(_usual(name, slot, parameter), {}, {}, span)]
    entry = slots[slot.name][0]
    if parameter not in entry.option.parameter_names:
        raise unknown_parameter(entry.option, parameter, span)
    entry.values[parameter] = _value(entry.option, setting, scope)
    entry.spans[parameter] = span
    if slot.name == "schedule" and parameter in _INSTEAD:
        entry.values.pop(_INSTEAD[parameter], None)


def _usual(name: str, slot: Slot, parameter: str) -> Option:
    """The option of a slot that the recipe leaves alone."""
    if slot.default is not None:
        return slot.option_of(slot.default)[0]
    if len(slot.options) == 1:
        return next(iter(slot.options.values()))
    raise error(
        "R0212",
        f"the recipe `{name}` has no `{slot.name}` whose `{parameter}` could be set",
        help=f"`--set '{slot.name}={next(iter(slot.options))}({parameter} = …)'` gives it one",
    )


def _value(option: Option, given: Setting, scope: FileScope) -> Any:
    """The value of a setting; what can be nothing but a text needs no quotes."""
    text = given.text
    if not text.startswith('"'):
        try:
            return option.parameter(given.parameter).kind.accept(text)
        except WrongValue:
            pass
    expression = setting(scope.program, f"{given.slot.name}.{given.parameter}", text)
    return plain(evaluate(expression, scope))


def _replacement(name: str, given: Setting, scope: FileScope) -> list[Filled]:
    """What a setting puts into a slot, read as that line of the recipe."""
    text = f"recipe {name} {{\n    {given.slot.name}: {given.text}\n}}\n"
    tree = parse(Source("<--set>", text))
    (item, *more) = tree.items
    body = item.value if isinstance(item, ast.Definition) else None
    if more or not isinstance(body, ast.Body) or len(body.statements) != 1:
        raise error("R0707", f"`{clipped(given.text)}` is more than one line", help=_WRITE)
    bag = Bag()
    resolver = LineResolver(Lexical(scope.program.names), scope.program.defaults, bag)
    line = resolver.line(body.statements[0])
    bag.raise_errors()
    assert isinstance(line, ir.SlotLine)
    return [filled(call, scope) for call in line.calls]
