"""Scans folders for files again and again, at a bounded cost.

Batch, stream and producer share this scanner, so all of them count the same files. Hidden files and the temporary files
of editors, browsers and copying programs are skipped without a warning.
"""

import errno
import math
import os
import stat
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from producer.discovery.found_file import FileKey, FoundFile, Warn, downloading, is_ignored
from producer.discovery.own_outputs import own_outputs

#: The share of one core that full scans may take; the larger a folder, the less often it is scanned fully.
FULL_SCAN_SHARE = 0.01
#: The share of one core that checking folders for changes may take, between two full scans.
QUICK_SCAN_SHARE = 0.02
#: Files that changed within this many seconds are checked at every scan, however large their folder is.
RECENT_SECONDS = 60.0
#: At most this many of them are, the most recently changed.
RECENT_FILES = 200
#: The clock behind a folder's modification time ticks every few milliseconds. Two changes within this many seconds may
#: leave the same time.
TICK_SECONDS = 0.05

WRITTEN_HERE = "is written to by this command; skipped"
_KINDS = {stat.S_IFIFO: "a fifo", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


@dataclass(frozen=True)
class ScanRules:
    """Which files of a folder a scan finds.

    Attributes:
        depth: how many levels of folders to scan; 1 is the folder alone, None is all.
        excluded: folders that are never scanned, whatever leads to them, because this command writes to them.
        accepts: tells whether files and folders of a name are found.
        excludes: tells whether the user leaves out the file or folder at a path.
        awaits_roots: warn when a folder itself is missing, and wait for it.
    """

    depth: int | None = None
    excluded: Sequence[str] = ()
    accepts: Callable[[str], bool] = lambda name: not is_ignored(name)
    excludes: Callable[[str], bool] = lambda _: False
    awaits_roots: bool = True


class ScanResult(NamedTuple):
    """The files that may have changed since the scan before, and whether these are all files there are."""

    files: list[FoundFile]
    is_complete: bool


@dataclass
class _Directory:
    path: str
    real: str
    level: int
    key: FileKey
    mtime_ns: int = 0
    may_hide_change: bool = True  # listed so soon after a change that its time may not show the next one


class DirectoryScanner:
    """Scans one or more folders.

    Args:
        roots: the folders.
        warn: called for everything that cannot be counted, at every full scan.
        rules: which files are found.
    """

    def __init__(self, roots: str | Sequence[str], warn: Warn, rules: ScanRules = ScanRules()) -> None:
        self._warn = warn
        self._rules = rules
        self._excluded = {(status.st_dev, status.st_ino) for status in map(os.stat, rules.excluded)}
        self._own_outputs = own_outputs()
        # By device and inode, as several paths may lead to one folder; by path where the folder alone is scanned.
        self._directories: dict[FileKey | str, _Directory] = {}
        self._next_quick_scan = 0.0
        self._roots: list[str] = []
        #: When the next full scan is due, in seconds of the monotonic clock.
        self.next_full_scan = 0.0
        #: Recently changed files by path, in the order in which they were found.
        self.recent_files: dict[str, FoundFile] = {}
        #: Files whose ``ctime_ns`` is lower were there when the folder was first followed.
        self.first_scan_ns: float = math.inf
        #: Folders that the last full scan could not list.
        self.unreadable: dict[str, None] = {}
        self.set_roots([roots] if isinstance(roots, str) else roots)

    def set_roots(self, roots: Sequence[str]) -> None:
        """Scan these folders from the next scan on."""
        if roots == self._roots:
            return
        self._roots = list(roots)
        real_roots = [os.path.realpath(root) for root in roots]
        # A symlink may also lead to a path within an excluded folder. If that folder contains a root, as /tmp may, the
        # paths within it are not excluded.
        self._excluded_targets = [
            path
            for path in map(os.path.realpath, self._rules.excluded)
            if not any(os.path.commonpath([path, root]) == path for root in real_roots)
        ]
        self.next_full_scan = 0.0

    def scan_soon(self) -> None:
        """Check the folders for changes at the next scan, whatever share of a core the last check took."""
        self._next_quick_scan = 0.0

    def scan(self, *, full: bool = False) -> ScanResult:
        """Return the files that may have changed since the last scan; with ``full`` all files, whatever that costs."""
        started = time.monotonic()
        found: list[FoundFile] = []
        if started < self.next_full_scan and not full:
            if started >= self._next_quick_scan:
                self._list_changed_directories(found)
                self._next_quick_scan = started + (time.monotonic() - started) / QUICK_SCAN_SHARE
            self._check_recent_files(found)
            if started < self.next_full_scan:
                return ScanResult(found, is_complete=False)
            found.clear()
        self._directories.clear()
        self.recent_files.clear()
        self.unreadable.clear()
        self._walk(deque((root, os.path.realpath(root), 1) for root in self._roots), found)
        self.next_full_scan = started + (time.monotonic() - started) / FULL_SCAN_SHARE
        return ScanResult(found, is_complete=True)

    def _list_changed_directories(self, found: list[FoundFile]) -> None:
        inner: deque[tuple[str, str, int]] = deque()
        for key, directory in list(self._directories.items()):
            try:
                status = os.stat(directory.path)
            except OSError:
                del self._directories[key]
                continue
            if (status.st_dev, status.st_ino) != directory.key:  # replaced; a symlink may lead to the new one
                del self._directories[key]
                self.next_full_scan = 0.0
            elif directory.may_hide_change or status.st_mtime_ns != directory.mtime_ns:
                self._list(directory, found, inner)
        self._walk(inner, found)

    def _check_recent_files(self, found: list[FoundFile]) -> None:
        listed = {file.path for file in found}
        for file in [file for file in self.recent_files.values() if file.path not in listed]:
            del self.recent_files[file.path]
            try:
                status = os.stat(file.path)
            except OSError:
                continue
            if (status.st_dev, status.st_ino) == file.key:  # else it was replaced, which changed its folder
                self._add(file.path, file.real, status, found)

    def _add(self, path: str, real: str, status: os.stat_result, found: list[FoundFile]) -> None:
        file = FoundFile.from_status(path, real, status, is_initial=status.st_ctime_ns < self.first_scan_ns)
        if file.key in self._own_outputs:
            self._warn(path, WRITTEN_HERE)
            return
        found.append(file)
        if time.time() - file.mtime_ns / 1e9 < RECENT_SECONDS:
            self.recent_files.pop(file.path, None)
            self.recent_files[file.path] = file  # last in the order
            if len(self.recent_files) > RECENT_FILES:
                del self.recent_files[next(iter(self.recent_files))]

    def _walk(self, folders: deque[tuple[str, str, int]], found: list[FoundFile]) -> None:
        """List folders and the folders in them, each once, so that a loop of symlinks ends.

        Upper levels come first: a folder that several paths lead to is listed on the path with the fewest levels.
        """
        while folders:
            path, real, level = folders.popleft()
            try:
                status = os.stat(path)
            except FileNotFoundError:
                if level == 1 and self._rules.awaits_roots:
                    self.unreadable[path] = None
                    self._warn(path, "the folder is gone; waiting for it to come back")
                continue
            except OSError as error:
                self._report_unreadable(path, error)
                continue
            inode = status.st_dev, status.st_ino
            key = path if self._rules.depth == 1 else inode
            if inode in self._excluded:
                self._warn(path, WRITTEN_HERE)
            elif key not in self._directories:
                self._directories[key] = directory = _Directory(path, real, level, inode)
                self._list(directory, found, folders)

    def _list(self, directory: _Directory, found: list[FoundFile], inner: deque[tuple[str, str, int]]) -> None:
        """Add the files of one folder to ``found``, and the folders in it to ``inner``."""
        for entry in self._entries(directory):
            try:
                status = entry.stat()
            except FileNotFoundError:
                if entry.is_symlink():
                    self._warn(entry.path, "a symlink to nothing; skipped")
                continue
            except OSError as error:
                if error.errno == errno.ELOOP:
                    self._warn(entry.path, "a symlink to itself; skipped")
                else:
                    self._report_unreadable(entry.path, error)
                continue
            kind = stat.S_IFMT(status.st_mode)
            linked = entry.is_symlink()
            real = os.path.realpath(entry.path) if linked else os.path.join(directory.real, entry.name)
            if linked and any(os.path.commonpath([real, target]) == target for target in self._excluded_targets):
                self._warn(entry.path, "a symlink to what this command writes; skipped")
            elif kind == stat.S_IFREG:
                self._add(entry.path, real, status, found)
            elif kind == stat.S_IFDIR:
                if self._rules.depth is None or directory.level < self._rules.depth:
                    inner.append((entry.path, real, directory.level + 1))
            else:
                self._warn(entry.path, f"{_KINDS.get(kind, 'not a regular file')}; skipped")

    def _entries(self, directory: _Directory) -> list[os.DirEntry[str]]:
        try:
            # The time is taken before the names, so that a change in between shows at the next scan.
            directory.mtime_ns = os.stat(directory.path).st_mtime_ns
            directory.may_hide_change = abs(time.time() - directory.mtime_ns / 1e9) < TICK_SECONDS
            with os.scandir(directory.path) as entries:
                listed = list(entries)
            partial = downloading(entry.name for entry in listed)
            accepts, excludes = self._rules.accepts, self._rules.excludes
            return [one for one in listed if accepts(one.name) and one.name not in partial and not excludes(one.path)]
        except FileNotFoundError:
            pass
        except OSError as error:
            self._report_unreadable(directory.path, error)
        return []

    def _report_unreadable(self, path: str, error: OSError) -> None:
        self.unreadable[path] = None
        self._warn(path, f"cannot be accessed: {error.strerror}; allow access, or leave it out")
