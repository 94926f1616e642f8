"""Our dataclasses behave like the standard ones in everything the project uses."""

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError
from typing import Any, ClassVar

import pytest

from resdsl import records


def both(**settings: Any) -> list[Any]:
    """The same class by the standard library and by us."""
    made = []
    for decorate in (dataclasses.dataclass, records.dataclass):

        class Point:
            """A point."""

            dimensions: ClassVar[int] = 2
            x: int
            y: int = 0
            tags: list[str] = dataclasses.field(default_factory=list)
            place: str = dataclasses.field(default="", compare=False, repr=False)

            @property
            def size(self) -> int:
                return self.x + self.y

        made.append(decorate(**settings)(Point))
    return made


CASES = [
    {},
    {"slots": True},
    {"frozen": True},
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "eq": False},
]


@pytest.mark.parametrize("settings", CASES)
def test_instances_are_alike(settings: dict[str, Any]) -> None:
    results = []
    for kind in both(**settings):
        a, b, c = kind(1, 2), kind(x=1, y=2, place="here"), kind(3)
        results.append(
            (
                repr(a).rpartition("Point")[2],
                a == b,
                a == c,
                a != c,
                a.size,
                a.tags,
                a.tags is b.tags,
                c.y,
                kind.dimensions,
                kind.__match_args__,
                kind.__doc__,
                [f.name for f in dataclasses.fields(kind)],
                dataclasses.is_dataclass(kind),
                hasattr(a, "__dict__"),
                dataclasses.replace(a, y=5).y,
                copy.deepcopy(a).x,
            )
        )
    assert results[0] == results[1]


@pytest.mark.parametrize("arguments", [(), (1, 2, [], "", 5), {"z": 1}])
def test_wrong_arguments_are_refused(arguments: Any) -> None:
    for kind in both(frozen=True, slots=True):
        with pytest.raises(TypeError):
            kind(**arguments) if isinstance(arguments, dict) else kind(*arguments)


@pytest.mark.parametrize("settings", CASES)
def test_hashes_exist_alike(settings: dict[str, Any]) -> None:
    standard, ours = both(**settings)
    assert (standard.__hash__ is None) is (ours.__hash__ is None)
    if settings.get("frozen") and settings.get("eq", True):
        assert hash(ours(1, 2, ())) == hash(ours(1, 2, (), "elsewhere"))


def test_a_frozen_one_stays_as_it_is() -> None:
    for kind in both(frozen=True, slots=True):
        point = kind(1)
        with pytest.raises(FrozenInstanceError):
            point.x = 2
        with pytest.raises(FrozenInstanceError):
            del point.x


def test_a_slotted_one_takes_no_other_attribute() -> None:
    for kind in both(slots=True):
        with pytest.raises(AttributeError):
            kind(1).other = 2


@records.dataclass(frozen=True, slots=True)
class Base:
    name: str


@records.dataclass(frozen=True, slots=True)
class Derived(Base):
    value: int = 1
    twice: int = records.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.value)


class Plain(Base):
    """A subclass without a decorator of its own."""

    __slots__ = ()


def test_inheritance() -> None:
    derived = Derived("a", 3)
    assert (derived.name, derived.value, derived.twice) == ("a", 3, 6)
    assert derived != Base("a")
    assert Plain("b").name == "b"
    assert Base("b").name == "b"


def test_pickling() -> None:
    assert pickle.loads(pickle.dumps(Derived("a", 3))) == Derived("a", 3)


def test_matching() -> None:
    match Derived("a", 3):
        case Derived(name, value):
            assert (name, value) == ("a", 3)


@records.dataclass(frozen=True, slots=True)
class OwnEquality:
    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OwnEquality) and type(self.value) is type(other.value)

    def __hash__(self) -> int:
        return hash(type(self.value))


def test_methods_of_the_author_stay() -> None:
    assert OwnEquality(1) == OwnEquality(2)
    assert hash(OwnEquality(1)) == hash(OwnEquality(2))
