"""Initializers as the language calls them: signatures, and `make_initializer` for a call.

`init = he_normal(fan = "out")` names an entry of `INITIALIZERS`; what it makes is one of the few
distributions of `initializers`, so that drawing and code generation know only those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from resdsl.ops.attributes import Kind, WrongValue, choice, flag, number
from resdsl.ops.initializers import Constant, Initializer, Normal, Uniform, VarianceScaling
from resdsl.records import dataclass


class WrongInitializer(Exception):
    """Why a call of an initializer makes none, in a sentence for the author."""


@dataclass(frozen=True, slots=True)
class InitializerParameter:
    """One parameter of an initializer, documented and checked like an attribute.

    It must be given where `default` is `None`.
    """

    name: str
    doc: str
    kind: Kind
    default: Any = None


@dataclass(frozen=True, slots=True)
class InitializerSignature:
    """An initializer of the language: its parameters in positional order, and what it makes."""

    name: str
    doc: str
    parameters: tuple[InitializerParameter, ...]
    build: Callable[..., Initializer]


#: Weights are float32.
LARGEST = 3.4028234663852886e38

INITIALIZERS: dict[str, InitializerSignature] = {}


def _define(
    name: str, doc: str, build: Callable[..., Initializer], *parameters: InitializerParameter
) -> None:
    INITIALIZERS[name] = InitializerSignature(name, doc, parameters, build)


def make_initializer(
    name: str, positional: Sequence[object] = (), keywords: Mapping[str, object] | None = None
) -> Initializer:
    """The initializer of one call; `zeros` alone is a call without arguments."""
    signature = INITIALIZERS.get(name)
    if signature is None:
        raise WrongInitializer(
            f"there is no initializer `{name}`; there are {_listed(INITIALIZERS)}"
        )
    given = _bind(signature, positional, keywords or {})
    values = {}
    for parameter in signature.parameters:
        if parameter.name in given:
            values[parameter.name] = _accepted(signature, parameter, given[parameter.name])
        elif parameter.default is None:
            raise WrongInitializer(f"`{name}` wants `{parameter.name}`: {parameter.doc}")
        else:
            values[parameter.name] = parameter.default
    return signature.build(**values)


def _bind(
    signature: InitializerSignature, positional: Sequence[object], keywords: Mapping[str, object]
) -> dict[str, object]:
    names = [parameter.name for parameter in signature.parameters]
    takes = _listed(names) if names else "no arguments"
    if len(positional) > len(names):
        raise WrongInitializer(
            f"`{signature.name}` takes {takes}, and is given {len(positional)} by position"
        )
    given = dict(zip(names, positional, strict=False))
    for name, value in keywords.items():
        if name not in names:
            raise WrongInitializer(f"`{signature.name}` has no `{name}`; it takes {takes}")
        if name in given:
            raise WrongInitializer(f"`{signature.name}` is given `{name}` twice")
        given[name] = value
    return given


def _accepted(
    signature: InitializerSignature, parameter: InitializerParameter, value: object
) -> object:
    where = f"`{parameter.name}` of `{signature.name}`"
    try:
        accepted = parameter.kind.accept(value)
    except WrongValue as wrong:
        raise WrongInitializer(f"{where} {wrong}") from None
    if isinstance(accepted, float) and abs(accepted) > LARGEST:
        raise WrongInitializer(f"{where} is too large for a weight of 32 bits")
    return accepted


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _scaled(scale: float, distribution: str) -> Callable[..., Initializer]:
    def build(fan: str, gain: float, truncated: bool = False) -> Initializer:
        return _spread(VarianceScaling(scale * gain * gain, fan, distribution, truncated))

    return build


def _variance_scaling(scale: float, fan: str, distribution: str, truncated: bool) -> Initializer:
    if truncated and distribution == "uniform":
        raise WrongInitializer("`variance_scaling` cannot truncate a uniform distribution")
    return _spread(VarianceScaling(scale, fan, distribution, truncated))


def _spread(initializer: VarianceScaling) -> Initializer:
    """Where nothing is spread every entry is 0, which frameworks do not draw as a distribution."""
    return initializer if initializer.scale else Constant(0.0)


def _normal(std: float, mean: float, truncated: bool = False) -> Initializer:
    return Normal(std, mean, truncated) if std else Constant(mean)


def _uniform(low: float, high: float) -> Uniform:
    if low > high:
        raise WrongInitializer(f"`uniform` wants `low` below `high`, and gets {low:g} and {high:g}")
    return Uniform(low, high)


def _define_scaled(names: tuple[str, ...], doc: str, scale: float, fan: str) -> None:
    fans = InitializerParameter(
        "fan", "which side's variance is kept", choice("in", "out", "average"), fan
    )
    gain = InitializerParameter("gain", "factor on the standard deviation", number(0), 1.0)
    truncated = InitializerParameter(
        "truncated",
        "cut at two standard deviations, and widened so that the declared one is left",
        flag(),
        False,
    )
    for name in names:
        text = f"{doc}: variance `gain ** 2 * {scale:g} / fan`."
        _define(f"{name}_normal", text, _scaled(scale, "normal"), fans, gain, truncated)
        _define(f"{name}_uniform", text, _scaled(scale, "uniform"), fans, gain)


def _define_all() -> None:
    _define_scaled(("he",), "He et al. 2015, for layers before a relu", 2.0, "in")
    _define_scaled(("xavier", "glorot"), "Glorot and Bengio 2010", 1.0, "average")
    _define_scaled(("lecun",), "LeCun et al. 1998, section 4.6", 1.0, "in")
    _define(
        "variance_scaling",
        "Variance `scale / fan`, with the distribution to choose.",
        _variance_scaling,
        InitializerParameter("scale", "variance times fan", number(0)),
        InitializerParameter("fan", "side to divide by", choice("in", "out", "average"), "in"),
        InitializerParameter("distribution", "its form", choice("normal", "uniform"), "normal"),
        InitializerParameter("truncated", "cut at two standard deviations", flag(), False),
    )
    std = InitializerParameter("std", "standard deviation", number(0))
    mean = InitializerParameter("mean", "mean", number(), 0.0)
    _define(
        "normal",
        "Normal; with `truncated`, cut at two standard deviations, which leaves 0.88 of `std`.",
        _normal,
        std,
        mean,
        InitializerParameter("truncated", "cut at two standard deviations", flag(), False),
    )
    _define(
        "truncated_normal",
        "Normal, cut at two standard deviations, which leaves 0.88 of `std`.",
        lambda std, mean: _normal(std, mean, truncated=True),
        std,
        mean,
    )
    _define(
        "uniform",
        "Uniform from `low` to `high`.",
        _uniform,
        InitializerParameter("low", "lower end", number()),
        InitializerParameter("high", "upper end", number()),
    )
    value = InitializerParameter("value", "what every entry is", number())
    _define("constant", "Every entry the same.", Constant, value)
    _define("zeros", "Every entry 0.", lambda: Constant(0.0))
    _define("ones", "Every entry 1.", lambda: Constant(1.0))


_define_all()
