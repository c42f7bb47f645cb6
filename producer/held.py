"""Logs that are kept open, so that what is written to them is read also after they were renamed or deleted."""

import os
import stat
import time
from contextlib import suppress
from dataclasses import dataclass

from producer.folder import FoundFile

_Key = tuple[int, int]  # device and inode

#: A log that has lost its name is read on until nothing came for so long, as who writes to it may not know yet.
NAMELESS_SECONDS = 600.0
#: So much of the time between two looks counts for that: of the rest we know only that nobody looked, as when we were
#: stopped, and who writes may have been stopped with us.
_GAP_SECONDS = 10.0
#: So many logs are kept open under one pattern, those that changed last.
KEPT_OPEN = 256


@dataclass
class _Log:
    descriptor: int
    file: FoundFile  # as it was last found
    since: float  # when it was last seen to have its name or to change, by the seconds of looking


class Held:
    """The logs that are kept open.

    Args:
        live: a last line is waited for as long as its log has the name.
    """

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._logs: dict[_Key, _Log] = {}
        self._least_ns = 0  # none of them changed before
        self._seconds = 0.0  # of looking
        self._looked = time.monotonic()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._logs)

    def was_own(self, file: FoundFile) -> bool:
        """Tell whether a file was found to be a log itself when it was last found under the same path."""
        log = self._logs.get(file.key)
        return log is not None and log.file.own and log.file.real == file.real

    def hold(self, file: FoundFile) -> bool:
        """Keep a log open, where there are too many in the place of one that changed earlier; tell if there are not."""
        if file.key in self._logs:
            return True
        full = len(self._logs) >= KEPT_OPEN
        if full:
            if file.mtime_ns <= self._least_ns:
                return False
            oldest = min(self._logs, key=lambda key: self._logs[key].file.mtime_ns)
            self._least_ns = self._logs[oldest].file.mtime_ns
            if file.mtime_ns <= self._least_ns:
                return False
            self._drop(oldest)
        with suppress(OSError):  # which reading it tells
            descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            status = os.fstat(descriptor)
            if (status.st_dev, status.st_ino) == file.key and stat.S_ISREG(status.st_mode):
                self._logs[file.key] = _Log(descriptor, file, self._seconds)
            else:  # another took its place
                os.close(descriptor)
        return not full

    def look(self, found: dict[_Key, FoundFile]) -> None:
        """Put each as it is now among those ``found``; close those that are not written to any more."""
        now = time.monotonic()
        self._seconds += min(now - self._looked, _GAP_SECONDS)
        self._looked = now
        for key, log in list(self._logs.items()):
            status = os.fstat(log.descriptor)
            known = found.get(key, log.file)
            own = known.own and _is_at(known.path, key)
            file = FoundFile.of(known.path, known.real, status)._replace(
                descriptor=log.descriptor, log=True, own=own, live=own and self._live, past=known.past and key in found
            )
            if own or (file.size, file.mtime_ns) != (log.file.size, log.file.mtime_ns):
                log.since = self._seconds
            elif self._seconds - log.since > NAMELESS_SECONDS:
                self._drop(key)
                continue
            log.file = found[key] = file

    def close(self) -> None:
        """Keep none open any more."""
        for key in list(self._logs):
            self._drop(key)

    def _drop(self, key: _Key) -> None:
        os.close(self._logs.pop(key).descriptor)


def _is_at(path: str, key: _Key) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == key
