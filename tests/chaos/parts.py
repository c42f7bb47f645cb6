"""The parts of a system that count words: they are killed, stopped and started again."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.processes import PATIENCE, command

_FAILED = 1  # with a message; it has given up on another part


class Part:
    """A command that goes on when it is started again."""

    def __init__(self, log: Path, prefix: Sequence[str], name: str, *arguments: str | Path) -> None:
        self._command = [*prefix, command(name), *map(str, arguments)]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it unless it runs. It may have failed with a line that says why, and in no other way."""
        if self._process is not None:
            status = self._process.poll()
            if status is None:
                return
            assert status in {-signal.SIGKILL, _FAILED}, f"status {status}: {self.said}"
            assert "Traceback" not in self.said, self.said
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log
            )

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    @property
    def said(self) -> str:
        """The end of what it has said, over all starts."""
        return self._log.read_text("utf-8", "replace")[-2000:] if self._log.exists() else ""

    def _signal(self, number: int) -> None:
        """Send a signal to the command and its JVM."""
        if self._process is None or self._process.poll() is not None:
            return
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for process in (self._process.pid, *map(int, children)):
            os.kill(process, number)
