"""What a stream has counted, as its state has it: in earlier runs, and at the checkpoints of real time."""

import time
from typing import TYPE_CHECKING

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.live_counts.counts import CountedBefore
from streaming.live_counts.shared import SharedCounts
from streaming.live_counts.trends import KNOWN_WORDS
from streaming.spark.metrics import BatchTotals, PreviousBatch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: The most words of earlier runs that are read from the state, to tell which words are new.
_KEPT_WORDS = 200_000
#: Between checkpoints that are further apart, words seem to rise at each.
_EVEN_SECONDS = 30.0


def counted_before(counts: "DataFrame", most_words: int = _KEPT_WORDS) -> CountedBefore:
    """Return what was counted so far.

    Args:
        counts: columns ``word`` and ``count``.
        most_words: how many words with their counts to return at most.
    """
    most = counts.orderBy(F.desc("count"), "word").limit(most_words).collect()
    words, distinct = counts.agg(F.coalesce(F.sum("count"), F.lit(0)), F.count("*")).collect()[0]
    return CountedBefore({row[0]: row[1] for row in most}, words, distinct)


class Checkpoints:
    """Takes what each checkpoint of a stream in real time has counted to where it is shown, as if it were a batch.

    Args:
        shared: where it is shown.
        before: what is shown there so far.
    """

    def __init__(self, shared: SharedCounts, before: CountedBefore) -> None:
        self._shared = shared
        self._last, self._time = before, time.monotonic()

    def take(self, counts: "DataFrame") -> None:
        """Take in the counts of a checkpoint: columns ``word`` and ``count``. How many lines they are is not known."""
        now, last = counted_before(counts, KNOWN_WORDS), self._last
        changed = [row for row in now.most_frequent.items() if last.most_frequent.get(row[0]) != row[1]]
        self._shared.update(changed, BatchTotals(0, now.words - last.words, now.distinct), PreviousBatch())
        time_now = time.monotonic()
        with self._shared.read() as shown:
            shown.trends.is_uneven = time_now - self._time > _EVEN_SECONDS
            if now.distinct > len(now.most_frequent):
                shown.trends.keep_only(now.most_frequent.keys())
        self._last, self._time = now, time_now
