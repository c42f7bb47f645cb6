"""A terminal of a given size, whose cells a test can read."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from tests.support.processes import PATIENCE


class Terminal:
    """A command in a terminal of its own, with these variables in its environment."""

    def __init__(self, columns: int, rows: int, *arguments: str | Path, **variables: str) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=5000)
        self._stream = pyte.ByteStream(self.screen)
        self._main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.raw = b""
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *map(str, arguments)],  # in the foreground there, which keys need
            stdin=other,
            stdout=other,
            stderr=other,
            env={**os.environ, "TERM": "xterm-256color", **variables},
        )
        self._other = other  # kept, so that its size can be changed
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=PATIENCE)
        os.close(self._other)
        self._reader.join(timeout=PATIENCE)
        os.close(self._main)

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._main, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self._other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, as it does for a shell."""
        return bool(termios.tcgetattr(self._other)[3] & termios.ECHO)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display if line.strip()]

    def shows(self, *parts: str) -> bool:
        return any(all(part in line for part in parts) for line in self.lines)

    def says(self, message: str) -> bool:
        """Tell whether a message is there, which may go on in the next line."""
        return message in "".join(self.screen.display)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._main, 65536)
            except OSError:  # Linux's word for the end of a terminal
                return
            if not data:
                return
            self.raw += data
            self._stream.feed(data)
