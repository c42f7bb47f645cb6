"""Which file each log was, from run to run."""

import os

from producer.discovery.history import History
from producer.positions.pending import PendingPositions
from producer.positions.position import LostContent, Position
from producer.rotation.unread_rest import Log


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
