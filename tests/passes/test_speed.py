"""Checking takes as long as the file is: ten times the lines, ten times the time.

Ratios of processor times on the same machine, with room for a busy one: what is squared in the
length would be over the bound by far.
"""

import time
from collections.abc import Callable

import pytest

from resdsl.diagnostics import Source
from resdsl.passes.check import check_source
from resdsl.syntax.formatter import format_source
from tests.support.long_files import many_definitions, one_body, one_list

SHORT, LONG = 300, 3000
ROOM = 3


def check(text: str) -> None:
    assert check_source(Source("long.res", text)).diagnostics == []


def layout(text: str) -> None:
    format_source(Source("long.res", text))


def seconds(work: Callable[[str], None], text: str, rounds: int) -> float:
    def once() -> float:
        started = time.process_time()
        work(text)
        return time.process_time() - started

    return min(once() for _ in range(rounds))


@pytest.mark.parametrize("work", [check, layout])
@pytest.mark.parametrize("written", [many_definitions, one_body, one_list])
def test_time_grows_with_the_length(
    work: Callable[[str], None], written: Callable[[int], str]
) -> None:
    short, long = written(SHORT), written(LONG)
    ratio = len(long) / len(short)
    once = seconds(work, short, 3)
    assert seconds(work, long, 2) < ROOM * ratio * once
