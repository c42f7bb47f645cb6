"""Former contents of logs of which a part may not be read yet."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from producer.content.birth_time import birth_ns
from producer.discovery.found_file import FoundFile, Warn
from producer.positions.position import Content, LostContent, Position
from producer.rotation.likeness import is_not_read

#: A log that has not changed for this many nanoseconds is idle, so that nothing is written between a read and its end.
IDLE_NS = 1_000_000_000


class Log(NamedTuple):
    """A log as it was last found: its path, and what that led to."""

    path: str
    folder: str
    inode: int
    birth_ns: int


def is_of(file: FoundFile, log: Log) -> bool:
    """Tell whether a file is what a log was."""
    return file.inode == log.inode and birth_ns(file.opened_by) == log.birth_ns


@dataclass
class Missing:
    """A former content of a log, of which a part may not be read yet.

    Attributes:
        log: the log.
        content: the content; None if nothing was published of it.
        noticed: when it was noticed, in seconds of the monotonic clock.
        fate: what happened to the log, as a message says it.
        unread: how many bytes were seen of it and not published, None if the log was not followed until then.
        rest: the file that has it, if that is followed already: what the log was rotated to later is searched.
        is_reported: it is reported if no file has it.
        has_been_searched: a search looked for it.
        is_rest: it is what a log was rotated to, and no log itself.
    """

    log: Log
    content: Position | LostContent | None
    noticed: float
    fate: str
    unread: int | None = None
    rest: FoundFile | None = None
    is_reported: bool = True
    has_been_searched: bool = False
    is_rest: bool = False

    @property
    def lost_ns(self) -> int:
        """When its file lost it, in nanoseconds; 0 if its file still has it."""
        return self.content.lost_ns if isinstance(self.content, LostContent) else 0

    @property
    def key(self) -> tuple[str, int, int, int]:
        """What identifies it: the path of the log, the inode and the birth of its file, and when that lost it."""
        return self.log.path, self.log.inode, self.log.birth_ns, self.lost_ns

    def is_back(self, present: Log | None) -> bool:
        """Tell whether the file that has it is the log once more."""
        return present is not None and present[2:] == self.log[2:] and not self.lost_ns

    @property
    def folders(self) -> set[str]:
        """The folders where it is looked for first: those of the log and of what its path led to."""
        return {self.log.folder, os.path.dirname(self.log.path)}


def truncated(log: Log, lost: LostContent, unread: int | None) -> Missing:
    """Return the content that a log had until it was truncated.

    If it was idle then, and all that was seen of it was published, nothing is missing.

    Args:
        log: the log.
        lost: the content.
        unread: how many bytes were seen of it and not published, None if the log was not followed until then.
    """
    is_reported = unread != 0 or lost.lost_ns - lost.mtime_ns < IDLE_NS
    former = log._replace(birth_ns=lost.birth_ns)
    return Missing(former, lost, time.monotonic(), "was truncated", unread, is_reported=is_reported)


def replaced(log: Log, content: Position | None, rest: FoundFile) -> Missing:
    """Return what a log was until another file took its place, which is kept open: it may be rotated once more."""
    return Missing(log, content, time.monotonic(), "was replaced", None, rest, is_reported=False)


def moved(log: Log, content: Position | None, size: int, rest: FoundFile | None) -> Missing:
    """Return what a log was rotated to, and is no longer where it was. If all of it was published, nothing is missing.

    Args:
        log: the file.
        content: what was published of it; None if nothing was.
        size: its size in bytes when it was found.
        rest: the same file, if it is kept open.
    """
    is_read = content is not None and content.complete and content.position >= size
    return Missing(log, content, time.monotonic(), "is gone", None, rest, is_reported=not is_read, is_rest=True)


def is_same(content: Content | None, other: Content) -> bool:
    """Tell whether two records are of the same content: one may have been made of the other when that was lost."""
    return content is not None and (content.inode, content.fingerprint) == (other.inode, other.fingerprint)


def warn_of_missing(warn: Warn, missing: Missing, files: Iterable[FoundFile]) -> None:
    """Warn that the rest of a log was not found, and name the file that has it, if it is packed as no file is read.

    Args:
        warn: called with the path of the log and the reason.
        missing: the content.
        files: those in the places that were searched.
    """
    position = missing.content.position if missing.content else 0
    stem = os.path.splitext(os.path.basename(missing.log.path))[0]
    since = missing.content.mtime_ns if missing.content else 0
    named = (one for one in files if one.mtime_ns >= since and stem in os.path.basename(one.path))
    packed = next((one.path for one in named if is_not_read(one)), None)
    what = f"up to {missing.unread:,} bytes" if missing.unread else "what was written"
    advice = f"unpack {packed}, which is not read" if packed else "name the folder that it is in with --archive"
    warn(
        missing.log.path,
        f"{missing.fate}, and the rest of its former content was not found: {what} after byte {position:,} may not be"
        f" counted; {advice}",
    )
