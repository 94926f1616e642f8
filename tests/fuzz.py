"""Random files through the whole compiler: `make fuzz`, or `python tests/fuzz.py --count 100000`.

Whatever stands in a file, it compiles or says why, soon, and in little memory. Each failure is made
small and printed with the number of its input; of one kind, only the first. Exits with 1 if there
is one. `--show N` prints an input, `--start N` begins with it.
"""

from __future__ import annotations

import argparse
import gc
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.fuzzing.inputs import Input, input_of
from tests.support.fuzzing.judge import Verdict, judge
from tests.support.fuzzing.shrink import shrunk


@dataclass
class Findings:
    """What has been found so far."""

    outcomes: Counter[str] = field(default_factory=Counter)
    #: The input that took longest.
    slowest: int = 0
    seconds: float = 0.0
    #: The inputs' processor time, without what making them took.
    total: float = 0.0

    def add(self, seed: int, verdict: Verdict) -> None:
        self.outcomes[verdict.outcome] += 1
        self.total += verdict.seconds
        if verdict.seconds > self.seconds:
            self.slowest, self.seconds = seed, verdict.seconds

    def summary(self) -> str:
        """A line on the inputs so far."""
        count = sum(self.outcomes.values())
        compiled, refused = self.outcomes["compiled"], self.outcomes["refused"]
        failed = count - compiled - refused
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return (
            f"{count:,} inputs: {compiled:,} compiled, {refused:,} refused, {failed:,} failed; "
            f"{count / max(self.total, 1e-9):,.0f} a second of processor time; the slowest, "
            f"{self.slowest}, took {self.seconds:.2f} s; at most {peak:,.0f} MiB"
        )


def report(seed: int, verdict: Verdict) -> None:
    """Print a failure, with the shortest input that fails in the same way."""
    given = input_of(seed)

    def fails(text: str) -> bool:
        data = text.encode("utf-8", "surrogatepass")
        return judge(Input(data, given.path), seed).outcome == verdict.outcome

    print(f"\n---- input {seed}: {verdict.outcome}, {verdict.seconds:.2f} s\n{verdict.details}")
    text = given.data.decode("utf-8", "replace")
    # What takes long once takes long each time.
    print(shrunk(text, fails, tries=1500 if verdict.seconds < 1 else 30), flush=True)


def run(start: int, count: int) -> Findings:
    """Judge `count` inputs from number `start` on."""
    findings, told = Findings(), time.monotonic()
    for seed in range(start, start + count):
        verdict = judge(input_of(seed), seed)
        findings.add(seed, verdict)
        if verdict.is_failure and findings.outcomes[verdict.outcome] == 1:
            report(seed, verdict)
        if time.monotonic() - told > 30:
            told = time.monotonic()
            print(findings.summary(), file=sys.stderr, flush=True)
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=10_000, help="how many inputs")
    parser.add_argument("--start", type=int, default=0, help="the number of the first")
    parser.add_argument("--show", type=int, help="print one input, and what becomes of it")
    given = parser.parse_args()
    if given.show is not None:
        print(input_of(given.show).text)
        verdict = judge(input_of(given.show), given.show)
        print(f"# {verdict.outcome}, {verdict.seconds:.2f} s\n{verdict.details}")
        return int(verdict.is_failure)
    # What is loaded once stays: looking through it again and again takes a fifth of the time.
    gc.freeze()
    findings = run(given.start, given.count)
    print(findings.summary())
    for outcome, count in findings.outcomes.most_common():
        print(f"{count:9,}  {outcome}")
    return int(any(o not in ("compiled", "refused") for o in findings.outcomes))


if __name__ == "__main__":
    sys.exit(main())
