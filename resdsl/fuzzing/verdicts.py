"""What may become of a random network, as data."""

from __future__ import annotations

from collections.abc import Mapping

from resdsl.diagnostics import Diagnostic
from resdsl.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Failure:
    """Something wrong. Two failures with one `kind` are taken for the same mistake: what happens,
    in which backend, and in which quantity or by which exception."""

    kind: tuple[str, ...]
    diagnostic: Diagnostic

    @property
    def backend(self) -> str | None:
        """The backend that fails; `None` for the compiler itself."""
        return None if self.kind[0] == "compiler" else self.kind[1]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One network. `refused` has the code of the diagnostic for each backend that refuses it, and
    `ran` the backends that were compared."""

    ran: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    #: Beyond a limit, and within what rounding does to the reference itself.
    by_rounding: bool = False
    #: The reference holds NaN or infinity: nothing can be compared with that.
    not_finite: bool = False

    @property
    def agrees(self) -> bool:
        """Whether at least two backends compute the same."""
        return len(self.ran) > 1 and not (self.failures or self.by_rounding or self.not_finite)
