"""A page that is served to browsers, and shows counts that a test fills in place of a stream."""

import time
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from streaming.live_counts.counts import CountedBefore, Counts
from streaming.live_counts.shared import SharedCounts
from streaming.serving.address import Address, listen, url
from streaming.serving.server import PageServer
from streaming.serving.status import Status
from streaming.spark.metrics import BatchTotals, PreviousBatch


class ServedPage:
    """A page of counts that a test fills, as a stream does with its batches. To leave it ends the stream.

    Args:
        port: the port to serve at; 0 takes a free one.
        before: what was counted before this run.
        status: attributes of the stream's status that are not as usual.
    """

    def __init__(self, port: int = 0, before: CountedBefore | None = None, **status: Any) -> None:
        self._listener = listen(Address("127.0.0.1", port))
        self.url = url(self._listener)
        self.port = int(self._listener.getsockname()[1])
        before = before or CountedBefore()
        self._counts = Counter(before.most_frequent)
        self._shared = SharedCounts(Counts(before, time.monotonic(), keeps_hour=True))
        self.status = Status(**{"source": "app.log", "state": "running", "counts": self._shared, **status})
        self.said: list[str] = []
        self._server = PageServer(self._listener, self.status, self.said.append)

    def add(self, words: Mapping[str, int], lines: int = 1) -> None:
        """Count a batch, which has each of these words so often."""
        self._counts.update(words)
        changed = [(word, self._counts[word]) for word in words]
        self._shared.update(
            changed, BatchTotals(lines, sum(words.values()), len(self._counts)), PreviousBatch(seconds=0.2)
        )

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)
