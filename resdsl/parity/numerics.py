"""The numerics policy of runs, as each worker read it back: said in a line, and compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

#: What runs are called, with the policy each was under.
Policies = Sequence[tuple[str, Mapping[str, Any]]]

#: No part of the policy: what is compared, where the policy comes from, and what is listed singly.
ELSEWHERE = ("dtype", "versions", "xla flags")


def line(policies: Policies) -> str:
    """`TF32 off, deterministic, 1 thread, denormals flushed (onnx: kept)`; empty without runs."""
    return ", ".join(_said(policies))


def _said(policies: Policies) -> Iterator[str]:
    for keys, say in ASPECTS:
        found = {
            name: say(*(policy[key] for key in keys))
            for name, policy in policies
            if all(key in policy for key in keys)
        }
        if not found:
            continue
        usual = Counter(found.values()).most_common(1)[0][0]
        others = [f"{name}: {said}" for name, said in found.items() if said != usual]
        yield f"{usual} ({', '.join(others)})" if others else usual


def differences(reference: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What two policies that are to be alike do not share, one line each.

    What only one of them has says nothing: it is another framework's.
    """
    found = [
        f"{key}: {_text(reference[key])} and {_text(other[key])}"
        for key in reference
        if key in other and key not in ELSEWHERE and reference[key] != other[key]
    ]
    left, right = reference.get("versions", {}), other.get("versions", {})
    found.extend(
        f"version of {name}: {left[name]} and {right[name]}"
        for name in left
        if name in right and left[name] != right[name]
    )
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _tf32(matmul: bool, conv: bool) -> str:
    if matmul == conv:
        return f"TF32 {_text(matmul)}"
    return f"TF32 in {'matrix products' if matmul else 'convolutions'} alone"


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _or_not(words: str, otherwise: str) -> Callable[[bool], str]:
    return lambda flag: words if flag else otherwise


#: What is said, in order, and of which of a policy's entries.
ASPECTS: tuple[tuple[tuple[str, ...], Callable[..., str]], ...] = (
    (("tf32 matmul", "tf32 conv"), _tf32),
    (("deterministic",), _or_not("deterministic", "not deterministic")),
    (("threads",), _threads),
    (("excess precision",), _or_not("excess precision", "no excess precision")),
    (("denormals",), lambda said: f"denormals {said}"),
    (("cudnn benchmark",), _or_not("cuDNN benchmark on", "cuDNN benchmark off")),
)
