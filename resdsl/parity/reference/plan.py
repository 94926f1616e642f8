"""What the worker of a user's module reads beside its plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from resdsl.codegen.foreign import Located
from resdsl.parity.reference.target import Reference
from resdsl.records import dataclass
from resdsl.weights.description import (
    Description,
    description_from_json,
    description_to_json,
)

#: The run of the user's module.
NAME = "reference"
#: Where the worker says which names it has matched, beside what it read.
FOUND = "names.json"


@dataclass(frozen=True, slots=True)
class ReferencePlan:
    """The user's module and what it is compared with: the network's weights, and the folder of the
    trace that says what the network computes. `names` is the user's map, if there is one; the trace
    is of the generated file `source`, for `backend`."""

    reference: Reference
    names: Mapping[str, str] | None
    ours: Description
    expected: Path
    source: Path
    backend: str


def write_reference(plan: ReferencePlan, path: Path) -> None:
    """Write the plan as JSON."""
    data = {
        "place": plan.reference.place,
        "member": plan.reference.member,
        "arguments": plan.reference.arguments,
        "names": plan.names,
        "ours": description_to_json(plan.ours),
        "expected": str(plan.expected),
        "source": str(plan.source),
        "backend": plan.backend,
    }
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")


def read_reference(path: Path) -> ReferencePlan:
    """The inverse of `write_reference`; what the parent alone needs is left out."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return ReferencePlan(
        Reference(data["place"], data["member"], data["arguments"]),
        data["names"],
        description_from_json(data["ours"]),
        Path(data["expected"]),
        Path(data["source"]),
        data["backend"],
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What the worker has found out: the framework, the names, which layer each is of, what these
    layers are, and where the eval forward parts from the network's, if it was seen to."""

    framework: str
    how: str
    names: Mapping[str, str]
    layers: Mapping[str, str]
    kinds: Mapping[str, str]
    located: Located | None = None


def write_found(found: Found, path: Path) -> None:
    """Write it as JSON."""
    path.write_text(json.dumps(asdict(found), indent=1), encoding="utf-8")


def read_found(path: Path) -> Found | None:
    """The inverse of `write_found`; `None` if the worker did not come so far."""
    if not path.is_file():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    located = data.pop("located")
    return Found(**data, located=None if located is None else Located(**located))
