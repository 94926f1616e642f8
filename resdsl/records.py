"""Dataclasses that are cheap to define: the standard ones for the type checker, ours at run time.

`@dataclass(frozen=True, slots=True)` writes and compiles up to six methods for a class, a third of
a millisecond each time. The compiler has some two hundred such classes, and defining them took 40%
of the time in which it compiles ResNet-50. Here `__init__` alone is compiled, and only when the
first instance is made; the other methods are shared. Bottom floor: use it like `dataclasses`, whose
`field`, `fields` and `replace` work on these classes too.

What is left out is what the project does not use: `order`, `kw_only`, `InitVar`, `weakref_slot`.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, field, fields, replace
from typing import TYPE_CHECKING

__all__ = ["MISSING", "Field", "dataclass", "field", "fields", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    from dataclasses import _FIELD, FrozenInstanceError
    from inspect import get_annotations
    from operator import attrgetter

    def dataclass(cls=None, /, *, frozen=False, slots=False, eq=True, repr=True):
        """As in the standard library."""

        def define(cls):
            return _define(cls, frozen, slots, eq, repr)

        return define if cls is None else define(cls)

    def _define(cls, frozen, slots, eq, repr):
        own = _own_fields(cls)
        inherited = {}
        for base in reversed(cls.__mro__[1:]):
            inherited.update(getattr(base, "__dataclass_fields__", {}))
        known = inherited | own
        cls = _slotted(cls, own) if slots else _with_defaults(cls, own)
        cls.__dataclass_fields__ = known
        cls.__match_args__ = tuple(name for name, f in known.items() if f.init)
        written = cls.__dict__
        if "__init__" not in written:
            cls.__init__ = _first_init(cls, known, frozen)
        if repr and "__repr__" not in written:
            cls.__repr__ = _repr
        if eq:
            _compare(cls, known, frozen, written)
        if frozen:
            cls.__setattr__ = _refuse_to_set
            cls.__delattr__ = _refuse_to_delete
            if slots:
                cls.__getstate__ = _state
                cls.__setstate__ = _set_state
        return cls

    def _own_fields(cls):
        found = {}
        for name, annotation in get_annotations(cls).items():
            if str(annotation).startswith(("ClassVar", "typing.ClassVar")):
                continue
            default = cls.__dict__.get(name, MISSING)
            one = default if isinstance(default, Field) else field(default=default)
            one.name, one.type, one._field_type = name, annotation, _FIELD
            found[name] = one
        return found

    def _slotted(cls, own):
        """The class once more: slots cannot be added to one that exists."""
        body = {k: v for k, v in cls.__dict__.items() if k not in own}
        for made in ("__dict__", "__weakref__"):
            body.pop(made, None)
        body["__slots__"] = tuple(own)
        body["__qualname__"] = cls.__qualname__
        return type(cls)(cls.__name__, cls.__bases__, body)

    def _with_defaults(cls, own):
        for name, one in own.items():
            if one.default is not MISSING:
                setattr(cls, name, one.default)
            elif name in cls.__dict__:
                delattr(cls, name)
        return cls

    def _first_init(cls, known, frozen):
        def __init__(self, /, *args, **kwargs):
            cls.__init__ = _init(cls, known, frozen)
            # A subclass that inherits this one comes here once more, for a class that has its own.
            cls.__init__(self, *args, **kwargs)

        return __init__

    def _init(cls, known, frozen):
        """`__init__` written out: the fastest way to make an instance."""
        names = {"_set": object.__setattr__, "_missing": MISSING}
        parameters, lines = [], []
        for name, one in known.items():
            value = name
            if one.default_factory is not MISSING:
                names[f"_make_{name}"] = one.default_factory
                value = f"_make_{name}()"
                if one.init:
                    parameters.append(f"{name}=_missing")
                    value += f" if {name} is _missing else {name}"
            elif one.default is not MISSING:
                names[f"_default_{name}"] = one.default
                parameters.append(f"{name}=_default_{name}")
            elif one.init:
                parameters.append(name)
            else:
                continue  # __post_init__ sets it
            lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
        if hasattr(cls, "__post_init__"):
            lines.append("self.__post_init__()")
        head = ", ".join(["self", *parameters])
        exec("\n ".join([f"def __init__({head}):", *lines, "pass"]), names)
        init = names["__init__"]
        init.__qualname__ = f"{cls.__qualname__}.__init__"
        return init

    def _compare(cls, known, frozen, written):
        values = _values([name for name, one in known.items() if one.compare])

        def __eq__(self, other):
            if other.__class__ is not self.__class__:
                return NotImplemented
            return values(self) == values(other)

        if "__eq__" not in written:
            cls.__eq__ = __eq__
        # Python sets it to None beside an __eq__ of the author's.
        if written.get("__hash__") is None:
            cls.__hash__ = (lambda self: hash(values(self))) if frozen else None

    def _values(names):
        if not names:
            return lambda self: ()
        if len(names) == 1:
            get = attrgetter(names[0])
            return lambda self: (get(self),)
        return attrgetter(*names)

    def _repr(self):
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _refuse_to_set(self, name, value):
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_to_delete(self, name):
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _state(self):
        return [getattr(self, f.name) for f in fields(self)]

    def _set_state(self, state):
        for one, value in zip(fields(self), state, strict=True):
            object.__setattr__(self, one.name, value)
