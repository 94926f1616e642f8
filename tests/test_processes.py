"""Worker processes: what they say is heard, and they end when they are to."""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from resdsl.processes.pool import Ending, Job, Pool

WORKERS = {
    "talks": "channel.phase('one'); print('a framework says this'); channel.say(a=1)",
    "stops": "channel.say(ready=1); listen_for_stop().wait(60); channel.say(stopped=1)",
    "fails": "sys.stderr.write('one\\n\\ntwo\\n'); sys.exit(7)",
    "pairs": "rank = os.environ['RANK']; channel.say(rank=rank); channel.say(diagnostic=rank)",
    "parts": "rank = int(os.environ['RANK']); time.sleep(0 if rank else 60); sys.exit(rank)",
    "hangs": "channel.say(ready=1); time.sleep(60)",
}


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    head = (
        "import os, sys, time\n"
        "from resdsl.processes.channel import Channel, listen_for_stop, own_output\n"
        "channel = Channel(own_output())\n"
    )
    for name, body in WORKERS.items():
        (tmp_path / f"worker_{name}.py").write_text(head + body + "\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def jobs(folder: Path, *names: str) -> list[Job]:
    return [Job(name, f"worker_{name}", folder / "plan.json") for name in names]


class Heard:
    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, message: dict[str, Any]) -> None:
        self.messages.append((name, message))

    def wait_for(self, key: str) -> None:
        deadline = time.monotonic() + 60
        while not any(key in message for _, message in self.messages):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_worker_is_heard(modules: Path) -> None:
    heard = Heard()
    with Pool(jobs(modules, "talks"), 1, heard) as pool:
        assert pool.join() == {"talks": Ending(0, ("a framework says this",))}
    said = [{"phase": "starting"}, {"phase": "one"}, {"a": 1}, {"ended": 0}]
    assert [message for _, message in heard.messages] == said


def test_the_last_words_of_a_failure(modules: Path) -> None:
    with Pool(jobs(modules, "fails", "talks"), 2, Heard()) as pool:
        endings = pool.join()
    assert endings["fails"] == Ending(7, ("one", "two"))
    assert endings["fails"].how == "failed with status 7" and endings["talks"].status == 0


def test_workers_are_asked_to_stop_and_no_more_are_started(modules: Path) -> None:
    heard = Heard()
    with Pool(jobs(modules, "stops", "hangs"), 1, heard) as pool:
        heard.wait_for("ready")
        pool.stop()
        assert pool.join() == {"stops": Ending(0)}
    assert ("stops", {"stopped": 1}) in heard.messages


def test_a_worker_stops_when_its_parent_is_gone(modules: Path) -> None:
    """The pipe to it closes."""
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-m", "worker_stops"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": f"{modules}:{Path(__file__).parent.parent}"},
    )
    out, _ = process.communicate(timeout=60)
    assert out.splitlines() == ['{"ready": 1}', '{"stopped": 1}']


def both(folder: Path, name: str) -> list[Job]:
    """A job of two processes."""
    environments = ({"RANK": "0"}, {"RANK": "1"})
    return [Job(name, f"worker_{name}", folder / "plan.json", (), environments)]


def test_of_several_processes_the_first_is_heard(modules: Path) -> None:
    """Of the others what is wrong with them."""
    heard = Heard()
    with Pool(both(modules, "pairs"), 1, heard) as pool:
        assert pool.join() == {"pairs": Ending(0, (), 0)}
    said = [message for _, message in heard.messages]
    assert [message["rank"] for message in said if "rank" in message] == ["0"]
    assert {message["diagnostic"] for message in said if "diagnostic" in message} == {"0", "1"}


def test_one_that_fails_ends_the_others(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the one that is named, and not one that was ended for it."""
    monkeypatch.setattr("resdsl.processes.pool.GRACE", 0.2)
    started = time.monotonic()
    with Pool(both(modules, "parts"), 1, Heard()) as pool:
        assert pool.join() == {"parts": Ending(1, (), 1)}
    assert time.monotonic() - started < 50


def test_nothing_runs_on(modules: Path) -> None:
    heard = Heard()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Pool(jobs(modules, "hangs"), 1, heard):
        heard.wait_for("ready")
        raise KeyboardInterrupt
    assert time.monotonic() - started < 50
    assert heard.messages[-1] == ("hangs", {"ended": -9})
    assert Ending(-9).how == "was ended by signal 9"
