"""Logs that are kept open, so that what is written to them is read even after they are renamed or deleted."""

import errno
import fcntl
import os
import resource
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from producer.discovery.found_file import FileKey, FoundFile, IsDone
from producer.log_names import family

#: Seconds for which a log without a name is read on after its last change, as its writer may not know of the rotation.
NAMELESS_SECONDS = 600.0
#: Of the seconds between two scans at most this many count for that. During a longer gap this process was stopped, and
#: the writer may have been stopped with it.
LONGEST_GAP_SECONDS = 10.0
#: A deleted file uses disk space until it is closed. Of the deleted files of one log that have not changed for this
#: many seconds, only the most recently changed ones are kept open: nothing is expected to write to older ones.
DELETED_SECONDS = 60.0
MOST_DELETED = 8
#: The most logs that are kept open, however many files the system allows.
MOST_OPEN = 4096
#: How many of the allowed open files are left for other uses, or half of them if that is less.
SPARE_FILES = 256
#: The lowest file descriptor that select() does not take.
LOWEST_DESCRIPTOR = 1024
#: The share of one core that checking all open logs for changes may take.
SCAN_SHARE = 0.02


def allow_open_files() -> None:
    """Raise this process's limit of open files to the most that the system allows.

    The usual limit of 1,024 is there for select(), which takes no higher descriptors. Many logs that are each kept open
    need more; ``_open`` leaves the low descriptors to select().
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # macOS reports no limit, and has one
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@dataclass
class _Log:
    descriptor: int
    file: FoundFile  # as the last scan found it
    active_at: float  # when it last had its name or changed, in seconds of scanning


class OpenFileBudget:
    """How many logs may be kept open, shared by all ``OpenLogs`` of one process."""

    def __init__(self) -> None:
        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if allowed == resource.RLIM_INFINITY:
            allowed = MOST_OPEN + SPARE_FILES
        self.most = min(MOST_OPEN, max(allowed - SPARE_FILES, allowed // 2))
        self.tables: list[dict[FileKey, _Log]] = []  #: what each ``OpenLogs`` keeps open
        self._evicted: list[FoundFile] = []
        self._oldest_ns = 0  # no open log changed before

    @property
    def has_room(self) -> bool:
        """Whether one more log may be opened."""
        return sum(map(len, self.tables)) < self.most

    def evict(self, before_ns: int) -> bool:
        """Close the log that changed least recently, if that was before this time; return whether one was closed."""
        if before_ns <= self._oldest_ns:
            return False
        oldest_ns, table, key = min(
            ((log.file.mtime_ns, table, key) for table in self.tables for key, log in table.items()),
            key=lambda one: one[0],
        )
        self._oldest_ns = oldest_ns
        if before_ns <= oldest_ns:
            return False
        log = table.pop(key)
        os.close(log.descriptor)
        self._evicted.append(log.file)
        return True

    def report_evicted(self, found: dict[FileKey, FoundFile]) -> None:
        """Add the logs closed since the last call to ``found``, to be read by their paths."""
        for file in self._evicted:
            found[file.key] = found.get(file.key, file._replace(skip_existing=False))._replace(descriptor=None)
        self._evicted.clear()


class OpenLogs:
    """Logs that are kept open. A context manager, which closes them at its end.

    Args:
        budget: how many logs may be open; shared with others.
        live: the last line of a log is incomplete until its line end arrives, as long as the log has its name.
    """

    def __init__(self, budget: OpenFileBudget, *, live: bool) -> None:
        self.budget = budget
        self.live = live
        self._logs: dict[FileKey, _Log] = {}
        budget.tables.append(self._logs)
        self._seconds = 0.0  # of scanning
        self._last_scan = time.monotonic()
        self._next_scan = 0.0
        #: Whether the last scan saw a log lose its name or its content.
        self.saw_rotation = False

    def __len__(self) -> int:
        """Return how many logs are open."""
        return len(self._logs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for key in list(self._logs):
            self._close(key)

    def was_current(self, file: FoundFile) -> bool:
        """Tell whether a file was a log itself, under the same path, when it was last found."""
        log = self._logs.get(file.key)
        return log is not None and log.file.is_current and log.file.real == file.real

    def deleted(self) -> set[str]:
        """Return the paths of the logs that are kept open and have no name any longer."""
        return {log.file.path for log in self._logs.values() if os.fstat(log.descriptor).st_nlink == 0}

    def keep_open(self, file: FoundFile) -> bool:
        """Open a log and keep it open. If the budget is used up, first close one that changed less recently.

        Returns:
            False if the budget is used up, so that a log, this one or another, is not kept open.
        """
        if file.key in self._logs:
            return True
        has_room = self.budget.has_room
        if not (has_room or self.budget.evict(file.mtime_ns)):
            return False
        try:
            descriptor = _open(file.path)
        except OSError as error:  # any other error is reported when the file is read
            return has_room and error.errno not in {errno.EMFILE, errno.ENFILE}
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) == file.key and stat.S_ISREG(status.st_mode):
            self._logs[file.key] = _Log(descriptor, file, self._seconds)
        else:  # it was replaced
            os.close(descriptor)
        return has_room

    def scan(
        self, found: dict[FileKey, FoundFile], changed: set[FileKey], *, full: bool, is_done: IsDone = lambda _: False
    ) -> None:
        """Add each open log, as it is now, to ``found``; close those that are no longer written to.

        Without ``full``, all of them are checked only as often as their share of a core allows, and otherwise those
        that may have ``changed``; and one that has its name, has not changed and ``is_done`` is left out.
        """
        started = time.monotonic()
        self._seconds += min(started - self._last_scan, LONGEST_GAP_SECONDS)
        self._last_scan = started
        self.saw_rotation = False
        if not full and started < self._next_scan:
            for key in self._logs.keys() & changed:
                self._check(key, found)
            return
        deleted: dict[str, list[FileKey]] = {}
        for key in list(self._logs):
            if not full and key not in found and self._is_unchanged(self._logs[key], is_done):
                continue
            if self._check(key, found) and self._seconds - self._logs[key].active_at > DELETED_SECONDS:
                deleted.setdefault(family(found[key].real), []).append(key)
        for keys in deleted.values():
            for key in sorted(keys, key=lambda key: found[key].mtime_ns, reverse=True)[MOST_DELETED:]:
                self._close(key)
                del found[key]
        self._next_scan = started + (time.monotonic() - started) / SCAN_SHARE

    def _is_unchanged(self, log: _Log, is_done: IsDone) -> bool:
        """Tell whether a log still has its name and its content, of which all is published."""
        file = log.file
        is_as_before = file.is_current and file.is_as_before(os.fstat(log.descriptor)) and _is_at(file.path, file.key)
        if is_as_before and is_done(file):
            log.active_at = self._seconds
            return True
        return False

    def _check(self, key: FileKey, found: dict[FileKey, FoundFile]) -> bool:
        """Add an open log to ``found`` or close it; return whether it is still open and was deleted."""
        log = self._logs[key]
        status = os.fstat(log.descriptor)
        known = found.get(key, log.file)
        is_current = known.is_current and _is_at(known.path, key)
        file = FoundFile.from_status(known.path, known.real, status)._replace(
            descriptor=log.descriptor,
            is_log=True,
            is_current=is_current,
            is_live=is_current and self.live,
            skip_existing=known.skip_existing and key in found,
        )
        lost_name = log.file.is_current and not is_current
        self.saw_rotation = self.saw_rotation or lost_name or file.size < log.file.size
        if is_current or (file.size, file.mtime_ns) != (log.file.size, log.file.mtime_ns):
            log.active_at = self._seconds
        elif self._seconds - log.active_at > NAMELESS_SECONDS:
            self._close(key)
            return False
        log.file = found[key] = file
        return status.st_nlink == 0

    def _close(self, key: FileKey) -> None:
        os.close(self._logs.pop(key).descriptor)


def _is_at(path: str, key: FileKey) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == key


def _open(path: str) -> int:
    """Open a log with a high descriptor: py4j for Spark, and the reader of keys, need low ones for select()."""
    low = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR)
    except OSError:  # the system allows no such descriptors, and so few logs are kept open
        return os.dup(low)
    finally:
        os.close(low)
