"""Forgets what is known of the files of logs that are gone, so that it does not grow with each rotation ever made.

Of the files of a log that are gone, the last ``MOST_GONE`` are remembered one by one. Of those before, only the latest
time of change is: a rotated file of the log that has not changed since was counted, and does not count again if it
comes back.

A file is gone only if its log, or another file of it, is there on the same device. Otherwise its folder may be
unreachable, or its disk not mounted.
"""

import os
import time
from collections.abc import Callable

from producer.discovery.history import History
from producer.positions.pending import PendingPositions
from producer.positions.position import LostContent, Position
from producer.reading.followed_files import FollowedFiles

#: How many of the files of one log that are gone are remembered one by one.
MOST_GONE = 100
#: After how many new files of a log more than these are looked for.
NEW_FILES = 10
#: The files of no log: each has identified a copy, which is known as well.
_CLAIMED = ""
_MOST_LOGS = 10_000


class Forgetting:
    """Finds what can be forgotten.

    Args:
        history: what is to be removed is given to it.
        positions: how far each file was published.
        files: all followed files.
        forget: called for each file that is forgotten.
    """

    def __init__(
        self,
        history: History,
        positions: PendingPositions,
        files: FollowedFiles,
        forget: Callable[[Position], None],
    ) -> None:
        self._history = history
        self._positions = positions
        self._files = files
        self._forget = forget
        self._new: dict[str, int] = {}  # how many files of each log are new since it was due
        self._due = set[str]()

    def note(self, position: Position) -> None:
        """Note that a position is published, before the state of its file has it."""
        state = self._files.find(position.key)
        if position.path == _CLAIMED:
            log = _CLAIMED
        elif state is not None and state.position is None and state.file is not None and state.file.is_log:
            log = position.family
        else:
            return
        if len(self._new) > _MOST_LOGS:
            self._new.clear()
        new = self._new.get(log, NEW_FILES - 1) + 1  # the first one shows what the run before has left
        self._new[log] = new % NEW_FILES
        if new == NEW_FILES:
            self._due.add(log)

    def step(self) -> None:
        """Forget what is due; the last scan has found all files there are, and all records are stored."""
        for log in self._due:
            gone = sorted(self._gone(log), key=lambda one: one.mtime_ns)
            forgotten = gone[: max(0, len(gone) - MOST_GONE)]
            self._note_counted(log, forgotten)
            for one in forgotten:
                self._history.forget(one.key)
                if isinstance(one, Position):
                    self._forget(one)
        self._due.clear()

    def _gone(self, log: str) -> list[Position | LostContent]:
        contents = self._positions.relatives(log)
        there = {one.key for one in contents if isinstance(one, Position) and self._is_there(one)}
        devices = {device for device, _ in (there if log else (state.file.key for state in self._files if state.file))}
        return [
            one
            for one in contents
            if (devices if isinstance(one, LostContent) else one.device in devices and one.key not in there)
        ]

    def _is_there(self, position: Position) -> bool:
        """Tell whether a file is there, or may be."""
        if self._files.find(position.key) is not None:
            return True
        try:
            status = os.lstat(position.path)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return (status.st_dev, status.st_ino) == position.key

    def _note_counted(self, log: str, forgotten: list[Position | LostContent]) -> None:
        now_ns, known_ns = time.time_ns(), self._history.counted_until(log)
        last_ns = max((one.mtime_ns for one in forgotten if one.mtime_ns <= now_ns), default=0)
        if log != _CLAIMED and last_ns and not last_ns <= known_ns <= now_ns:
            self._history.note_counted(log, last_ns)
