"""Kill a training run at random moments, resume it each time, and compare it with one left alone.

`make kill-test` runs it; not a test of the suite, since it takes minutes. Every other kill meets a
checkpoint that is being written. At the end log, weights and momentum must be those of the run that
was left alone, bit by bit.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))

from kills import kills
from runs import ROOT, assert_same_run, log, train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", default=f"{ROOT}/examples/resnet_cifar.res:cifar")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="resdsl-kills-") as folder:
        compare(options, Path(folder))


def compare(options: argparse.Namespace, folder: Path) -> None:
    new = (
        *(options.target, "--backend", options.backend, "--set", "depth=8", "--input", "3x16x16"),
        *("--set", "data.batch=32", "--set", "schedule.epochs=3", "--threads", "1"),
        *("--checkpoint-every", "5", "--log-every", "3"),
    )
    train(*new, "-o", folder / "alone")
    seconds = log(folder / "alone" / options.backend, "test")[-1]["seconds"]
    print(f"left alone: {seconds:.0f} s of training")
    met = 0
    pause = 2 * seconds / options.kills
    for kill in kills(folder / "killed", new, options.kills, pause, options.seed):
        met += 1
        where = "while it wrote a checkpoint" if kill.in_write else "at work"
        print(f"kill {met}: step {kill.step}, {where}")
    done = train("--resume", folder / "killed")
    warnings = done.stderr.count("warning[")
    assert_same_run(folder / "killed" / options.backend, folder / "alone" / options.backend)
    print(f"{met} kills, {warnings} warnings: log, weights and momentum are the same bit by bit")
    assert met == options.kills, "the run came to its end before all kills"


if __name__ == "__main__":
    main()
