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
from collections.abc import Sequence
from dataclasses import dataclass

from producer.discovery.found_file import (
    FileKey,
    FoundFile,
    IsDone,
    ScanResult,
    Warn,
    downloading,
    is_recent,
    status_at,
)
from producer.discovery.own_outputs import own_outputs
from producer.discovery.patterns import DEFAULT_RULES, ScanRules

#: The share of one core that full scans may take; the larger a folder, the less often it is scanned fully.
FULL_SCAN_SHARE = 0.01
#: The share of one core that checking folders for changes may take, between two full scans.
QUICK_SCAN_SHARE = 0.02
#: At most this many files that changed recently are checked between these scans: the last ones at each scan, and all as
#: often as their share of one core allows.
RECENT_FILES, NEWEST_FILES, RECENT_SHARE = 200, 20, 0.01
#: The clock behind a folder's modification time ticks every few milliseconds. Two changes within this many seconds may
#: leave the same time.
TICK_SECONDS = 0.05

WRITTEN_HERE = "is written to by this command; skipped"
_KINDS = {stat.S_IFIFO: "a fifo", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


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

    def __init__(self, roots: str | Sequence[str], warn: Warn, rules: ScanRules = DEFAULT_RULES) -> None:
        self._warn = warn
        self._rules = rules
        self._excluded = {(status.st_dev, status.st_ino) for status in map(os.stat, rules.excluded)}
        self._own_outputs = own_outputs()
        # By device and inode, as several paths may lead to one folder; by path where the folder alone is scanned.
        self._directories: dict[FileKey | str, _Directory] = {}
        self._next_quick_scan = self._next_check = 0.0
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
        self.next_full_scan = 0.0

    def _follow_links(self) -> None:
        """Find out where the roots, and the folders that are left out, lead to now."""
        self._real_roots = [os.path.realpath(root) for root in self._roots]
        # A symlink may also lead to a path within an excluded folder. If that folder contains a root, as /tmp may, the
        # paths within it are not excluded.
        self._excluded_targets = [
            path
            for path in map(os.path.realpath, self._rules.excluded)
            if not any(_is_in(root, path) for root in self._real_roots)
        ]

    def scan_soon(self) -> None:
        """Check the folders for changes at the next scan, whatever share of a core the last check took."""
        self._next_quick_scan = 0.0

    def scan(self, *, full: bool = False, is_done: IsDone = lambda _: False) -> ScanResult:
        """Return the files that may have changed; with ``full`` all files, also those that are done, at any cost."""
        started = time.monotonic()
        found: list[FoundFile] = []
        if started < self.next_full_scan and not full:
            if started >= self._next_quick_scan:
                self._list_changed_directories(found)
                self._next_quick_scan = started + (time.monotonic() - started) / QUICK_SCAN_SHARE
            self._check_recent_files(found, is_done)
            if started < self.next_full_scan:
                return ScanResult(found, is_complete=False)
            found.clear()
        self._directories.clear()
        self.recent_files.clear()
        self.unreadable.clear()
        self._follow_links()
        self._walk(deque((root, os.path.realpath(root), 1) for root in self._roots), found)
        self.next_full_scan = started + (time.monotonic() - started) / FULL_SCAN_SHARE
        return ScanResult(found, is_complete=True)

    def _list_changed_directories(self, found: list[FoundFile]) -> None:
        inner: deque[tuple[str, str, int]] = deque()
        for key, directory in list(self._directories.items()):
            status = status_at(directory.path)
            if status is None or (status.st_dev, status.st_ino) != directory.key:
                del self._directories[key]
                if status is not None:  # replaced; a symlink may lead to the new one
                    self.next_full_scan = 0.0
            elif directory.may_hide_change or status.st_mtime_ns != directory.mtime_ns:
                self._list(directory, found, inner)
        self._walk(inner, found)

    def _check_recent_files(self, found: list[FoundFile], is_done: IsDone) -> None:
        listed = {file.path for file in found}
        files = [file for file in self.recent_files.values() if file.path not in listed]
        started = time.monotonic() if len(files) > NEWEST_FILES else None
        if started is not None and started < self._next_check:
            started, files = None, files[-NEWEST_FILES:]
        for file in files:
            status = status_at(file.path)
            if status is not None and is_recent(file) and file.is_as_before(status) and is_done(file):
                continue
            del self.recent_files[file.path]
            if status is not None and (status.st_dev, status.st_ino) == file.key:  # else its folder has changed
                self._add(file.path, file.real, status, found)
        if started is not None:
            self._next_check = started + (time.monotonic() - started) / RECENT_SHARE

    def _add(self, path: str, real: str, status: os.stat_result, found: list[FoundFile]) -> None:
        file = FoundFile.from_status(path, real, status, is_initial=status.st_ctime_ns < self.first_scan_ns)
        if file.key in self._own_outputs:
            self._warn(path, WRITTEN_HERE)
            return
        found.append(file)
        if is_recent(file):
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
            if linked and (reason := self._why_skipped(real)) is not None:
                self._warn(entry.path, reason)
            elif kind == stat.S_IFREG:
                self._add(entry.path, real, status, found)
            elif kind == stat.S_IFDIR:
                if self._rules.depth is None or directory.level < self._rules.depth:
                    inner.append((entry.path, real, directory.level + 1))
            else:
                self._warn(entry.path, f"{_KINDS.get(kind, 'not a regular file')}; skipped")

    def _why_skipped(self, target: str) -> str | None:
        """Return why a symlink is not followed; None if it is. ``target`` has no symlinks."""
        if any(_is_in(target, excluded) for excluded in self._excluded_targets):
            return "a symlink to what this command writes; skipped"
        if self._rules.safe_links and not any(_is_in(target, root) for root in self._real_roots):
            return "a symlink that leads out of the folder; skipped"
        return None

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


def _is_in(path: str, folder: str) -> bool:
    return os.path.commonpath([path, folder]) == folder
