"""Gathers lines into chunks, publishes them, and knows which of them are not safe yet."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from producer import lines
from producer.positions.pending import PendingPositions
from producer.positions.position import Forgotten, HistoryEntry, Position, PositionUpdate
from producer.reading.followed_files import FollowedFiles
from producer.reading.line_reader import LineBlock
from producer.targets.base import Target
from producer.targets.set_aside import SetAside


@dataclass
class _Chunk:
    history: Sequence[HistoryEntry | Forgotten] = ()
    blocks: list[LineBlock] = field(default_factory=list)
    size: int = 0
    lines: int = 0

    def add(self, block: LineBlock, line_count: int) -> None:
        self.blocks.append(block)
        self.size += len(block.data)
        self.lines += line_count


class ChunkPublisher:
    """Publishes blocks of lines as chunks.

    Args:
        target: where the chunks are published.
        pending: receives the positions of each block at once, so that the blocks read next build on them.
        files: the followed files; messages name a file as the user knows it.
        max_lines: the most lines in a chunk; None sets no limit.
        admit: called with the lines of a chunk before it is published; returns once it may be.
        set_aside: told of what blocks set aside, before their positions are published.
    """

    def __init__(
        self,
        target: Target,
        pending: PendingPositions,
        files: FollowedFiles,
        max_lines: int | None,
        admit: Callable[[Sequence[bytes]], None],
        set_aside: SetAside,
    ) -> None:
        self._target = target
        self._pending = pending
        self._files = files
        self._max_lines = max_lines
        self._admit = admit
        self._set_aside = set_aside
        #: The files, and the positions in bytes, where the chunks begin that may not be safe yet.
        self.unconfirmed: list[tuple[str, int]] = []

    def publish(
        self, blocks: Iterable[LineBlock], history: Sequence[HistoryEntry | Forgotten]
    ) -> Iterator[tuple[Sequence[Position], int]]:
        """Publish blocks as chunks, the first one with the history, and wait at the end until all are safe.

        Yields:
            After each chunk, the positions it moved and how many bytes of files it covers.

        Raises:
            OSError: the target cannot be written to.
            WordCountError: the target refuses a chunk.
        """
        for chunk in self._chunks(blocks, history):
            yield self._publish(chunk), sum(block.size for block in chunk.blocks)
        self._target.flush()
        self.unconfirmed.clear()
        self._pending.clear()

    def remember(self, history: Sequence[HistoryEntry | Forgotten]) -> None:
        """Publish history alone: what a run has reported, for instance, so that the next one does not report it again.

        Raises:
            OSError: the target cannot be written to.
            WordCountError: the target refuses it.
        """
        for _ in self.publish((), history):
            pass

    def _chunks(self, blocks: Iterable[LineBlock], history: Sequence[HistoryEntry | Forgotten]) -> Iterator[_Chunk]:
        chunk = _Chunk(history)
        for block in blocks:
            for record in block.records:
                self._pending.add(record)
            if block.set_aside:
                self._set_aside.note(self._files.display_path(block.position), block.start, block.set_aside)
            count = 0 if self._max_lines is None else lines.count_lines(block.data)
            if self._max_lines is not None and chunk.lines and chunk.lines + count > self._max_lines:
                yield chunk
                chunk = _Chunk()
            chunk.add(block, count)
            if chunk.size >= self._target.chunk_bytes or chunk.lines == self._max_lines:
                yield chunk
                chunk = _Chunk()
        if chunk.blocks or chunk.history:
            yield chunk

    def _publish(self, chunk: _Chunk) -> Sequence[Position]:
        """Publish a chunk, and return its positions, one for each file."""
        with_data = [block for block in chunk.blocks if block.data]
        data = [block.data for block in with_data]
        records = (record for block in chunk.blocks for record in block.records)
        update = PositionUpdate.from_records(chain(chunk.history, records))
        self._admit(data)
        self.unconfirmed += [(self._files.display_path(block.position), block.start) for block in with_data[:1]]
        is_safe = self._target.publish(data, update)
        del self.unconfirmed[: None if is_safe else -1]
        return update.positions
