"""The words of the row ``wordcount-online``, sent at a steady rate by a Java program."""

import random
import string
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from benchmarks.processes import Bench
from benchmarks.topic_to_topic.java_peers import java_peer

_WORDS, _LENGTH, _SEED = 5000, 7, 1
_LATE_SECONDS = 60.0
_STOP_SECONDS = 10


class Sent(NamedTuple):
    """What the generator has sent at one rate: offsets, the rate that it held, and its last word.

    Attributes:
        first: the offset of the first word.
        end: the offset after the last one.
        held: words per second, until the last one was acknowledged.
        late: by how many milliseconds a word was sent too late at most.
        word: the last word.
        ordinal: how often that word has been sent so far.
    """

    first: int
    end: int
    held: float
    late: float
    word: bytes
    ordinal: int


def dictionary() -> list[str]:
    """Return the words: 5,000 times seven random letters, the same in each run."""
    chosen = random.Random(_SEED)
    return ["".join(chosen.choice(string.ascii_lowercase) for _ in range(_LENGTH)) for _ in range(_WORDS)]


class Generator:
    """The running program. It sends nothing until it is told."""

    def __init__(self, bench: Bench, servers: str, topic: str) -> None:
        self._words = bench.folder / "words"
        self._words.write_text("\n".join(dictionary()), "utf-8")
        self._command = [*java_peer(bench, "SteadyWords"), servers, topic, str(self._words)]

    def __enter__(self) -> Self:
        self._errors = Path(f"{self._words}.errors").open("wb")  # closed in __exit__
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        self._answer(_LATE_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._errors.close()

    def hold(self, rate: int, seconds: float) -> Sent:
        """Send words at a rate for some seconds, and wait until the last one has been acknowledged.

        Raises:
            RuntimeError: the program has ended, or takes a minute longer.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(f"{rate} {seconds}\n")
        self._process.stdin.flush()
        first, end, taken, late, word, ordinal = self._answer(seconds + _LATE_SECONDS).split()
        sent = int(end) - int(first)
        return Sent(int(first), int(end), sent / float(taken), float(late), word.encode(), int(ordinal))

    def _answer(self, bound: float) -> str:
        assert self._process.stdout is not None
        killer = threading.Timer(bound, self._process.kill)
        killer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            killer.cancel()
        if not line:
            errors = Path(self._errors.name).read_text("utf-8", "replace")[-1000:].strip()
            raise RuntimeError(f"the generator has ended or was too slow: {errors}")
        return line
