"""A command that counts a folder or a log as it grows, and the time until a word's count comes out of it."""

import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.processes import Bench, error_tail, started, wordcount


class Watched:
    """A running command that prints ``word: count``. Its standard output is read as it comes.

    Args:
        bench: where to run it.
        source: the folder or log that it counts.
        options: options of ``wordcount stream``.
        command: a command to run instead of ``wordcount stream``.
    """

    def __init__(self, bench: Bench, source: Path, *options: str | Path, command: Sequence[str] | None = None) -> None:
        self._bench = bench
        self._source = source
        self._command = command or wordcount("stream", source, *options)
        self._stack = ExitStack()
        self._awaited: set[bytes] = set()
        self._arrived = threading.Event()
        self._arrived_at = 0.0
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
        """Begin to watch for the counts of these words."""
        self._arrived.clear()
        self._awaited = {word.encode() for word in words}

    def wait(self, bound: float) -> None:
        """Wait until the counts of all expected words have come.

        Raises:
            RuntimeError: they did not come within ``bound`` seconds.
        """
        if not self._arrived.wait(bound):
            raise RuntimeError(
                f"{len(self._awaited)} words did not come within {bound:.0f} s: {error_tail(self._bench)}"
            )

    def drop(self, text: str, words: Iterable[str], bound: float) -> float:
        """Move a file of ``text`` into the folder, and return the seconds until the counts of ``words`` come."""
        self._dropped += 1
        file = self._bench.folder / "dropped"
        file.write_text(text, "utf-8")
        self.expect(words)
        moved_at = time.perf_counter()
        file.rename(self._source / f"dropped-{self._dropped:06d}.txt")
        self.wait(bound)
        return self._arrived_at - moved_at

    def append(self, log: Path, text: str, words: Iterable[str], bound: float) -> float:
        """Append ``text`` to a log, and return the seconds until the counts of ``words`` come."""
        self.expect(words)
        appended_at = time.perf_counter()
        with log.open("a", encoding="utf-8") as file:
            file.write(text)
        self.wait(bound)
        return self._arrived_at - appended_at

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._awaited.discard(line.rpartition(b": ")[0])
            if not self._awaited and not self._arrived.is_set():
                self._arrived_at = time.perf_counter()
                self._arrived.set()
