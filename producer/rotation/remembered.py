"""Which file each log was, from run to run."""

import os
import time
from collections.abc import Iterator

from producer.discovery.found_file import FoundFile
from producer.discovery.history import History
from producer.positions.pending import PendingPositions
from producer.positions.position import LostContent, Position
from producer.rotation.unread_rest import Log

#: What a log lost so many seconds before a start is looked for again: the run before may not have found it yet.
_RECENT_SECONDS = 600.0


class RememberedLogs:
    """Remembers which file each log is, so that the next run looks for it.

    Args:
        history: remembers it from run to run.
        positions: how far each file was published.
    """

    def __init__(self, history: History, positions: PendingPositions) -> None:
        self._history = history
        self._positions = positions

    def former(self, path: str) -> Log | None:
        """Return what a log was when it was last followed."""
        inode, birth, *folder = (self._history.get(_name(path)) or "0 0").split(" ", 2)
        return Log(path, (folder or [os.path.dirname(path)])[0], int(inode), int(birth)) if inode != "0" else None

    def remember(self, log: Log) -> None:
        """Remember which file a log is; inode 0 is none."""
        self._history.set(_name(log.path), f"{log.inode} {log.birth_ns} {log.folder}")

    def content(self, log: Log) -> Position | None:
        """Return what was published of a log; None if nothing was, or it has identified a copy."""
        return next((one for one in self._positions.find(log.inode) if one.path and one.birth_ns == log.birth_ns), None)

    def truncated(self, path: str, file: FoundFile | None) -> Iterator[tuple[Log, LostContent]]:
        """Yield what a log lost last, a moment ago, and the log as it was then: it may have been replaced since.

        Args:
            path: the log.
            file: what is there now.
        """
        since_ns = time.time_ns() - _RECENT_SECONDS * 1e9
        present = Log(path, os.path.dirname(file.real), file.inode, 0) if file else None
        for log in {one.inode: one for one in (present, self.former(path)) if one is not None}.values():
            recent = [
                lost for lost in self._positions.lost_contents(log.inode) if lost.path and lost.lost_ns > since_ns
            ]
            lost = max(recent, key=lambda lost: lost.lost_ns, default=None)
            if lost is not None and not self.was_reported(path, lost):
                yield log, lost

    def was_reported(self, path: str, content: LostContent) -> bool:
        """Tell whether it was reported that no file has a content which the log at a path has lost."""
        return self._history.get_ns(_reported(path)) == content.lost_ns

    def note_reported(self, path: str, content: LostContent) -> None:
        """Remember that it was reported."""
        self._history.set(_reported(path), path, content.lost_ns)


def _reported(path: str) -> str:
    return f"unfound {path}"


def _name(path: str) -> str:
    return f"log at {path}"
