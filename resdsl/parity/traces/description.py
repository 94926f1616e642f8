"""What a trace says of itself: enough to judge it without the `.res` file and its framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from resdsl import __version__
from resdsl.codegen.backend import Backend
from resdsl.codegen.runtime import Facts, TensorFact, WeightFact
from resdsl.diagnostics import Source, Span
from resdsl.parity.facts import facts_to_json
from resdsl.parity.places import Place, Places, digest_of, find_source
from resdsl.parity.settings import DEVICES, DTYPES
from resdsl.parity.traces.fields import Fields
from resdsl.parity.traces.pack import PackedTrace
from resdsl.records import dataclass

TOOL = f"resdsl {__version__}"
#: Settings that two traces must share for their numbers to be comparable.
SHARED = ("inputs", "batch", "steps", "images", "seed", "loss", "lr", "momentum", "weight decay")
#: Calls inside calls that a place may have; the language nests less.
DEEPEST = 256


@dataclass(frozen=True, slots=True)
class Description:
    """The description as it was read. `subject` is what a report says was compared, `digests` are
    of the weights at the start and of the batches, `sources` of the `.res` texts by name."""

    tool: str
    backend: Backend
    facts: Facts
    subject: Mapping[str, Any]
    absorbed: Mapping[str, str]
    places: Places
    sources: Mapping[str, str]
    digests: Mapping[str, str]
    policy: Mapping[str, Any]
    notes: tuple[str, ...]

    @property
    def dtype(self) -> str:
        """The precision of the run."""
        return str(self.subject["dtype"])

    @property
    def moved(self) -> bool:
        """Whether its inputs were moved, so that it is a yardstick and nothing else."""
        return bool(self.subject["moved"])

    @property
    def tf32(self) -> bool:
        """Whether products rounded their factors."""
        return bool(self.policy.get("tf32 matmul") or self.policy.get("tf32 conv"))


def describe(
    backend: Backend,
    facts: Facts,
    places: Places,
    absorbed: Mapping[str, str],
    **more: Any,
) -> dict[str, Any]:
    """The description as JSON holds it, `more` being what is plain data already."""
    return {
        "tool": TOOL,
        "backend": backend.name,
        "capabilities": sorted(backend.capabilities),
        "facts": facts_to_json(facts),
        "absorbed": dict(absorbed),
        "places": places_to_json(places),
        **more,
    }


def read_description(trace: PackedTrace) -> Description:
    """The description of a trace. Raises `CompileError` for what cannot be one."""
    fields = trace.description
    sources = {name: digest.text() for name, digest in fields["sources"].items()}
    backend = Backend(
        name=fields["backend"].text(),
        title=fields["backend"].text(),
        file_suffix="",
        extra="",
        requires=(),
        capabilities=frozenset(fields["capabilities"].texts()),
    )
    subject = _subject(fields["subject"])
    trains = "steps" in backend.capabilities
    if trains and subject["steps"] > len(trace.sections):
        raise fields["subject"]["steps"].error("is more than there are sections")
    return Description(
        tool=fields["tool"].text(),
        backend=backend,
        facts=_facts(fields["facts"]),
        subject=subject,
        absorbed={name: other.text() for name, other in fields["absorbed"].items()},
        places=places_from_json(fields["places"], sources, trace.path.parent),
        sources=sources,
        digests={key: fields["digests"][key].text() for key in ("weights", "batches")},
        policy=_policy(fields["policy"]),
        notes=fields["notes"].texts(),
    )


def _facts(fields: Fields) -> Facts:
    def tensors(key: str) -> tuple[TensorFact, ...]:
        found = fields[key].entries()
        return tuple(TensorFact(t["name"].text(), t["shape"].sizes()) for t in found)

    return Facts(
        model=fields["model"].text(),
        class_name=fields["class_name"].text(),
        inputs=tensors("inputs"),
        outputs=tensors("outputs"),
        weights=tuple(
            WeightFact(w["name"].text(), w["shape"].sizes(), w["trainable"].flag())
            for w in fields["weights"].entries()
        ),
        dropouts=tensors("dropouts"),
        rates={name: rate.number() for name, rate in fields["rates"].items()},
    )


def _policy(fields: Fields) -> dict[str, Any]:
    """What is read of it by name; the rest is only shown."""
    versions = {name: version.text() for name, version in fields["versions"].items()}
    return {**fields.object(), "versions": versions, "device": fields["device"].text()}


def _subject(fields: Fields) -> dict[str, Any]:
    for key, choices in (("device", DEVICES), ("dtype", DTYPES)):
        if fields[key].text() not in choices:
            raise fields[key].error(f"is none of {', '.join(choices)}")
    return {
        **fields.object(),
        "parameters": fields["parameters"].whole(),
        "inputs": {name: list(shape.sizes()) for name, shape in fields["inputs"].items()},
        "dtype": fields["dtype"].text(),
        "batch": fields["batch"].whole(),
        "steps": fields["steps"].whole(),
        "images": fields["images"].text(),
        "seed": fields["seed"].whole(),
        "moved": fields["moved"].flag(),
        "device": fields["device"].text(),
        "loss": fields["loss"].text(),
        "lr": [rate.number() for rate in fields["lr"].entries()],
        "momentum": fields["momentum"].number(),
        "weight decay": fields["weight decay"].number(),
        "weights": fields["weights"].text(),
    }


def sources_of(places: Places) -> dict[str, str]:
    """The digests of the texts that the places are in, by name."""
    groups = (places.weights, places.outputs, places.nodes)
    spans = [p.span for group in groups for p in group.values() if p.span is not None]
    sources = {id(span.source): span.source for span in spans}
    return {source.name: digest_of(source) for source in sources.values()}


def places_to_json(places: Places) -> dict[str, Any]:
    """As JSON can hold them: places in a list, each once, and their numbers by name.

    Calls are a list too, each with the number of the one around it.
    """
    table: dict[Place, int] = {}
    calls: dict[tuple[str, ...], int] = {}
    made_calls: list[Any] = []

    def number_of(chain: tuple[str, ...]) -> int | None:
        if not chain:
            return None
        if chain not in calls:
            outer = number_of(chain[1:])
            calls[chain] = len(made_calls)
            made_calls.append({"text": chain[0], "in": outer})
        return calls[chain]

    rows: list[Any] = []

    def place(found: Place) -> int:
        if found not in table:
            table[found] = len(rows)
            rows.append({**_place_json(found), "call": number_of(found.calls)})
        return table[found]

    groups = {"weights": places.weights, "outputs": places.outputs, "nodes": places.nodes}
    named = {key: {n: place(p) for n, p in group.items()} for key, group in groups.items()}
    return {"places": rows, "calls": made_calls, **named, "owners": dict(places.owners)}


def _place_json(place: Place) -> dict[str, Any]:
    span = place.span
    where = (
        None if span is None else {"source": span.source.name, "from": span.start, "to": span.end}
    )
    return {"at": place.at, "words": place.words, "span": where}


def places_from_json(fields: Fields, sources: Mapping[str, str], folder: Path) -> Places:
    """The inverse of `places_to_json`; spans are in the texts of these digests that are found."""
    chains = _chains(fields["calls"])
    texts: dict[str, Source | None] = {}
    rows: list[Place] = []
    for row in fields["places"].entries():
        call = row["call"]
        calls = () if call.is_null else chains[call.whole(len(chains))]
        at, words = row["at"].text(), row["words"].text()
        span = None if row["span"].is_null else _span(row["span"], sources, texts, folder)
        rows.append(Place(at, words, calls, span))

    def named(key: str) -> dict[str, Place]:
        return {name: rows[number.whole(len(rows))] for name, number in fields[key].items()}

    weights, owners = named("weights"), fields["owners"]
    return Places(
        weights,
        named("outputs"),
        named("nodes"),
        {name: owners[name].text() for name in weights},
    )


def _chains(fields: Fields) -> Sequence[tuple[str, ...]]:
    chains: list[tuple[str, ...]] = []
    for call in fields.entries():
        # One that is around others comes before them, so that there is no circle.
        number = None if call["in"].is_null else call["in"].whole()
        if number is not None and number >= len(chains):
            raise call["in"].error("is the number of no call that comes before")
        outer = () if number is None else chains[number]
        if len(outer) == DEEPEST:
            raise call.error("is inside too many others")
        chains.append((call["text"].text(), *outer))
    return chains


def _span(
    fields: Fields, sources: Mapping[str, str], texts: dict[str, Source | None], folder: Path
) -> Span | None:
    name = fields["source"].text()
    if name not in texts:
        texts[name] = find_source(name, sources.get(name, ""), folder)
    source = texts[name]
    if source is None:
        return None
    end = fields["to"].whole(len(source.text) + 1)
    return Span(source, fields["from"].whole(end + 1), end)
