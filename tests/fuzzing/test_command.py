"""`resdsl fuzz` on the command line, short of a framework."""

from pathlib import Path

import pytest

from resdsl.cli import fuzz as command
from resdsl.cli.main import main
from resdsl.diagnostics import Diagnostic
from resdsl.fuzzing import session
from resdsl.fuzzing.session import Found, Order, Summary, Watch
from resdsl.fuzzing.verdicts import Failure


def test_networks_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = tmp_path / "found"
    assert main(["fuzz", "--print", "--networks", "2", "--start", "4", "-o", str(found)]) == 0
    text = capsys.readouterr().out
    assert "# Network 4 of seed 1." in text and "# Network 5 of seed 1." in text
    assert text.count("\nmodel ") == 2 and not found.exists()


def test_an_operation_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", "--ops", "convolution"]) == 2
    assert "error[R0631]: no operation is called like `convolution`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failed", "interrupted", "code"), [(0, False, 0), (1, False, 1), (1, True, 130)]
)
def test_exit_codes_and_summary(
    failed: int,
    interrupted: bool,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    orders: list[Order] = []

    def run(order: Order, watch: Watch) -> Summary:
        orders.append(order)
        summary = Summary(ran=3, agreed=3 - failed, seconds=90.0, interrupted=interrupted)
        if failed:
            failure = Failure(("hung", "jax", "120"), Diagnostic("R0604", "it hangs"))
            summary.kinds[failure.kind] += 1
            summary.found.append(Found(2, failure, Path("found/1-2-hung-jax/network.res")))
        watch(summary)
        return summary

    monkeypatch.setattr(session, "run", run)
    assert main(["fuzz", "--minutes", "1.5", "--backends", "torch, jax", "--ops", "conv*"]) == code
    (order,) = orders
    assert order.backends == ("torch", "jax") and order.operations == ("conv*",)
    said = capsys.readouterr()
    assert "3 networks were compared in 1.5 minutes" in said.out
    assert ("found/1-2-hung-jax: hung jax 120, 1 networks" in said.out) == bool(failed)
    assert ("it hangs" in said.err) == bool(failed)
    assert command.FOUND == 1
