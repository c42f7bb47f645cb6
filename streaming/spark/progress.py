"""What Spark knows of the batches of a query: the one at hand, and the one before."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery


class Totals(NamedTuple):
    """What one batch held: lines and words, and how many distinct words there are after it."""

    lines: int
    words: int
    distinct: int


class Former(NamedTuple):
    """The batch before: how long it took, and how many records it was behind the newest, in a partition of a topic."""

    seconds: float | None = None
    behind: int | None = None


def last_progress(query: "StreamingQuery") -> Any:
    """Return what Spark tells of the batch that a query has ended last, None before the first."""
    return query._jsq.lastProgress()  # noqa: SLF001  # as JSON, which pyspark makes of it, it takes 5 ms


def former_batch(query: "StreamingQuery") -> Former:
    """Return what is known of the batch that a query has ended last."""
    last = last_progress(query)
    if last is None:
        return Former()
    behind = last.sources()[0].metrics().get("maxOffsetsBehindLatest")
    return Former(last.batchDuration() / 1000, None if behind is None else int(behind))


def batch_totals(query: "StreamingQuery") -> Totals:
    """Return the totals of the batch that a query is at, within ``foreachBatch`` and after its action.

    Spark measures them anyway, at the nodes of its plan. A metric of our own between the split and the count takes the
    rows out of the compiled loop: 3.5 s against 2.4 s for 220 MB.
    """
    rows: list[tuple[str, int]] = []  # that nodes of the plan pass on, from the counts down to the source
    distinct = 0
    nodes = [query._jsq.streamingQuery().lastExecution().executedPlan()]  # noqa: SLF001  # pyspark does not pass it on
    for node in nodes:
        name = node.nodeName().split(" ")[0]
        if name == "StateStoreSave":
            distinct = node.metrics().apply("numTotalStateRows").value()
        elif name in {"Filter", "Generate", "Scan"}:
            rows.append((name, node.metrics().apply("numOutputRows").value()))
        children = node.children()
        nodes.extend(children.apply(index) for index in range(children.size()))
    words = next(count for name, count in rows if name != "Scan")
    # Of a topic, whose scan has another name, they are what records are split into.
    lines = next(count for name, count in reversed(rows) if name != "Filter")
    return Totals(lines, words, distinct)


def never_falling(read: Callable[[], int]) -> Callable[[], int]:
    """Return a function that returns the most that ``read`` has returned so far.

    A stage that ends takes the bytes it has read out of ``BytesRead``, before its batch is committed.

    >>> figures = iter([1, 3, 2, 4])
    >>> highest = never_falling(lambda: next(figures))
    >>> [highest() for _ in range(4)]
    [1, 3, 3, 4]
    """
    highest = 0

    def read_highest() -> int:
        nonlocal highest
        highest = max(highest, read())
        return highest

    return read_highest


class BytesRead:
    """How many bytes the running stages have read, as their tasks tell twice a second."""

    def __init__(self, session: "SparkSession") -> None:
        self._store = session.sparkContext._jsc.sc().statusStore()  # noqa: SLF001  # pyspark does not pass it on

    def __call__(self) -> int:
        """Return them."""
        stages = self._store.activeStages()
        return sum(int(stages.apply(index).inputBytes()) for index in range(stages.size()))
