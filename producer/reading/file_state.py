"""What is known of one file from one look to the next."""

import time
from dataclasses import dataclass, field
from typing import NamedTuple

from producer.discovery.found_file import FoundFile
from producer.positions.position import Position
from producer.reading.line_reader import Scan


class _Seen(NamedTuple):
    """A file as it was when it was seen to change, by our own clock; ``first`` if it was there at the first look."""

    file: FoundFile
    since: float
    first: bool


@dataclass(slots=True)
class FileState:
    """What is known of one file."""

    file: FoundFile | None = None  #: as it was last seen
    known: Position | None = None
    copy_of: Position | None = None  #: how far the file was handed on that it is a copy of, and that is still there
    judged_ns: int = 0  #: when it had last been changed when that was found
    scan: Scan = field(default_factory=Scan)
    seen: _Seen | None = None
    restless: bool = False  #: it is waited for until it rests
    failed: FoundFile | None = None
    broken: FoundFile | None = None  #: as it was when it was found broken: no use to read it again until it changes

    def is_quiet(self, file: FoundFile, settle: float, *, first: bool) -> bool:
        """Tell whether the file has not changed for the settling time.

        That goes by our own clock. By its own, which may be another machine's, only where it was there before us.
        """
        now = time.monotonic()
        if self.seen is None or (self.seen.file.size, self.seen.file.mtime_ns) != (file.size, file.mtime_ns):
            self.seen = _Seen(file, now, first and self.seen is None)
        rested = time.time() - file.mtime_ns / 1e9 if self.seen.first else 0.0
        quiet = max(now - self.seen.since, rested) >= settle
        self.restless = not quiet
        return quiet
