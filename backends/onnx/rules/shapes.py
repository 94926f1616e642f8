"""ONNX rules of operations that only move, drop or add entries."""

from __future__ import annotations

from resdsl.ops.shape import Flatten, Identity, Pad, PadChannels, Split, Subsample
from resdsl.ops.windows import each

from ..builder import Site
from ..sizes import known
from .tables import emit_frame, rules

#: Where a slice to the end may stop: beyond any size.
_END = 2**63 - 1


@rules.emits(Identity)
def identity(op: Identity, site: Site) -> None:
    site.emit("Identity", site.x)


@rules.emits(Flatten)
def flatten(op: Flatten, site: Site) -> None:
    site.emit("Flatten", site.x, axis=1)


@rules.emits(Pad)
def pad(op: Pad, site: Site) -> None:
    if op.is_identity(site.type):
        site.emit("Identity", site.x)
        return
    emit_frame(site, op.pads(site.type), op.value, last=True)


@rules.emits(Split)
def split(op: Split, site: Site) -> None:
    site.emit("Split", site.x, site.ints(*(x.channels for x in site.results)), axis=1)


@rules.emits(Subsample)
def subsample(op: Subsample, site: Site) -> None:
    if op.is_identity(site.type):
        site.emit("Identity", site.x)
        return
    rank = site.type.rank
    stops = site.type.spatial if known(site.type.spatial) else (_END,) * rank
    starts, ends = site.ints(*[0] * rank), site.ints(*stops)
    axes, steps = site.ints(*range(2, 2 + rank)), site.ints(*each(op.by, rank))
    site.emit("Slice", site.x, starts, ends, axes, steps)


@rules.emits(PadChannels)
def pad_channels(op: PadChannels, site: Site) -> None:
    if op.is_identity(site.type):
        site.emit("Identity", site.x)
        return
    none = [0] * site.type.rank
    counts = site.ints(0, 0, *none, 0, op.to - site.type.channels, *none)
    site.emit("Pad", site.x, counts, site.number(0.0))
