"""What is remembered between runs: how far each file was published, and what identifies the file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Protocol, Self, TypeVar

from producer import log_names

T = TypeVar("T")

#: What identifies a record; no two kinds of records share a key.
Key = tuple[int | str, ...]

#: How many contents that begin alike are looked at, the most recently changed first.
MOST_ALIKE = 8
#: How many lost contents of one inode are kept.
_LOST_CONTENTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A content that a file has or had, and how much of it was published.

    Attributes:
        inode: the file's inode number, unique on its device.
        path: where the file was last seen with this content, without symlinks. It is empty once the content has
            identified a copy, so that it identifies no other one.
        position: how many bytes of lines were published; of a compressed file, uncompressed bytes, or more.
        extent: how many of the first bytes ``fingerprint`` covers.
        fingerprint: see ``producer.content.fingerprint.Fingerprint``.
        birth_ns: when the file was created, in nanoseconds; 0 if unknown.
        earlier: ``extent`` before the last read, while the file had a name: a copy made in between is shorter.
            Of a compressed file, ``position``: the uncompressed file has this many bytes.
        earlier_fingerprint: the fingerprint over ``earlier`` bytes.
        head: the key of the content's beginning, uncompressed, which finds what may be a copy of it; see
            ``producer.content.fingerprint.head_keys``. It is empty if nothing was read.
        mtime_ns: when the content had last changed when it was last read, in nanoseconds; 0 if unknown.
    """

    inode: int
    path: str
    position: int
    extent: int
    fingerprint: bytes
    birth_ns: int
    earlier: int = 0
    earlier_fingerprint: bytes = b""
    head: bytes = b""
    mtime_ns: int = 0

    @property
    def key(self) -> Key:
        """What identifies the record."""
        raise NotImplementedError

    @property
    def family(self) -> str:
        """The path of the log that the file belongs to, by its name."""
        return log_names.family(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position(Content):
    """How far one file was published.

    Device and inode identify a file: both survive a rename. Its time of birth and a fingerprint show when the inode
    now belongs to other content.

    Attributes:
        device: the file's device.
        size: the file's size in bytes when it was last read.
        ctime_ns: when the file had last changed then, in nanoseconds; 0 if it may have changed since.
        complete: all of the file was published.
        copy_pending: we do not know yet whether this file is a copy; it may still be being written.
        next_to_log: the file was skipped because it was already next to a log when that log was first followed.
        checked_from: where the bytes begin that ``checksum`` covers; it ends at ``extent``. -1 if there is no checksum.
        checksum: see ``producer.content.fingerprint.Fingerprint``.
        tail: the key of the last bytes that ``fingerprint`` covers; empty if unknown.
    """

    device: int
    size: int
    ctime_ns: int
    complete: bool
    copy_pending: bool = False
    next_to_log: bool = False
    checked_from: int = -1
    checksum: int = 0
    tail: bytes = b""

    @property
    def key(self) -> tuple[int, int]:
        """Device and inode of the file."""
        return self.device, self.inode

    def unread_since(self, former: "Position") -> "Position":
        """Return this position with the fields of the former one that only reading changes."""
        return replace(
            self,
            earlier=former.earlier,
            earlier_fingerprint=former.earlier_fingerprint,
            head=former.head or self.head,
            copy_pending=former.copy_pending,
            next_to_log=former.next_to_log,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LostContent(Content):
    """A content that a file had until it was emptied or overwritten: a copy of it may still appear.

    Attributes:
        slot: the number of this content among the lost contents of the inode, from 0.
        lost_ns: when the file was found to have other content, in nanoseconds.
    """

    slot: int
    lost_ns: int

    @property
    def key(self) -> Key:
        """The inode and the slot."""
        return "lost", self.inode, self.slot

    @classmethod
    def from_position(cls, position: Position, slot: int, lost_ns: int) -> Self:
        """Return the content at a position as a lost one."""
        known = {field.name: getattr(position, field.name) for field in fields(Content)}
        return cls(**known, slot=slot, lost_ns=lost_ns)


def lost_content(position: Position, kept: Sequence[LostContent], now_ns: int) -> LostContent:
    """Return the former content of a file as a lost one, by which a copy of it is identified.

    Args:
        position: how far the former content was published.
        kept: the lost contents of the same inode so far; if there are too many, the oldest is replaced.
        now_ns: the current time, in nanoseconds since 1970.
    """
    times = {content.slot: content.lost_ns for content in kept}
    slot = min(range(_LOST_CONTENTS), key=lambda slot: times.get(slot, 0))
    return LostContent.from_position(position, slot, now_ns)


def claimed(content: Position | LostContent) -> Position | LostContent:
    """Return the record of a content that has identified a copy, and identifies no other one."""
    return replace(content, path="", head=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """What is remembered under a name, such as the path of a folder: see ``producer.discovery.history``.

    Attributes:
        name_hash: a hash of the name.
        value: what is remembered.
        time_ns: a time that is remembered with it, in nanoseconds; 0 if none is.
    """

    name_hash: int
    value: str
    time_ns: int

    @property
    def key(self) -> Key:
        """The hash of the name."""
        return "history", self.name_hash


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Stands for a record that is removed: nothing needs it any longer.

    Attributes:
        key: what identifies the record.
    """

    key: Key


Record = Position | LostContent | HistoryEntry | Forgotten


@dataclass(frozen=True, slots=True)
class PositionUpdate:
    """The records that are committed together with a chunk, or not at all; each has another key."""

    positions: tuple[Position, ...] = ()
    lost_contents: tuple[LostContent, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    forgotten: tuple[Forgotten, ...] = ()

    @classmethod
    def from_records(cls, records: Iterable[Record]) -> Self:
        """Return an update with the last record of each key."""
        last = {record.key: record for record in records}.values()
        contents = _of_kind(Position, last), _of_kind(LostContent, last)
        return cls(*contents, _of_kind(HistoryEntry, last), _of_kind(Forgotten, last))

    @property
    def records(self) -> tuple[Record, ...]:
        """All records."""
        return *self.positions, *self.lost_contents, *self.history, *self.forgotten


def _of_kind(kind: type[T], records: Iterable[object]) -> tuple[T, ...]:
    return tuple(record for record in records if isinstance(record, kind))


class PositionLookup(Protocol):
    """Finds the records that are stored."""

    def find(self, inode: int) -> list[Position]:
        """Return the positions of the files with this inode, on any device."""

    def lost_contents(self, inode: int) -> list[LostContent]:
        """Return the contents that the files with this inode had and lost."""

    def relatives(self, path: str) -> list[Position | LostContent]:
        """Return what is known of the files whose names belong to the same log; see ``producer.log_names``."""

    def alike(self, heads: Sequence[bytes]) -> list[Position | LostContent]:
        """Return some of the contents that begin with one of these ``heads``, at most ``MOST_ALIKE`` of each kind."""

    def used_under(self, folder: str, span_ns: int) -> list[Position]:
        """Return the positions of the files in a folder, or below it, that were in use when they were last seen.

        Args:
            folder: the folder.
            span_ns: the most nanoseconds that a file may have changed before the one that changed last.
        """

    def history(self, name_hash: int) -> HistoryEntry | None:
        """Return what is remembered under a name, None if nothing is."""
