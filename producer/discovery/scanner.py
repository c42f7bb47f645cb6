"""Which files are in a folder, and which of them may have changed.

The one listing that batch, stream and producer share, so that all count the same files. Skipped without a word: names
with a leading dot, as rsync's and vim's own have, and the temporary names of editors, browsers and copying programs.
"""

import errno
import math
import os
import stat
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from producer.discovery.found_file import FoundFile, Warn

#: Looking over a whole folder may take this share of one core; a large folder is looked over less often.
FULL_SCAN_SHARE = 0.01
#: In between, asking the folders themselves whether they changed may take this share.
QUICK_SCAN_SHARE = 0.02
#: Files that changed within this many seconds are looked at every time, so many of them, whatever their folder's size.
HOT_SECONDS = 60.0
HOT_FILES = 200
#: The clock behind a folder's modification time ticks every few milliseconds; within this many seconds of one change
#: another may have left the same time.
TICK_SECONDS = 0.05

#: The endings of editors' backups, and of downloads and copies that are not whole yet.
_TEMPORARY = ("~", ".part", ".filepart", ".crdownload", ".tmp")

_KINDS = {
    stat.S_IFIFO: "a fifo",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass
class _Directory:
    path: str
    real: str
    level: int
    device: int
    inode: int
    mtime_ns: int
    fresh: bool  # changed so shortly before it was listed that its time may not show the next change


def skipped(name: str) -> bool:
    """Tell whether a file or folder of this name is somebody's temporary or hidden one.

    >>> [skipped(name) for name in (".a.swp", "a~", "#a#", "a.part", "a", "_a")]
    [True, True, True, True, False, False]
    """
    return name.startswith(".") or name.endswith(_TEMPORARY) or (len(name) > 1 and name[0] == name[-1] == "#")


class DirectoryScanner:
    """A folder that is looked at again and again.

    Args:
        root: the folder, or several.
        depth: how many levels of folders to look into; 1 is the folder alone, None is all.
        warn: told of each thing that cannot be counted, at every look over the whole folder.
        apart: folders that are not looked into, whatever leads to them: what is found ends up there.
        accepts: tells of a name whether it is looked at.
        waits: a folder itself is waited for where it is not there.
    """

    def __init__(  # each is used
        self,
        root: str | Sequence[str],
        depth: int | None,
        warn: Warn,
        apart: Sequence[str] = (),
        accepts: Callable[[str], bool] = lambda name: not skipped(name),
        *,
        waits: bool = True,
    ) -> None:
        self._waits = waits
        self._accepts = accepts
        self._depth = depth
        self._warn = warn
        self._apart = {(status.st_dev, status.st_ino) for status in map(os.stat, apart)}
        self._real_apart = [os.path.realpath(path) for path in apart]
        # By device and inode, as several ways may lead to one; by path where what is asked for is files of these paths.
        self._directories: dict[tuple[int, int] | str, _Directory] = {}
        self._hot: dict[str, FoundFile] = {}  # by path, in the order in which they were found
        self._next_full = self._next_quick = 0.0
        self.first_ns: float = math.inf  #: what changed last before was there when the folder was first followed
        self.unreadable: dict[str, None] = {}  #: folders that could not be looked into at the last look over everything
        self._roots: list[str] = []
        self.set_roots([root] if isinstance(root, str) else root)

    def set_roots(self, roots: Sequence[str]) -> None:
        """Look into these folders from the next look on."""
        if roots == self._roots:
            return
        self._roots = list(roots)
        real = [os.path.realpath(root) for root in roots]
        # A symlink may also lead right into one; where a root itself lies in one, as in /tmp, that says nothing.
        self._elsewhere = [
            path for path in self._real_apart if not any(os.path.commonpath([path, root]) == path for root in real)
        ]
        self._next_full = 0.0

    def scan_soon(self) -> None:
        """Ask the folders at the next look whether they changed, whatever share of a core that took last."""
        self._next_quick = 0.0

    def scan(self, *, full: bool = False) -> tuple[list[FoundFile], bool]:
        """Return the files that may have changed since the last look, and whether these are all there are.

        With ``full`` they are, whatever that costs.
        """
        started = time.monotonic()
        found: list[FoundFile] = []
        if started < self._next_full and not full:
            if started >= self._next_quick:
                self._look_at_changed_folders(found)
                self._next_quick = started + (time.monotonic() - started) / QUICK_SCAN_SHARE
            self._look_at_hot_files(found)
            if started < self._next_full:
                return found, False
            found.clear()
        self._directories.clear()
        self._hot.clear()
        self.unreadable.clear()
        self._enter(deque((root, os.path.realpath(root), 1) for root in self._roots), found)
        self._next_full = started + (time.monotonic() - started) / FULL_SCAN_SHARE
        return found, True

    def _look_at_changed_folders(self, found: list[FoundFile]) -> None:
        inner: deque[tuple[str, str, int]] = deque()
        for key, directory in list(self._directories.items()):
            try:
                status = os.stat(directory.path)
            except OSError:
                del self._directories[key]
                continue
            if (status.st_dev, status.st_ino) != (
                directory.device,
                directory.inode,
            ):  # another is there now, to which a symlink may lead
                del self._directories[key]
                self._next_full = 0.0
            elif directory.fresh or status.st_mtime_ns != directory.mtime_ns:
                self._list(directory, found, inner)
        self._enter(inner, found)

    def _look_at_hot_files(self, found: list[FoundFile]) -> None:
        listed = {file.path for file in found}
        for file in [file for file in self._hot.values() if file.path not in listed]:
            del self._hot[file.path]
            try:
                status = os.stat(file.path)
            except OSError:
                continue
            if (status.st_dev, status.st_ino) == file.key:  # else another took its place, which its folder tells of
                self._found(file.path, file.real, status, found)

    def _found(self, path: str, real: str, status: os.stat_result, found: list[FoundFile]) -> None:
        file = FoundFile.from_status(path, real, status, is_initial=status.st_ctime_ns < self.first_ns)
        found.append(file)
        if time.time() - file.mtime_ns / 1e9 < HOT_SECONDS:
            self._hot.pop(file.path, None)
            self._hot[file.path] = file  # last in the order, as the one that changed last
            if len(self._hot) > HOT_FILES:
                del self._hot[next(iter(self._hot))]

    def _enter(self, folders: deque[tuple[str, str, int]], found: list[FoundFile]) -> None:
        """List folders and what is in them, each once: a loop of symlinks ends where it began.

        The upper levels come first, so that a folder that several ways lead to is met on the one of fewest levels.
        """
        while folders:
            path, real, level = folders.popleft()
            try:
                status = os.stat(path)
            except FileNotFoundError:
                if level == 1 and self._waits:
                    self.unreadable[path] = None
                    self._warn(path, "the folder is gone; waiting for it to come back")
                continue
            except OSError as error:
                self._cannot_enter(path, error)
                continue
            inode = status.st_dev, status.st_ino
            key = path if self._depth == 1 else inode
            if inode in self._apart:
                self._warn(path, "is written to by this command; skipped")
            elif key not in self._directories:
                self._directories[key] = directory = _Directory(path, real, level, *inode, 0, fresh=True)
                self._list(directory, found, folders)

    def _list(self, directory: _Directory, found: list[FoundFile], inner: deque[tuple[str, str, int]]) -> None:
        """Find the files of one folder, and put the folders in it behind ``inner``."""
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
                    continue
                self.unreadable[entry.path] = None
                self._warn(entry.path, f"cannot be looked at: {error.strerror}; allow it, or leave it out")
                continue
            kind = stat.S_IFMT(status.st_mode)
            linked = entry.is_symlink()
            real = os.path.realpath(entry.path) if linked else os.path.join(directory.real, entry.name)
            if linked and self._leads_apart(real):
                self._warn(entry.path, "a symlink to what this command writes; skipped")
            elif kind == stat.S_IFREG:
                self._found(entry.path, real, status, found)
            elif kind == stat.S_IFDIR:
                if self._depth is None or directory.level < self._depth:
                    inner.append((entry.path, real, directory.level + 1))
            else:
                self._warn(entry.path, f"{_KINDS.get(kind, 'no regular file')}; skipped")

    def _entries(self, directory: _Directory) -> list[os.DirEntry[str]]:
        try:
            # The time is taken before the names: what comes in between shows as a change at the next look.
            directory.mtime_ns = os.stat(directory.path).st_mtime_ns
            directory.fresh = abs(time.time() - directory.mtime_ns / 1e9) < TICK_SECONDS
            with os.scandir(directory.path) as entries:
                return [entry for entry in entries if self._accepts(entry.name)]
        except FileNotFoundError:
            pass
        except OSError as error:
            self._cannot_enter(directory.path, error)
        return []

    def _leads_apart(self, real: str) -> bool:
        return any(os.path.commonpath([real, apart]) == apart for apart in self._elsewhere)

    def _cannot_enter(self, path: str, error: OSError) -> None:
        self.unreadable[path] = None
        self._warn(path, f"cannot be looked into: {error.strerror}; allow it, or leave it out")
