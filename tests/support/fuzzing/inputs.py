"""The inputs of the fuzzer by number: the same number, the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.support import programs
from tests.support.fuzzing import corpus, mutations, networks, sentences
from tests.support.fuzzing.corpus import Text


@dataclass(frozen=True)
class Input:
    """What is given to the compiler, and the file that it is taken for."""

    data: bytes
    path: Path

    @property
    def text(self) -> str:
        """The input to be read by people."""
        return self.data.decode("utf-8", "backslashreplace")


def input_of(seed: int) -> Input:
    """The input of a number: a random network, a random sentence, or a text that was changed."""
    pick = Random(seed)
    kind = pick.random()
    if kind < 0.25:
        return _encoded(Text(networks.program(pick)), pick)
    if kind < 0.32:
        return _encoded(Text(sentences.program(pick)), pick)
    start = _start(pick)
    return _encoded(Text(mutations.mutated(start.text, pick), start.path), pick)


def _start(pick: Random) -> Text:
    kind = pick.random()
    if kind < 0.55:
        return corpus.text(pick)
    if kind < 0.85:
        return Text(networks.program(pick))
    return Text(programs.program(pick.randrange(2**32)))


def _encoded(text: Text, pick: Random) -> Input:
    """A text as a file holds it, seldom with bytes that are no text."""
    written = text.text if pick.random() < 0.95 else text.text.replace("\n", "\r\n")
    data = written.encode("utf-8", "surrogatepass")
    if pick.random() < 0.01:
        at = pick.randrange(len(data) + 1)
        data = data[:at] + pick.randbytes(pick.choice([1, 2, 5])) + data[at:]
    return Input(data, text.path)
