"""What Spark reports of a query while it runs: its batches, and the bytes it has read."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.common.errors import WordCountError
from streaming.spark.settings import STATE_STORES, STORE, is_cluster

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

#: From which share of Java's memory on a user is warned, and how often it is read, which takes a millisecond.
_FULL, _HEAP_SECONDS = 0.7, 1.0
#: How Spark names the threads of tasks, and what their stacks have in a regular expression.
_TASK_THREAD, _REGEX_FRAME = "Executor task launch worker", "java.util.regex.Pattern"
#: How the metrics of Java name what was in use after the last collection.
_AFTER = ".used-after-gc"


class BatchTotals(NamedTuple):
    """The lines and words of one batch, and the number of distinct words after it."""

    lines: int
    words: int
    distinct: int


class PreviousBatch(NamedTuple):
    """What is known of the batch before this one.

    Attributes:
        seconds: how long it took; None before the second batch.
        records_behind: how many records it was behind the newest, in the partition furthest behind; None if the source
            is no topic.
    """

    seconds: float | None = None
    records_behind: int | None = None


def last_progress(query: "StreamingQuery") -> Any:
    """Return Spark's report on the last batch that a query has finished; None before the first."""
    return query._jsq.lastProgress()  # noqa: SLF001  # pyspark's own method turns it into JSON and back, which takes 5 ms


def listed(sequence: Any) -> list[Any]:
    """Return the elements of a sequence of Scala's."""
    return [sequence.apply(index) for index in range(sequence.size())]


def failure(query: "StreamingQuery") -> Exception | None:
    """Return what a query has failed with, None if it runs or has ended well."""
    error = query.exception()
    if error is not None:
        # pyspark keeps only the text of an error of Java that it has no class for.
        error.java_exception = query._jsq.exception().get()  # type: ignore[attr-defined]  # noqa: SLF001  # no other way
    return error


def ended_without_reason() -> WordCountError:
    """Return the error of a query that has ended though nobody has stopped it, and without an error of its own."""
    return WordCountError("Spark ended the query without a reason; --debug shows its log")


def previous_batch(query: "StreamingQuery") -> PreviousBatch:
    """Return what is known of the last batch that a query has finished."""
    last = last_progress(query)
    if last is None:
        return PreviousBatch()
    behind = last.sources()[0].metrics().get("maxOffsetsBehindLatest")
    return PreviousBatch(last.batchDuration() / 1000, None if behind is None else int(behind))


def batch_totals(query: "StreamingQuery") -> BatchTotals:
    """Return the totals of the current batch of a query. Call it in ``foreachBatch``, after the action.

    Spark measures them anyway, at the nodes of its plan. A metric of our own between the split and the count would take
    the rows out of the compiled loop: 3.5 s against 2.4 s for 220 MB.
    """
    rows: list[tuple[str, int]] = []  # the rows that nodes of the plan output, from the counts down to the source
    distinct = 0
    nodes = [query._jsq.streamingQuery().lastExecution().executedPlan()]  # noqa: SLF001  # pyspark has no other way
    for node in nodes:
        name = node.nodeName().split(" ")[0]
        if name == "StateStoreSave":
            distinct = node.metrics().apply("numTotalStateRows").value()
        elif name in {"Filter", "Generate", "Scan"}:
            rows.append((name, node.metrics().apply("numOutputRows").value()))
        children = listed(node.children())
        nodes.extend(children[:1] if name == "Union" else children)  # the lines; what comes next opens windows
    words = next(count for name, count in rows if name != "Scan")
    # The scan of a topic has another name, so these are then the lines that the records were split into.
    lines = next(count for name, count in reversed(rows) if name != "Filter")
    return BatchTotals(lines, words, distinct)


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
    """How many bytes the running stages have read, as their tasks report twice a second."""

    def __init__(self, session: "SparkSession") -> None:
        self._store = session.sparkContext._jsc.sc().statusStore()  # noqa: SLF001  # pyspark has no other way

    def __call__(self) -> int:
        """Return the number of bytes."""
        return sum(int(stage.inputBytes()) for stage in listed(self._store.activeStages()))


class TaskWatch:
    """How far the running tasks are, and whether they are at a regular expression, on this machine or on a cluster."""

    def __init__(self, session: "SparkSession") -> None:
        self._context = session.sparkContext._jsc.sc()  # noqa: SLF001  # pyspark has no other way

    def progress(self) -> tuple[tuple[int, int, int], ...] | None:
        """Return the running stages, each with its ended tasks and the lines it has read; None if none is running."""
        stages = listed(self._context.statusStore().activeStages())
        return tuple((one.stageId(), one.numCompleteTasks(), one.inputRecords()) for one in stages) or None

    def is_matching(self) -> bool:
        """Return whether a task is in Java's regular expressions at this moment, as the stacks of its threads say."""
        executors = listed(self._context.statusStore().executorList(True))
        dumps = (self._context.getExecutorThreadDump(one.id()) for one in executors)
        threads = (thread for dump in dumps if dump.isDefined() for thread in dump.get())
        return any(
            str(thread.threadName()).startswith(_TASK_THREAD) and _REGEX_FRAME in str(thread.stackTrace())
            for thread in threads
        )


class HeapWatch:
    """Warns once when counts in memory fill most of the memory of Java.

    Args:
        read: returns the share of it that is in use.
        say: shows a message to the user.
    """

    def __init__(self, read: Callable[[], float], say: Callable[[str], None]) -> None:
        self._read = read
        self._say = say
        self._next = 0.0

    def poll(self) -> None:
        """Warn if it is time to, at most once."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _HEAP_SECONDS
        if (share := self._read()) >= _FULL:
            self._next = float("inf")
            self._say(
                f"warning: {share:.0%} of Java's memory is in use; before it is full, stop, and give the same command"
                " --state-store rocksdb, which keeps the counts on disk, or --conf spark.driver.memory=8g"
            )


def heap_watch(session: "SparkSession", say: Callable[[str], None]) -> HeapWatch | None:
    """Return what watches the memory of this JVM; None if the counts are elsewhere."""
    is_elsewhere = is_cluster({"spark.master": str(session.sparkContext.master)})
    if is_elsewhere or session.conf.get(STORE) != STATE_STORES["memory"]:
        return None
    return HeapWatch(heap_use(session), say)


def heap_use(session: "SparkSession") -> Callable[[], float]:
    """Return a function that returns which share of Java's memory for objects that live long is in use.

    It is what was in use after the last collection there: what there is at any other time may be garbage.
    """
    java: Any = session.sparkContext._jvm  # noqa: SLF001  # pyspark has no other way
    gauges = java.com.codahale.metrics.jvm.MemoryUsageGaugeSet().getMetrics()
    pools = [str(name).removesuffix(_AFTER) for name in gauges.keySet() if str(name).endswith(_AFTER)]
    largest = max(pools, key=lambda pool: int(gauges[f"{pool}.max"].getValue()))
    used, size = gauges[largest + _AFTER], int(gauges[f"{largest}.max"].getValue())
    return lambda: int(used.getValue()) / size
