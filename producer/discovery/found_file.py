"""A file as a scan finds it, and the names that scans ignore."""

import os
import re
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from producer.log_names import is_rotated

#: A file's device and inode, which identify it whatever its name is.
FileKey = tuple[int, int]

#: Reports something that cannot be counted. Called with its path and the reason.
Warn = Callable[[str, str], None]

#: How many seconds ago a file that changed recently may have changed.
RECENT_SECONDS = 60.0

#: Tells that all of a file was published as it is, and that nothing else is to be done about it until it changes.
IsDone = Callable[["FoundFile"], bool]

#: The endings of editors' backups, and of what is being downloaded or copied.
_TEMPORARY = (
    *("~", ".tmp"),
    *(".part", ".partial", ".crdownload", ".download", ".opdownload"),  # browsers, curl's and rclone's wrappers
    *(".filepart", ".lftp", "._COPYING_", "_.gstmp", ".part.minio", ".inprogress"),  # copying programs
    *(".!qB", ".!ut", ".!bt", ".bc!", ".jc!", ".xltd", ".fdmdownload"),  # other downloaders
)
#: The endings of files that say how far the file next to them is downloaded. It may have its full size already.
_CONTROL = (".aria2", "-lftp-pget-status", ".lftp-pget-status")
_ENDINGS = _TEMPORARY + _CONTROL
#: Eight random hexadecimal digits, as aws-cli puts them behind a name; both cases, so that it is no date and no hash.
_RANDOM = re.compile(r"\.(?=.*[a-f])(?=.*[A-F])[0-9a-fA-F]{8}$")


class FoundFile(NamedTuple):
    """A regular file as one scan found it: its identity, its size and times, and how its content is to be read.

    Attributes:
        path: the path it was found under.
        real: the same path without symlinks.
        device: the number of its device.
        inode: its inode on that device.
        size: its size in bytes.
        mtime_ns: when its content last changed, in nanoseconds since 1970. Any program can set this time.
        ctime_ns: when anything about it last changed, in nanoseconds since 1970. No program can set this time.
        descriptor: an open file descriptor of it, where discovery keeps one; it outlives every name of the file.
        is_log: it is a followed log, or what one was rotated to; False for the files of a folder.
        is_current: it is the log itself, under its own name, and not what a log was rotated to.
        is_live: it is still being written, so its last line is incomplete until its line end arrives.
        skip_existing: do not count what it holds now, only what is appended from now on.
        is_sought: a search for the rest of a log found it: it begins with what was published of that log.
        is_initial: it was there when its folder was first followed, or it was given by its name.
    """

    path: str
    real: str
    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    descriptor: int | None = None
    is_log: bool = False
    is_current: bool = False
    is_live: bool = False
    skip_existing: bool = False
    is_initial: bool = False
    is_sought: bool = False

    @property
    def key(self) -> FileKey:
        """Device and inode."""
        return self.device, self.inode

    def is_as_before(self, status: os.stat_result) -> bool:
        """Tell whether a file with this ``status`` is this file, and has not changed."""
        is_itself = (status.st_dev, status.st_ino, status.st_size) == (self.device, self.inode, self.size)
        return is_itself and (status.st_mtime_ns, status.st_ctime_ns) == (self.mtime_ns, self.ctime_ns)

    @property
    def opened_by(self) -> int | str:
        """What leads to it: the descriptor that is kept open, or else its path."""
        return self.path if self.descriptor is None else self.descriptor

    @property
    def is_rotated(self) -> bool:
        """Whether a log was rotated to this file."""
        return self.is_log and not self.is_current

    @property
    def may_be_copy(self) -> bool:
        """Whether it may be a copy of a log, by its name."""
        return is_rotated(self.real) and not self.is_current

    def as_it_is_now(self) -> "FoundFile | None":
        """Return the file with its present size and times; None if it is no longer at its path."""
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        now = self._replace(size=status.st_size, mtime_ns=status.st_mtime_ns, ctime_ns=status.st_ctime_ns)
        return now if (status.st_dev, status.st_ino) == self.key else None

    @classmethod
    def from_status(cls, path: str, real: str, status: os.stat_result, *, is_initial: bool = False) -> "FoundFile":
        """Return the file at ``path``, which is ``real`` without symlinks, that has this ``status``."""
        device, inode, size = status.st_dev, status.st_ino, status.st_size
        return cls(path, real, device, inode, size, status.st_mtime_ns, status.st_ctime_ns, is_initial=is_initial)


class ScanResult(NamedTuple):
    """The files that may have changed since the scan before, and whether these are all files there are."""

    files: list[FoundFile]
    is_complete: bool


def is_ignored(name: str) -> bool:
    """Tell whether a file or folder of this name is hidden or temporary.

    >>> [is_ignored(name) for name in (".a.swp", "a~", "#a#", "a.part", "a.6eF3D2c1", "a", "_a", "a.20261128")]
    [True, True, True, True, True, False, False, False]
    """
    return (
        name.startswith((".", "~$"))
        or name.endswith(_ENDINGS)
        or (name[:1] == name[-1:] == "#" and len(name) > 1)
        or (name[-9:-8] == "." and _RANDOM.search(name) is not None)
    )


def status_at(path: str) -> os.stat_result | None:
    """Return the status of what is at a path, None if nothing is there or it cannot be accessed."""
    try:
        return os.stat(path)
    except OSError:
        return None


def is_recent(file: FoundFile) -> bool:
    """Tell whether a file changed so recently that it is checked at every scan, however large its folder is."""
    return time.time() - file.mtime_ns / 1e9 < RECENT_SECONDS


def downloading(names: Iterable[str]) -> set[str]:
    """Return the names of the files that are incomplete, as files next to them say.

    >>> downloading(["a.iso", "a.iso.aria2", "b.iso"])
    {'a.iso'}
    """
    control = [name for name in names if name.endswith(_CONTROL)]
    return {name.removesuffix(ending) for name in control for ending in _CONTROL if name.endswith(ending)}
