"""Files of followed folders that were deleted or moved away while nothing ran: what they held last may be unread."""

import os
import time
from collections.abc import Container, Iterable

from producer.discovery.found_file import FileKey, Warn
from producer.discovery.history import History
from producer.positions.pending import PendingPositions
from producer.positions.position import Position

#: A file that had not changed for this many nanoseconds when others did was complete.
IDLE_NS = 600_000_000_000
#: How many files are remembered for which the user was told.
_MOST_REMEMBERED = 1000


class GoneFiles:
    """Reports once which files are gone since the run before.

    Args:
        history: remembers which were reported.
        positions: how far each file was published.
        warn: called for the files of each folder.
        settle: how many seconds the file that a gone one was packed to may need.
    """

    def __init__(self, history: History, positions: PendingPositions, warn: Warn, settle: float) -> None:
        self._history = history
        self._positions = positions
        self._warn = warn
        self._settle = settle
        self._noticed = 0.0
        self._gone = dict[str, list[Position]]()  # by folder

    def __bool__(self) -> bool:
        """Tell whether there are files to report."""
        return bool(self._gone)

    def note(self, folders: Iterable[str], found: Container[FileKey]) -> None:
        """Note which files are gone, at the first scan.

        Args:
            folders: the folders that an earlier run followed, without symlinks.
            found: the files that the scan found.
        """
        self._noticed = time.monotonic()
        for folder in folders:
            used = [one for one in self._positions.used_under(folder, IDLE_NS) if one.extent and one.key not in found]
            if gone := [one for one in used if not os.path.lexists(one.path)]:
                self._gone[folder] = gone

    def report(self) -> None:
        """Report the files of which nothing that was found since is a copy."""
        if time.monotonic() - self._noticed < self._settle:
            return
        for folder, files in self._gone.items():
            name = f"gone from {folder}"
            reported = (self._history.get(name) or "").split("\0")
            gone = [one for one in files if any(now.path == one.path for now in self._positions.find(one.inode))]
            paths = [one.path for one in gone]
            if new := [one for one in gone if one.path not in reported]:
                more = f", as are {len(new) - 1} more" if len(new) > 1 else ""
                self._warn(
                    new[0].path,
                    f"is gone since the run before{more}: what was written to it after byte {new[0].position:,} is not"
                    " counted",
                )
                self._history.set(name, "\0".join(paths[-_MOST_REMEMBERED:]))
        self._gone.clear()
