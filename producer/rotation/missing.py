"""Former contents of logs of which a part may not be read yet."""

from dataclasses import dataclass

from producer.discovery.found_file import Warn
from producer.positions.position import Content, LostContent, Position


@dataclass
class Log:
    """A log as it was last found: what its path led to, and the most bytes it was seen to have."""

    path: str
    folder: str
    inode: int
    birth_ns: int
    size: int


@dataclass
class Missing:
    """A former content of a log, of which a part may not be read yet."""

    log: Log
    content: Position | LostContent | None  # None if nothing was published of it
    noticed: float
    has_been_searched: bool = False


def is_same(content: Content | None, other: Content) -> bool:
    """Tell whether two records are of the same content: one may have been made of the other when that was lost."""
    return content is not None and (content.inode, content.fingerprint) == (other.inode, other.fingerprint)


def warn_of_missing(warn: Warn, missing: Missing) -> None:
    """Warn that the rest of a log was not found."""
    position = missing.content.position if missing.content else 0
    rest = missing.log.size - position
    what = f"up to {rest:,} bytes" if rest > 0 else "what was written"
    warn(
        missing.log.path,
        f"was rotated, and the rest of its former content was not found: {what} after byte {position:,} may not be"
        " counted; name the folder that it was moved or copied to with --archive",
    )
