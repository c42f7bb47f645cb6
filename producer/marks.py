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
        self._added: dict[str, str] = {}
        self._waiting: dict[str, Position] = {}

    def get(self, place: str) -> str | None:
        """Return what a place was marked with, None where it never was."""
        if place in self._added:
            return self._added[place]
        inode = _inode(place)
        return next((position.path for position in self._known.find(inode) if position.device == _DEVICE), None)

    def set(self, place: str, what: str) -> None:
        """Mark a place."""
        self._added[place] = what
        self._waiting[place] = Position(
            device=_DEVICE, inode=_inode(place), path=what, position=0, extent=0, fingerprint=b"", size=0, ctime_ns=0,
            birth_ns=0, complete=True,
        )  # fmt: skip

    def knows(self, device: int, inode: int) -> bool:
        """Tell whether anything of a file was handed on."""
        return any(position.device == device for position in self._known.find(inode))

    def is_new(self, place: str) -> bool:
        """Tell whether a place was never marked, and mark it."""
        new = self.get(place) is None
        if new:
            self.set(place, place)
        return new

    def take(self) -> list[Position]:
        """Return the positions that keep what was marked since the last call."""
        taken = list(self._waiting.values())
        self._waiting.clear()
        return taken


def _inode(place: str) -> int:
    return int.from_bytes(blake2b(os.fsencode(place), digest_size=7).digest())
