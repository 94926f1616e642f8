"""What a slot of a recipe can be filled with: signatures, checks, and the values they make.

An `Option` is to a recipe what an operation's class is to a network: the resolver binds calls by
its parameters, messages and the reference quote them, and a value made of it can be taken apart
into them again. Defaults and documentation are those of the data classes in `recipe`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from inspect import cleandoc
from typing import Any

from resdsl.ops.attributes import Kind
from resdsl.records import MISSING, dataclass, field, fields

#: The arguments of an option by name, all of them, each in its stored form.
Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an option; it must be given where `default` is `MISSING`."""

    name: str
    doc: str
    kind: Kind
    default: Any

    @property
    def is_required(self) -> bool:
        return self.default is MISSING


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong between values that are each valid, said at the parameter `at`."""

    message: str
    at: str = ""
    help: str | None = None
    code: str = "R0402"


def _no_problems(arguments: Arguments) -> Iterator[Problem]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a slot can be filled with: `sgd` for the optimizer, `flip` for `augment`."""

    name: str
    doc: str
    parameters: tuple[Parameter, ...]
    #: Its value, from all arguments by name.
    make: Callable[..., Any]
    #: The arguments of a value, or `None` where that is not of this option.
    arguments_of: Callable[[Any], dict[str, Any] | None]
    problems: Callable[[Arguments], Iterator[Problem]] = _no_problems
    #: Draws random numbers, so that it has no place among what is done to test images.
    is_random: bool = False
    #: Whether its first argument is usually written without a name: `resize(256)`.
    leads: bool = False
    #: What to say of parameters that it does not have, and that may be looked for.
    absent: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameter_names(self) -> list[str]:
        return [p.name for p in self.parameters]

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name."""
        return next(p for p in self.parameters if p.name == name)

    def in_words(self) -> str:
        return f"the option `{self.name}`"

    def completed(self, given: Arguments) -> dict[str, Any]:
        """All arguments, where `given` has those without a default."""
        return {p.name: given.get(p.name, p.default) for p in self.parameters}


def of_class(
    name: str,
    cls: type[Any],
    parameters: Mapping[str, tuple[str, Kind]],
    problems: Callable[[Arguments], Iterator[Problem]] = _no_problems,
    *,
    doc: str = "",
    is_random: bool = False,
    leads: bool = False,
    fixed: Mapping[str, Any] | None = None,
) -> Option:
    """The option whose values are a class's: the parameters are its fields, but for `fixed`."""
    held = dict(fixed or {})

    def arguments_of(value: Any) -> dict[str, Any] | None:
        if type(value) is not cls or any(getattr(value, k) != v for k, v in held.items()):
            return None
        return {key: getattr(value, key) for key in parameters}

    return Option(
        name,
        doc or cleandoc(cls.__doc__ or ""),
        parameters_of(cls, parameters),
        lambda **arguments: cls(**held, **arguments),
        arguments_of,
        problems,
        is_random,
        leads,
    )


def of_value(name: str, doc: str) -> Option:
    """The option that stands for itself: a precision, a kind of batch norm."""
    return Option(name, doc, (), lambda: name, lambda value: {} if value == name else None)


def of_number(name: str, doc: str, parameter: Parameter) -> Option:
    """The option with one parameter, which is its value."""
    return Option(
        name,
        doc,
        (parameter,),
        lambda **arguments: arguments[parameter.name],
        lambda value: {parameter.name: value},
        leads=True,
    )


def parameters_of(
    cls: type[Any], parameters: Mapping[str, tuple[str, Kind]]
) -> tuple[Parameter, ...]:
    """Parameters that are fields of a class, with the defaults that those have."""
    defaults = {f.name: f.default for f in fields(cls)}
    return tuple(
        Parameter(key, doc, kind, defaults[key]) for key, (doc, kind) in parameters.items()
    )
