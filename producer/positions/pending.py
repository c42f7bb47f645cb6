"""How far sources have been handed on: what the target knows of them, and what one look adds to that."""

from collections import defaultdict
from collections.abc import Sequence

from producer.log_names import family
from producer.positions.position import Position, PositionLookup

_Key = tuple[int, int]  # device and inode


class PendingPositions:
    """Positions as they will be once all that was added is handed on.

    Args:
        known: what keeps those that are.
    """

    def __init__(self, known: PositionLookup) -> None:
        self._known = known
        self._added: dict[_Key, Position] = {}
        self._families: dict[str, set[_Key]] = defaultdict(set)
        self._inodes: dict[int, set[_Key]] = defaultdict(set)

    def add(self, position: Position) -> None:
        """Take up a position that is on its way to the target."""
        key = position.device, position.inode
        self._added[key] = position
        self._families[family(position.path)].add(key)
        self._inodes[position.inode].add(key)

    def clear(self) -> None:
        """Forget what was added: it has arrived."""
        self._added.clear()
        self._families.clear()
        self._inodes.clear()

    def find(self, inode: int) -> tuple[list[Position], list[Position]]:
        """Return how far the files with this inode have been handed on, and what contents they had and lost."""
        found = {(position.device, position.inode): position for position in self._known.find(inode)}
        found |= {key: self._added[key] for key in self._inodes.get(inode, ())}
        return (
            [position for position in found.values() if position.device >= 0],
            [position for position in found.values() if position.device < 0],
        )

    def relatives(self, path: str) -> Sequence[Position]:
        """Return how far the files have been handed on whose names are those of the same log."""
        name = family(path)
        known = [one for one in self._known.relatives(path) if (one.device, one.inode) not in self._added]
        added = [self._added[key] for key in self._families.get(name, ())]
        return known + [position for position in added if family(position.path) == name]  # some were renamed since
