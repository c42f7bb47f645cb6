"""What is kept of places themselves, among the positions: that they were followed, and where their symlinks led."""

import os
from hashlib import blake2b

from producer.account import Known
from producer.positions import Position

#: The device of such a position, which no file has; its inode is the hash of what it is of.
_DEVICE = -1000


class Marks:
    """Marks of places, by their paths.

    Args:
        known: what keeps positions.
    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self._waiting: dict[str, Position] = {}
        self._taken: dict[str, Position] = {}  # on their way to what keeps them

    def get(self, place: str) -> str | None:
        """Return what a place was marked with, None where it never was."""
        if mark := self._waiting.get(place) or self._taken.get(place):
            return mark.path
        inode = _inode(place)
        return next((position.path for position in self._known.find(inode) if position.device == _DEVICE), None)

    def set(self, place: str, what: str) -> None:
        """Mark a place."""
        self._waiting[place] = Position(
            device=_DEVICE, inode=_inode(place), path=what, position=0, extent=0, fingerprint=b"", size=0, ctime_ns=0,
            birth_ns=0, complete=True,
        )  # fmt: skip

    def is_new(self, place: str) -> bool:
        """Tell whether a place was never marked, and mark it."""
        new = self.get(place) is None
        if new:
            self.set(place, place)
        return new

    def was_at(self, path: str) -> bool:
        """Tell whether a file was last seen at a path."""
        return any(position.path == path for position in self._known.relatives(path))

    def take(self) -> list[Position]:
        """Return the positions that keep what was marked since the last call, which has arrived by now."""
        self._taken, self._waiting = self._waiting, {}
        return list(self._taken.values())


def _inode(place: str) -> int:
    return int.from_bytes(blake2b(os.fsencode(place), digest_size=7).digest())
