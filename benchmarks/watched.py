"""What counts a folder or a log as it grows, and when the counts of words come out of it."""

import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.processes import Bench, last_words, started, wordcount


class Watched:
    """A running command that prints ``word: count``, whose standard output is read as it comes.

    Args:
        bench: where to run it.
        source: what it counts.
        options: of ``wordcount stream``.
        command: is run instead.
    """

    def __init__(self, bench: Bench, source: Path, *options: str | Path, command: Sequence[str] | None = None) -> None:
        self._bench = bench
        self._source = source
        self._command = command or wordcount("stream", source, *options)
        self._stack = ExitStack()
        self._awaited: set[bytes] = set()
        self._came = threading.Event()
        self._came_at = 0.0
        self._dropped = 0

    def __enter__(self) -> Self:
        self.process: subprocess.Popen[bytes] = self._stack.enter_context(
            started(self._bench, self._command, subprocess.PIPE)
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def expect(self, words: Iterable[str]) -> None:
        """Say which words are going to be counted."""
        self._came.clear()
        self._awaited = {word.encode() for word in words}

    def wait(self, bound: float) -> None:
        """Wait until all words that were expected have come, each with its count.

        Raises:
            RuntimeError: they did not come within ``bound`` seconds.
        """
        if not self._came.wait(bound):
            raise RuntimeError(
                f"{len(self._awaited)} words did not come within {bound:.0f} s: {last_words(self._bench)}"
            )

    def drop(self, text: str, words: Iterable[str], bound: float) -> float:
        """Move a file of ``text`` into the folder and return how many seconds it takes for ``words`` to come."""
        self._dropped += 1
        file = self._bench.folder / "dropped"
        file.write_text(text, "utf-8")
        self.expect(words)
        moved_at = time.perf_counter()
        file.rename(self._source / f"dropped-{self._dropped:06d}.txt")
        self.wait(bound)
        return self._came_at - moved_at

    def append(self, log: Path, text: str, words: Iterable[str], bound: float) -> float:
        """Append ``text`` to a log and return how many seconds it takes for ``words`` to come."""
        self.expect(words)
        appended_at = time.perf_counter()
        with log.open("a", encoding="utf-8") as file:
            file.write(text)
        self.wait(bound)
        return self._came_at - appended_at

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._awaited.discard(line.rpartition(b": ")[0])
            if not self._awaited and not self._came.is_set():
                self._came_at = time.perf_counter()
                self._came.set()
