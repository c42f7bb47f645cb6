"""A file as a scan finds it, and the names that scans ignore."""

import os
from collections.abc import Callable
from typing import NamedTuple

#: A file's device and inode, which identify it whatever its name is.
FileKey = tuple[int, int]

#: Reports something that cannot be counted. Called with its path and the reason.
Warn = Callable[[str, str], None]

#: The endings of editors' backups, and of unfinished downloads and copies.
_TEMPORARY = ("~", ".part", ".filepart", ".crdownload", ".tmp")


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

    @property
    def key(self) -> FileKey:
        """Device and inode."""
        return self.device, self.inode

    @property
    def is_rotated(self) -> bool:
        """Whether a log was rotated to this file."""
        return self.is_log and not self.is_current

    @classmethod
    def from_status(cls, path: str, real: str, status: os.stat_result, *, is_initial: bool = False) -> "FoundFile":
        """Return the file at ``path``, which is ``real`` without symlinks, that has this ``status``."""
        device, inode, size = status.st_dev, status.st_ino, status.st_size
        return cls(path, real, device, inode, size, status.st_mtime_ns, status.st_ctime_ns, is_initial=is_initial)


def is_ignored(name: str) -> bool:
    """Tell whether a file or folder of this name is hidden or temporary.

    >>> [is_ignored(name) for name in (".a.swp", "a~", "#a#", "a.part", "a", "_a")]
    [True, True, True, True, False, False]
    """
    return name.startswith(".") or name.endswith(_TEMPORARY) or (len(name) > 1 and name[0] == name[-1] == "#")
