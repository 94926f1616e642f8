"""What is said about data that is missing, damaged, or of another kind than the network's."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from resdsl.diagnostics import CompileError, error
from resdsl.training.data.dataset import Array, Labels

INSTALL = "pip install 'resdsl[train]'"


def not_installed(package: str, purpose: str, install: str = INSTALL) -> CompileError:
    """A package is missing; `purpose` says what it does: `reads image files`."""
    return error("R0801", f"{package}, which {purpose}, is not installed", help=f"`{install}`")


def not_there(what: str, *, notes: Iterable[str] = (), help: str) -> CompileError:
    """A data set, or a part of one, is not where the recipe says."""
    return error("R0802", what, notes=notes, help=help)


def damaged(what: str, *, notes: Iterable[str] = (), help: str | None = None) -> CompileError:
    """A file is there and its contents are not what they should be."""
    return error("R0803", what, notes=notes, help=help)


def unusable(what: str, *, notes: Iterable[str] = (), help: str | None = None) -> CompileError:
    """Arrays or columns have another form than a data set's."""
    return error("R0804", what, notes=notes, help=help)


def unfit(what: str, *, notes: Iterable[str] = (), help: str | None = None) -> CompileError:
    """Good data, but of another shape or with other classes than the network's."""
    return error("R0805", what, notes=notes, help=help)


def unrunnable(what: str, *, notes: Iterable[str] = (), help: str | None = None) -> CompileError:
    """A batch, a shard or a transform that cannot be made from this data."""
    return error("R0806", what, notes=notes, help=help)


def check_labels(labels: Labels, classes: int, where: str) -> None:
    """Raise `CompileError` unless all labels are in 0 to `classes` - 1."""
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        first = int(wrong[0])
        raise unusable(
            f"{where} has the label {int(labels[first])}, and there are {classes} classes, "
            f"counted from 0",
            notes=[
                f"it is sample {first}; {len(wrong):,} of {len(labels):,} labels are out of range"
            ],
        )


def check_classes(found: int, outputs: int, what: str) -> None:
    """Raise `CompileError` unless the network has one output for each class."""
    if found != outputs:
        raise unfit(
            f"{what} has {found:,} classes, and the network has {outputs:,} outputs",
            help=f"`--set classes={found}`, where the model has such a parameter",
        )


def shown(shape: Iterable[int | None]) -> str:
    """A shape in words: `32 x 32 x 3`, with `?` for what differs from sample to sample."""
    return " x ".join("?" if size is None else str(size) for size in shape) or "one number"


def last(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A network's input shape with the channels last, as samples have it."""
    return (*shape[1:], shape[0])


def check_shape(sample: Array, wanted: tuple[int, ...], where: str) -> None:
    """Raise `CompileError` unless a sample has the network's shape, channels last."""
    if sample.shape != wanted:
        raise unfit(
            f"{where} is {shown(sample.shape)}, and the network takes {shown(wanted)} "
            f"(channels last)",
            help="`resize` and `center_crop`, or `random_resized_crop`, bring images to one size",
        )
