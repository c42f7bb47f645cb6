"""What every target of chunks offers."""

from collections.abc import Sequence
from typing import Protocol

from producer.positions.position import PositionLookup, PositionUpdate


class Target(PositionLookup, Protocol):
    """Where chunks are published. A chunk and its positions are committed in one step, which a crash cannot split."""

    chunk_bytes: int  #: a chunk is closed once it has this many bytes
    chunk_lines: int | None  #: the most lines of a chunk; None sets no limit
    line_bytes: int | None  #: the most bytes of a line, in UTF-8; None sets no limit

    def publish(self, data: Sequence[bytes], update: PositionUpdate) -> bool:
        """Publish ``data``, parts of whole lines, as one chunk with the ``update``; without data only the update.

        Returns whether the chunk is safe already. If not, the next call or ``flush`` waits for it.
        """

    def flush(self) -> None:
        """Wait until everything published is safe."""
