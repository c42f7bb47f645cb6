"""A clock that can be set, for this process and for the times of files alike."""

import ctypes
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from producer.content import birth_time

_SECOND_NS = 1_000_000_000


class Clock:
    """Shows another time than the machine's own while ``applied``.

    ``set`` is what an administrator does: times that files got before stay as they are. ``wait`` lets time pass.
    """

    def __init__(self) -> None:
        self._settings = [(0, 0)]  # since when, in the machine's own time, and by how much, in nanoseconds
        self._waited = 0.0
        self._time_ns, self._monotonic = time.time_ns, time.monotonic
        self._patch = pytest.MonkeyPatch()

    def set(self, seconds: float) -> None:
        """Set the clock forward, or back, by so many seconds."""
        self._shift(seconds)
        with tempfile.TemporaryFile() as probe:  # the clock of files ticks every few milliseconds
            while os.fstat(probe.fileno()).st_ctime_ns <= self._settings[-1][0]:
                os.utime(probe.fileno())

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self._waited += seconds
        self._shift(seconds)

    def _shift(self, seconds: float) -> None:
        self._settings.append((self._time_ns(), self._settings[-1][1] + int(seconds * _SECOND_NS)))

    def shown(self, real_ns: int) -> int:
        """Return what this clock showed at a time of the machine's own."""
        return real_ns + next(by for since, by in reversed(self._settings) if since <= real_ns)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Show this clock to all that runs in the block."""
        self._apply()
        try:
            yield
        finally:
            self._patch.undo()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Show the machine's own time in a block within such a block."""
        self._patch.undo()
        try:
            yield
        finally:
            self._apply()

    def _apply(self) -> None:
        patch = self._patch
        patch.setattr(time, "time_ns", lambda: self.shown(self._time_ns()))
        patch.setattr(time, "time", lambda: self.shown(self._time_ns()) / _SECOND_NS)
        patch.setattr(time, "monotonic", lambda: self._monotonic() + self._waited)
        if len(self._settings) > 1:
            for name in ("stat", "fstat"):
                patch.setattr(os, name, self._with_shown_times(getattr(os, name)))
            patch.setattr(os, "scandir", self._scandir(os.scandir))
            patch.setattr(birth_time, "statx", self._statx(birth_time.statx))

    def _with_shown_times(self, stat: Any) -> Any:
        def shown(*args: Any, **options: Any) -> os.stat_result:
            status = stat(*args, **options)
            changed = self.shown(status.st_ctime_ns)
            written = self.shown(min(status.st_mtime_ns, status.st_ctime_ns))
            ahead = max(0, status.st_mtime_ns - status.st_ctime_ns)  # it was set to a time in the future
            times = {"st_mtime_ns": written + ahead, "st_ctime_ns": changed}
            times |= {name.removesuffix("_ns"): value / _SECOND_NS for name, value in times.items()}
            return os.stat_result(status, times)

        return shown

    def _scandir(self, scandir: Any) -> Any:
        @contextmanager
        def entries(*args: Any) -> Iterator[Iterator[_Entry]]:
            with scandir(*args) as listing:
                yield (_Entry(entry, self) for entry in listing)

        return entries

    def _statx(self, statx: Any) -> Any:
        def shown(*args: Any) -> int:
            answer: int = statx(*args)
            result = args[-1]._obj  # what ctypes.byref was called with
            seconds, nanoseconds = divmod(self.shown(result.seconds * _SECOND_NS + result.nanoseconds), _SECOND_NS)
            result.seconds, result.nanoseconds = ctypes.c_int64(seconds), ctypes.c_uint32(nanoseconds)
            return answer

        return shown


class _Entry:
    """An entry of a folder, with the times as a clock shows them."""

    def __init__(self, entry: os.DirEntry[str], clock: Clock) -> None:
        self._entry = entry
        self.stat = clock._with_shown_times(entry.stat)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._entry, name)
