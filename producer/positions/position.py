"""How far a file was published."""

from dataclasses import dataclass, replace
from typing import Protocol

from producer import log_names

Key = tuple[int, int]  #: device and inode of a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far one file was published.

    Device and inode identify a file: both survive a rename. Its time of birth and a fingerprint show when the inode
    now belongs to other content.

    Attributes:
        device: the file's device; see ``inode``.
        inode: the file's inode number, unique on its device.
        path: where the file was last seen, without symlinks.
        position: how many bytes of lines were published; of a compressed file, uncompressed bytes, or more.
        extent: how many of the file's first bytes ``fingerprint`` covers.
        fingerprint: see ``producer.reading.fingerprint.Fingerprint``.
        size: the file's size in bytes when it was last read.
        ctime_ns: when the file had last changed then, in nanoseconds; 0 if it may have changed since.
        birth_ns: when the file was created, in nanoseconds; 0 if unknown.
        complete: all of the file was published.
        earlier: ``extent`` before the last read, while the file had a name: a copy made in between is shorter.
            Of a compressed file, ``position``: the uncompressed file has this many bytes.
        earlier_fingerprint: the fingerprint over ``earlier`` bytes.
        copy_pending: we do not know yet whether this file is a copy; it may still be being written.
        next_to_log: the file was skipped because it was already next to a log when that log was first followed.
    """

    device: int
    inode: int
    path: str
    position: int
    extent: int
    fingerprint: bytes
    size: int
    ctime_ns: int
    birth_ns: int
    complete: bool
    earlier: int = 0
    earlier_fingerprint: bytes = b""
    copy_pending: bool = False
    next_to_log: bool = False

    @property
    def key(self) -> Key:
        """What identifies the file."""
        return self.device, self.inode

    @property
    def family(self) -> str:
        """The path of the log that the file belongs to, by its name."""
        return log_names.family(self.path)

    def read_as(self, former: "Position") -> "Position":
        """Return this position with what only a read can change taken from the former one: nothing was read since."""
        return replace(
            self,
            earlier=former.earlier,
            earlier_fingerprint=former.earlier_fingerprint,
            copy_pending=former.copy_pending,
            next_to_log=former.next_to_log,
        )


class PositionLookup(Protocol):
    """Finds stored positions."""

    def find(self, inode: int) -> list[Position]:
        """Return the positions of the files with this inode, on any device."""

    def relatives(self, path: str) -> list[Position]:
        """Return the positions of the files whose names belong to the same log; see ``producer.log_names``."""
