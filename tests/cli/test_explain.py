"""`resdsl explain`: every code has its text."""

import pytest

from resdsl.diagnostics.codes import CODES


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(resdsl, code: str) -> None:
    done = resdsl("explain", code.lower())
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{code}: {CODES[code].title}\n")
    assert ("Wrong:" in done.out) is bool(CODES[code].wrong)


def test_no_such_code(resdsl) -> None:
    done = resdsl("explain", "R304")
    assert done.code == 2
    assert "error[R0716]" in done.err
    assert "did you mean `R0304`?" in done.err
