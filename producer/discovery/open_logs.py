"""Logs that are kept open, so that what is written to them is read also after they were renamed or deleted."""

import errno
import fcntl
import os
import resource
import stat
import time
from contextlib import suppress
from dataclasses import dataclass

from producer.discovery.found_file import FoundFile
from producer.log_names import family

_Key = tuple[int, int]  # device and inode

#: A log that has lost its name is read on until nothing came for so long, as who writes to it may not know yet.
NAMELESS_SECONDS = 600.0
#: So much of the time between two looks counts for that: of the rest we know only that nobody looked, as when we were
#: stopped, and who writes may have been stopped with us.
LONGEST_GAP_SECONDS = 10.0
#: Of those of one log that were deleted, and rested for so long, so many are kept open, which changed last: they take
#: room on the disk until they are closed, and nobody is to be expected to write to one that so many came after.
DELETED_SECONDS = 60.0
MOST_DELETED = 8
#: No more logs are kept open, even where more files may be.
MOST_OPEN = 4096
#: So many of the files that may be open are left for other things, or half of them.
SPARE_FILES = 256
#: The first number that select() does not take.
LOWEST_DESCRIPTOR = 1024
#: Asking all of them whether they changed may take this share of one core.
SCAN_SHARE = 0.02


def allow_open_files() -> None:
    """Let this process have as many files open as it may.

    What is usual, 1,024, is low for the sake of select(), which takes no higher numbers: ``_opened`` leaves it the low
    ones. Many logs that are each kept open need more.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # macOS says that there is no limit, and has one
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@dataclass
class _Log:
    descriptor: int
    file: FoundFile  # as it was last found
    since: float  # when it was last seen to have its name or to change, by the seconds of looking


class OpenFileBudget:
    """How many logs may be kept open, of all that are followed together."""

    def __init__(self) -> None:
        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if allowed == resource.RLIM_INFINITY:
            allowed = MOST_OPEN + SPARE_FILES
        self.most = min(MOST_OPEN, max(allowed - SPARE_FILES, allowed // 2))
        self.taken: list[dict[_Key, _Log]] = []
        self._closed: list[FoundFile] = []
        self._least_ns = 0  # none of them changed before

    @property
    def free(self) -> bool:
        """Whether one more may be opened."""
        return sum(map(len, self.taken)) < self.most

    def make(self, mtime_ns: int) -> bool:
        """Close one that changed before this time, in nanoseconds; tell whether there was one."""
        if mtime_ns <= self._least_ns:
            return False
        oldest, logs, key = min(
            ((log.file.mtime_ns, logs, key) for logs in self.taken for key, log in logs.items()),
            key=lambda one: one[0],
        )
        self._least_ns = oldest
        if mtime_ns <= oldest:
            return False
        log = logs.pop(key)
        os.close(log.descriptor)
        self._closed.append(log.file)
        return True

    def let_go(self, found: dict[_Key, FoundFile]) -> None:
        """Have those that were closed for others, since the last call, read by their paths among those ``found``."""
        for file in self._closed:
            found[file.key] = found.get(file.key, file._replace(skip_existing=False))._replace(descriptor=None)
        self._closed.clear()


class OpenLogs:
    """The logs that are kept open.

    Args:
        room: how many may be, which others share.
        live: a last line is waited for as long as its log has the name.
    """

    def __init__(self, room: OpenFileBudget, *, live: bool) -> None:
        self._room = room
        self._live = live
        self._logs: dict[_Key, _Log] = {}
        room.taken.append(self._logs)
        self._seconds = 0.0  # of looking
        self._looked = time.monotonic()
        self._next = 0.0
        self.rotated = False  #: a log has lost its name, or what it held, when they were last looked at

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._logs)

    def was_own(self, file: FoundFile) -> bool:
        """Tell whether a file was found to be a log itself when it was last found under the same path."""
        log = self._logs.get(file.key)
        return log is not None and log.file.is_current and log.file.real == file.real

    def hold(self, file: FoundFile) -> bool:
        """Keep a log open, where there are too many in the place of one that changed earlier.

        Returns:
            Whether there was room for it beside the others.
        """
        if file.key in self._logs:
            return True
        free = self._room.free
        if not (free or self._room.make(file.mtime_ns)):
            return False
        try:
            descriptor = _opened(file.path)
        except OSError as error:  # of others reading it tells
            return free and error.errno not in {errno.EMFILE, errno.ENFILE}
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) == file.key and stat.S_ISREG(status.st_mode):
            self._logs[file.key] = _Log(descriptor, file, self._seconds)
        else:  # another took its place
            os.close(descriptor)
        return free

    def scan(self, found: dict[_Key, FoundFile], changed: set[_Key], *, full: bool) -> None:
        """Put each as it is now among those ``found``; close those that are not written to any more.

        Without ``full`` only those that may have ``changed`` are looked at, but for as often as the share of a core
        allows to look at all.
        """
        started = time.monotonic()
        self._seconds += min(started - self._looked, LONGEST_GAP_SECONDS)
        self._looked = started
        self.rotated = False
        if not full and started < self._next:
            for key in self._logs.keys() & changed:
                self._look_at(key, found)
            return
        deleted: dict[str, list[_Key]] = {}
        for key in list(self._logs):
            if self._look_at(key, found) and self._seconds - self._logs[key].since > DELETED_SECONDS:
                deleted.setdefault(family(found[key].real), []).append(key)
        for keys in deleted.values():
            for key in sorted(keys, key=lambda key: found[key].mtime_ns, reverse=True)[MOST_DELETED:]:
                self._drop(key)
                del found[key]
        self._next = started + (time.monotonic() - started) / SCAN_SHARE

    def close(self) -> None:
        """Keep none open any more."""
        for key in list(self._logs):
            self._drop(key)

    def _look_at(self, key: _Key, found: dict[_Key, FoundFile]) -> bool:
        """Look at one; tell whether it is still kept open, and was deleted."""
        log = self._logs[key]
        status = os.fstat(log.descriptor)
        known = found.get(key, log.file)
        own = known.is_current and _is_at(known.path, key)
        file = FoundFile.from_status(known.path, known.real, status)._replace(
            descriptor=log.descriptor,
            is_log=True,
            is_current=own,
            is_live=own and self._live,
            skip_existing=known.skip_existing and key in found,
        )
        self.rotated = self.rotated or (log.file.is_current and not own) or file.size < log.file.size
        if own or (file.size, file.mtime_ns) != (log.file.size, log.file.mtime_ns):
            log.since = self._seconds
        elif self._seconds - log.since > NAMELESS_SECONDS:
            self._drop(key)
            return False
        log.file = found[key] = file
        return status.st_nlink == 0

    def _drop(self, key: _Key) -> None:
        os.close(self._logs.pop(key).descriptor)


def _is_at(path: str, key: _Key) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == key


def _opened(path: str) -> int:
    """Open a log with a number that is of no use to select(), which py4j asks for Spark, and others for the keys."""
    low = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR)
    except OSError:  # there are no such numbers, and few logs are kept open
        return os.dup(low)
    finally:
        os.close(low)
