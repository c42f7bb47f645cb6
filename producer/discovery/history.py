"""What is kept of places themselves, among the positions: that they were followed, and where their symlinks led."""

import os
from hashlib import blake2b

from producer.positions.position import Position, PositionLookup

#: The device of such a position, which no file has; its inode is the hash of what it is of.
_DEVICE = -1000


class History:
    """Marks of places, by their paths.

    Args:
        known: what keeps positions.
    """

    def __init__(self, known: PositionLookup) -> None:
        self._known = known
        self._waiting: dict[str, Position] = {}
        self._taken: dict[str, Position] = {}  # on their way to what keeps them

    def get(self, place: str) -> str | None:
        """Return what a place was marked with, None where it never was."""
        mark = self._of(place)
        return mark.path if mark else None

    def get_ns(self, place: str) -> int | None:
        """Return the time a place was marked with, None where it never was."""
        mark = self._of(place)
        return mark.ctime_ns if mark else None

    def set(self, place: str, what: str, when_ns: int = 0) -> None:
        """Mark a place, also with a time."""
        self._waiting[place] = Position(
            device=_DEVICE, inode=_inode(place), path=what, position=0, extent=0, fingerprint=b"", size=0,
            ctime_ns=when_ns, birth_ns=0, complete=True,
        )  # fmt: skip

    def is_new(self, place: str) -> bool:
        """Tell whether a place was never marked, and mark it."""
        new = self.get(place) is None
        if new:
            self.set(place, place)
        return new

    def was_at(self, path: str) -> bool:
        """Tell whether a file was last seen at a path."""
        return any(position.path == path for position in self._relatives(path))

    def knows_log_of(self, path: str) -> bool:
        """Tell whether anything was followed of the log that a file belongs to by its name."""
        return bool(self._relatives(path))

    def take(self) -> list[Position]:
        """Return the positions that keep what was marked since the last call, which has arrived by now."""
        self._taken, self._waiting = self._waiting, {}
        return list(self._taken.values())

    def _of(self, place: str) -> Position | None:
        if mark := self._waiting.get(place) or self._taken.get(place):
            return mark
        return next((position for position in self._known.find(_inode(place)) if position.device == _DEVICE), None)

    def _relatives(self, path: str) -> list[Position]:
        return [position for position in self._known.relatives(path) if position.device != _DEVICE]


def _inode(place: str) -> int:
    return int.from_bytes(blake2b(os.fsencode(place), digest_size=7).digest())
