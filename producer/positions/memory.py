"""Positions in memory."""

from collections import defaultdict

from producer import log_names
from producer.positions.position import Key, Position


class MemoryPositions:
    """The last position of each file. Lookups cost what they return, however many files there are."""

    def __init__(self) -> None:
        self._by_key: dict[Key, Position] = {}
        self._by_inode: dict[int, dict[Key, Position]] = defaultdict(dict)
        self._by_family: dict[str, dict[Key, Position]] = defaultdict(dict)

    def __contains__(self, key: Key) -> bool:
        return key in self._by_key

    def add(self, position: Position) -> None:
        """Keep a position instead of the former one of the same file."""
        former = self._by_key.get(position.key)
        if former is not None and former.path != position.path:  # it was renamed, perhaps to a name of another log
            del self._by_family[former.family][former.key]
        self._by_key[position.key] = position
        self._by_inode[position.inode][position.key] = position
        self._by_family[position.family][position.key] = position

    def find(self, inode: int) -> list[Position]:
        """Return the positions of the files with this inode, on any device."""
        return list(self._by_inode.get(inode, {}).values())

    def relatives(self, path: str) -> list[Position]:
        """Return the positions of the files whose names belong to the same log; see ``producer.log_names``."""
        return list(self._by_family.get(log_names.family(path), {}).values())
