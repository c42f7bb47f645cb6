"""What earlier runs of a stream have counted."""

from typing import TYPE_CHECKING

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.live_counts.counts import CountedBefore

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: The most words of earlier runs that are read from the state, to tell which words are new.
_KEPT_WORDS = 200_000


def counted_before(counts: "DataFrame") -> CountedBefore:
    """Return what was counted before this run.

    Args:
        counts: columns ``word`` and ``count``.
    """
    most = counts.orderBy(F.desc("count"), "word").limit(_KEPT_WORDS).collect()
    words, distinct = counts.agg(F.coalesce(F.sum("count"), F.lit(0)), F.count("*")).collect()[0]
    return CountedBefore({row[0]: row[1] for row in most}, words, distinct)
