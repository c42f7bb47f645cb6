"""The stored positions together with those of the chunks that are still being published."""

from producer.positions.memory import MemoryPositions
from producer.positions.position import Position, PositionLookup


class PendingPositions:
    """Positions as they will be once every chunk on its way is committed.

    Args:
        stored: finds the committed positions.
    """

    def __init__(self, stored: PositionLookup) -> None:
        self._stored = stored
        self._pending = MemoryPositions()

    def add(self, position: Position) -> None:
        """Take in a position on its way to the target."""
        self._pending.add(position)

    def clear(self) -> None:
        """Forget the positions added: they are stored."""
        self._pending = MemoryPositions()

    def find(self, inode: int) -> tuple[list[Position], list[Position]]:
        """Return the positions of the files with this inode, and those of contents that they had and lost."""
        found = {position.key: position for position in [*self._stored.find(inode), *self._pending.find(inode)]}
        return (
            [position for position in found.values() if position.device >= 0],
            [position for position in found.values() if position.device < 0],
        )

    def relatives(self, path: str) -> list[Position]:
        """Return the positions of the files whose names belong to the same log; see ``producer.log_names``."""
        stored = [position for position in self._stored.relatives(path) if position.key not in self._pending]
        return stored + self._pending.relatives(path)
