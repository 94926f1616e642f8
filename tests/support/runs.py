"""`resdsl train` in processes of its own, and whether two runs are the same run.

The backend `numpy` of `tests/training/backend` is on their path: softmax regression, which starts
in no time.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from resdsl.weights import read_weights

ROOT = Path(__file__).resolve().parent.parent.parent
TRAINING = ROOT / "tests" / "training"
TINY = TRAINING / "tiny.res"


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), str(TRAINING / "backend")])
    return {**os.environ, "PYTHONPATH": path, **more}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "resdsl", "train", *map(str, arguments)]


def train(*arguments: object, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    """The command with an exit code; keywords are environment variables."""
    done = subprocess.run(
        command(*arguments), env=environment(**more), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


#: What differs between two runs of the same.
TIME = ("seconds", "images_per_second", "time")


def log(folder: Path, *events: str) -> list[dict[str, Any]]:
    """Lines of a backend's log, of these events if some are named; none unfinished."""
    lines = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    return [line for line in lines if not events or line["event"] in events]


def figures(folder: Path) -> list[dict[str, Any]]:
    """What was trained and tested, without the time it took."""
    return [
        {key: value for key, value in line.items() if key not in TIME}
        for line in log(folder, "train", "test")
    ]


def table(folder: Path) -> list[list[str]]:
    """`metrics.csv` without its speeds."""
    rows = [line.split(",") for line in (folder / "metrics.csv").read_text().splitlines()]
    place = rows[0].index("images_per_second")
    return [row[:place] + row[place + 1 :] for row in rows]


def checkpoints(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "checkpoints").iterdir())


def state(folder: Path, name: str = "") -> dict[str, np.ndarray]:
    """Of the newest checkpoint, or of the one of this name."""
    numbered = sorted((folder / "checkpoints").glob("step-*.safetensors"))
    return read_weights(folder / "checkpoints" / name if name else numbered[-1])


def assert_same_state(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    """Bit by bit."""
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype
        assert array.tobytes() == other[name].tobytes(), name


def assert_same_run(one: Path, other: Path) -> None:
    """The folders of two backends hold the same run."""
    assert figures(one) == figures(other)
    assert table(one) == table(other)
    assert checkpoints(one) == checkpoints(other)
    for name in checkpoints(one):
        assert_same_state(state(one, name), state(other, name))


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard shows of a folder, by tag: a later start takes back what is behind it."""
    from tensorboardX.proto.event_pb2 import Event, SessionLog

    found: dict[str, list[tuple[int, float]]] = {}
    for path in sorted(folder.glob("events.out.tfevents.*")):
        content, place = path.read_bytes(), 0
        # A record: its length, a checksum of that, the event, a checksum of that.
        while place + 12 <= len(content):
            length = int.from_bytes(content[place : place + 8], "little")
            if place + 16 + length > len(content):
                break  # cut off by a kill
            event = Event.FromString(content[place + 12 : place + 12 + length])
            place += 16 + length
            if event.session_log.status == SessionLog.START:
                for values in found.values():
                    values[:] = [value for value in values if value[0] < event.step]
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def read_step(path: Path) -> int:
    """The step of a checkpoint, whose numbers are all finite."""
    held = read_weights(path)
    assert all(np.isfinite(array).all() for array in held.values())
    return int(held["step"])
