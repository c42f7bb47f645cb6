"""The commands, started as a user starts them, and waited for with a bound."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.reference import parsed

PATIENCE = 120.0  # seconds; a bound for a hung process, not a measure of a slow one
_SCRIPTS = Path(sys.executable).parent


def command(name: str) -> str:
    """Return the console script as it was installed."""
    return str(_SCRIPTS / name)


def _found(name: str) -> str:
    script = command(name)
    return script if Path(script).exists() else name


def run(
    *arguments: str | Path,
    name: str = "wordcount",
    env: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
    stdin: bytes | None = None,
    cwd: Path | None = None,
    patience: float = PATIENCE,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, for at most ``patience`` seconds."""
    result = subprocess.run(
        [*prefix, _found(name), *map(str, arguments)],
        env={**os.environ, **(env or {})},
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        timeout=patience,
        check=False,
        cwd=cwd,
    )
    out, err = result.stdout.decode("utf-8"), result.stderr.decode("utf-8")
    return subprocess.CompletedProcess(result.args, result.returncode, out, err)


def wait_until(condition: Callable[[], bool], what: str, patience: float = PATIENCE, pause: float = 0.01) -> None:
    """Check a condition every ``pause`` seconds until it holds; after ``patience`` seconds fail, naming ``what``."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain for {what}")
        time.sleep(pause)


class Stream:
    """A running ``wordcount stream``; it collects the counts it prints."""

    def __init__(
        self,
        *arguments: str | Path,
        prefix: Sequence[str] = (),
        program: Sequence[str] = (command("wordcount"),),
        env: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        self.process = subprocess.Popen(
            [*prefix, *program, "stream", *map(str, arguments)],
            env={**os.environ, **(env or {})},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.counts: dict[str, int] = {}
        self.messages: list[str] = []
        self._readers = [threading.Thread(target=self._read_counts), threading.Thread(target=self._read_messages)]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self._join()

    def wait_for(self, **expected: int) -> None:
        """Wait until these words have these counts."""
        self.wait_for_counts(expected)

    def wait_for_counts(self, expected: Mapping[str, int]) -> None:
        """Wait until these words have these counts."""

        def reached() -> bool:
            assert self.process.poll() is None, f"the stream ended: {self.messages}"
            return all(self.counts.get(word) == count for word, count in expected.items())

        try:
            wait_until(reached, "counts")
        except AssertionError as error:
            seen = {word: self.counts.get(word) for word in expected if self.counts.get(word) != expected[word]}
            raise AssertionError(f"{error}: {list(seen.items())[:5]}; messages: {self.messages[-5:]}") from None

    def wait_for_message(self, *parts: str) -> None:
        """Wait until one message on stderr holds all of these."""
        wait_until(lambda: any(all(part in line for part in parts) for line in self.messages), f"a message {parts}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop the stream as a user does, and return its exit status."""
        self.process.send_signal(number)
        status = self.process.wait(timeout=PATIENCE)
        self._join()
        return status

    def kill(self) -> None:
        """Kill the stream outright."""
        self.process.kill()
        self.process.wait(timeout=PATIENCE)
        self._join()

    def _join(self) -> None:
        self.process.wait(timeout=PATIENCE)
        for reader in self._readers:
            reader.join(timeout=PATIENCE)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def _read_counts(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.counts.update(parsed([line.decode("utf-8").removesuffix("\n")]))

    def _read_messages(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.messages.append(line.decode("utf-8").rstrip("\n"))


def unprivileged() -> list[str]:
    """Return a prefix under which even root is held to the permissions of files; for others none is needed."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
