"""What is remembered of one followed file from one poll to the next."""

import time
from dataclasses import dataclass, field
from typing import NamedTuple

from producer.content.gap_watch import GapWatch
from producer.discovery.found_file import FoundFile
from producer.positions.position import LostContent, Position
from producer.reading.line_reader import PartialLine

#: Two files that are written alike are taken for one and its copy for at most this long.
LONGEST_WAIT_SECONDS = 10.0


class _Change(NamedTuple):
    """A file as it was when its last change was seen; ``seen`` is in seconds of the monotonic clock."""

    file: FoundFile
    seen: float
    by_first_poll: bool


@dataclass(slots=True)
class FileState:
    """What is remembered of one file."""

    file: FoundFile | None = None  #: as the last scan found it
    position: Position | None = None  #: how far it was published
    original: Position | LostContent | None = None  #: of the file that this one is a copy of, while that exists
    original_found_ns: int = 0  #: the file's ``ctime_ns`` when ``original`` was found
    waits_since: float | None = None  #: when it was first the same as another file, in seconds of the monotonic clock
    may_have_twin: bool = False  #: when it was first the same as a log, that was longer already
    partial_line: PartialLine = field(default_factory=PartialLine)
    gap: GapWatch = field(default_factory=GapWatch)
    change: _Change | None = None
    is_changing: bool = False  #: it was not idle when it was last checked
    is_to_check: bool = False  #: what was published of it may have changed; see ``producer.reading.content_check``
    verified_size: int = 0  #: the file's size when what was published of it was last checked before going on
    overwritten_at: float | None = None  #: when other content was found in it, in seconds of the monotonic clock
    failed: FoundFile | None = None  #: as it was when it could not be read
    empty: FoundFile | None = None  #: as it was when it was found to hold nothing
    doubt: str | None = None  #: why it is no plausible text, once that was told
    broken: FoundFile | None = None  #: as it was when it was found broken; it is not read again until it changes

    @property
    def is_unfinished(self) -> bool:
        """Whether the file is a log that ends in an unterminated line, which counts once its line end arrives."""
        published = self.position.position if self.position else 0
        size = self.file.size if self.file is not None and self.file.is_live else -1
        return published < self.partial_line.searched_to == size

    @property
    def may_turn_out_a_copy(self) -> bool:
        """Whether the file may turn out to be a copy of a log: it waits, or is still being written."""
        return self.waits_since is not None or (self.position is None and self.is_changing)

    @property
    def is_waiting(self) -> bool:
        """Whether the file waits because it begins like another one, and has not waited for long."""
        return self.waits_since is not None and self.original is None and not self.has_waited

    @property
    def has_waited(self) -> bool:
        """Whether the file has been the same as another one for a while."""
        return self.waits_since is not None and time.monotonic() - self.waits_since > LONGEST_WAIT_SECONDS

    def is_idle(self, file: FoundFile, settle: float, *, first: bool) -> bool:
        """Tell whether the file has not changed for ``settle`` seconds.

        The clock of this process decides. The file's own time, which may be another machine's, only counts for a file
        that the first poll found.

        Args:
            file: the file as it is now.
            settle: the settling time, in seconds.
            first: this is the first poll.
        """
        former = self.change and self.change.file
        if self.change is None or (self.change.file.size, self.change.file.mtime_ns) != (file.size, file.mtime_ns):
            self.change = _Change(file, time.monotonic(), first and self.change is None)
            # It changed, and did not grow. What fills a gap has not changed what is in front of the gap.
            self.is_to_check |= former is not None and former.size == file.size and self.gap.start is None
        self.is_changing = self.idle_seconds(file) < settle
        return not self.is_changing

    def idle_seconds(self, file: FoundFile) -> float:
        """Return for how many seconds the file, as it is now, has not changed; 0 if it was not seen like this yet."""
        if self.change is None or (self.change.file.size, self.change.file.mtime_ns) != (file.size, file.mtime_ns):
            return 0.0
        age = time.time() - file.mtime_ns / 1e9 if self.change.by_first_poll else 0.0
        return max(time.monotonic() - self.change.seen, age)
