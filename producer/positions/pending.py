"""The stored positions together with those of the chunks that are still being published."""

from collections.abc import Sequence

from producer.positions.memory import MemoryPositions
from producer.positions.position import LostContent, Position, PositionLookup, Record

#: For how many beginnings the stored contents are remembered: thousands of equal files may arrive at once.
MOST_REMEMBERED = 64


class PendingPositions:
    """Positions as they will be once every chunk on its way is committed.

    Args:
        stored: finds the committed positions.
    """

    def __init__(self, stored: PositionLookup) -> None:
        self._stored = stored
        self._pending = MemoryPositions()
        self._alike: dict[tuple[bytes, ...], list[Position | LostContent]] = {}  # what is stored, until that changes

    def add(self, record: Record) -> None:
        """Take in a record on its way to the target."""
        self._pending.add(record)

    def clear(self) -> None:
        """Forget the records added: they are stored."""
        self._pending = MemoryPositions()
        self._alike.clear()

    def find(self, inode: int) -> list[Position]:
        """Return the positions of the files with this inode, on any device."""
        found = [*self._stored.find(inode), *self._pending.find(inode)]
        return list({position.key: position for position in found}.values())

    def lost_contents(self, inode: int) -> list[LostContent]:
        """Return the contents that the files with this inode had and lost."""
        found = [*self._stored.lost_contents(inode), *self._pending.lost_contents(inode)]
        return list({content.key: content for content in found}.values())

    def relatives(self, path: str) -> list[Position | LostContent]:
        """Return what is known of the files whose names belong to the same log; see ``producer.log_names``."""
        stored = [content for content in self._stored.relatives(path) if content.key not in self._pending]
        return stored + self._pending.relatives(path)

    def alike(self, heads: Sequence[bytes]) -> list[Position | LostContent]:
        """Return some of the contents that begin with one of these ``heads``, at most ``MOST_ALIKE`` of each kind."""
        key = tuple(heads)
        if key not in self._alike:
            if len(self._alike) == MOST_REMEMBERED:
                self._alike.clear()
            self._alike[key] = self._stored.alike(heads)
        # What is stored meanwhile is still pending.
        stored = [content for content in self._alike[key] if content.key not in self._pending]
        return stored + self._pending.alike(heads)

    def used_under(self, folder: str, span_ns: int) -> list[Position]:
        """Return the positions of the files in a folder that were in use when they were last seen."""
        stored = [one for one in self._stored.used_under(folder, span_ns) if one.key not in self._pending]
        return stored + self._pending.used_under(folder, span_ns)
