"""Whatever stands in a file, it compiles or says why, soon, and in little memory.

The inputs are the same every time. Of more, or to see one, run `make fuzz` or
`python tests/fuzz.py --show 39`.
"""

import time

import pytest

from tests.support.fuzzing import judge
from tests.support.fuzzing.inputs import Input, input_of
from tests.support.fuzzing.shrink import shrunk

INPUTS = 1500


def test_no_input_ends_badly() -> None:
    outcomes = []
    for seed in range(INPUTS):
        verdict = judge.judge(input_of(seed), seed)
        assert not verdict.is_failure, f"input {seed}: {verdict.outcome}\n{verdict.details}"
        outcomes.append(verdict.outcome)
    # Were nearly all refused by the parser, the passes would not be tried.
    assert INPUTS // 10 < outcomes.count("compiled") < INPUTS * 9 // 10


def test_an_input_is_the_same_every_time() -> None:
    assert [input_of(n) for n in range(40)] == [input_of(n) for n in range(40)]


def test_a_failure_is_told_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def check_source(source: object) -> None:
        if "relu" in getattr(source, "text", ""):
            raise KeyError("relu")
        raise SyntaxError

    monkeypatch.setattr(judge, "check_source", check_source)
    text = "model net {\n    input(3)\n    tanh; relu\n}\nlet a = 3\n"
    verdict = judge.judge(Input(text.encode(), input_of(0).path))
    assert verdict.is_failure and verdict.outcome.startswith("KeyError")

    def fails(changed: str) -> bool:
        return judge.judge(Input(changed.encode(), input_of(0).path)).outcome == verdict.outcome

    assert shrunk(text, fails) == "relu"


@pytest.mark.parametrize(
    ("what", "outcome"), [("while True: pass", "TooLong"), ("b'0' * 2**33", "MemoryError")]
)
def test_time_and_memory_have_an_end(
    monkeypatch: pytest.MonkeyPatch, what: str, outcome: str
) -> None:
    monkeypatch.setattr(judge, "SECONDS", 0.1)
    monkeypatch.setattr(judge, "check_source", lambda source: exec(what))
    start = time.process_time()
    assert judge.judge(input_of(0)).outcome.startswith(outcome)
    assert time.process_time() - start < 5
