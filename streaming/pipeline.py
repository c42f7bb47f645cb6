"""The stream: from the spool through Spark to the sinks, until it is stopped or has counted all there is."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Self

from producer.errors import WordCountError
from producer.progress import bytes_progress
from streaming import checkpoint, sinks
from streaming.checkpoint import KEPT_OFFSETS, last_commit
from streaming.live import Screen
from streaming.session import BytesRead, Jvm
from streaming.spool import BATCH_BYTES, Feed
from streaming.state import State
from streaming.words import count_words

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

_TICK_SECONDS = 0.05
#: Spark remembers so many chunks, far more than it is behind with: the spool holds some hundreds at most.
KEPT_CHUNKS = 100_000
#: How long a batch that is being counted when the stream is told to stop may take to be finished.
_STOP_SECONDS = 120.0


@dataclass(frozen=True)
class Options:
    """What ``wordcount stream`` was asked for; durations in seconds."""

    source: str
    output: Path | None
    format_name: str
    trigger: float
    once: bool
    top: int | None
    snapshot_interval: float
    changes: bool
    settle: float
    depth: int | None


Say = Callable[[str], None]  #: shows a message to the person at the terminal
Show = Callable[["DataFrame", int | None], None]  #: shows the most frequent of counts


class _Sink:
    """Takes the changed words of each batch; what goes wrong in it is kept, as Spark passes on only its text."""

    def __init__(self, options: Options, state: State, screen: Screen | None) -> None:
        self._options = options
        self._checkpoint = state.checkpoint
        self._screen = screen
        self._prints = not options.once and screen is None
        self.error: BaseException | None = None
        self.batch: int | None = None

    def __call__(self, counts: "DataFrame", batch: int) -> None:
        self.batch = batch
        try:
            self._deliver(counts, batch)
        except BaseException as error:
            self.error = error
            raise

    def _deliver(self, counts: "DataFrame", batch: int) -> None:
        if batch % KEPT_OFFSETS == 0:
            checkpoint.trim(self._checkpoint)
        options = self._options
        if options.changes and options.output is not None:
            counts = counts.persist()  # each action would count the batch anew
            name = sinks.file_name(f"{batch:09d}", options.format_name)
            sinks.save(counts, options.output / "changes" / name, options.format_name)
        if self._prints or self._screen is not None:
            rows = sorted(((row[0], row[1]) for row in counts.collect()), key=lambda row: (-row[1], row[0]))
            if self._screen is not None:
                self._screen.update(rows)
            else:
                sinks.print_changes(rows[: options.top])
        elif not options.changes:
            counts.write.format("noop").mode("overwrite").save()  # counts, and passes nothing on
        if options.changes:
            counts.unpersist()


def run(options: Options, state: State, jvm: Jvm, say: Say, show: Show = sinks.print_all) -> tuple[int, bool]:
    """Count until told to stop, or with ``once`` until all that is there is counted.

    Args:
        options: what was asked for.
        state: the state folder, held by this process.
        jvm: Spark, which may still be starting.
        say: shows a message to the person at the terminal.
        show: shows the totals of ``once``.

    Returns:
        The exit status, 1 where something that is there could not be counted, else 0; and whether it was told to stop.

    Raises:
        WordCountError: what went wrong; the same command again goes on where this one ended.
    """
    with contextlib.ExitStack() as stack:
        stopping = stack.enter_context(_Stopping())
        feed = Feed(
            state,
            options.source,
            settle=options.settle,
            depth=options.depth,
            pause=min(max(options.trigger / 5, 0.01), 0.2),
            once=options.once,
            warn=lambda path, reason: say(f"warning: {path}: {reason}"),
        )
        stack.callback(feed.stop)
        if options.changes and options.output is not None:
            (options.output / "changes").mkdir(exist_ok=True)
        spark = jvm.session()
        stopping.listen()
        snapshots = Snapshots(spark, state, options)
        screen = None
        if sys.stdout.isatty() and not options.once:
            screen = stack.enter_context(Screen(options.top, snapshots.counts() if state.resumed else None))
        sink = _Sink(options, state, screen)
        query = _start(spark, options, state, sink)
        if options.once:
            _count_all(spark, query, sink, feed, snapshots, stopping)
        else:
            _count_on(query, sink, feed, snapshots, stopping, screen)
        feed.stop()
        _finish_batch(query, sink, state)
        feed.remove_counted()
        snapshots.write()
        if options.once and not stopping:
            show(snapshots.counts(), options.top)
        failures = feed.follower.failures
        if options.once and failures:
            say(f"{len(failures)} of the files there could not be counted; the warnings above name them")
        return (1 if options.once and failures else 0), bool(stopping)


def _start(spark: "SparkSession", options: Options, state: State, sink: _Sink) -> "StreamingQuery":
    lines = (
        spark.readStream.format("text")
        .option("maxBytesPerTrigger", BATCH_BYTES)
        # Chunk n has the time of n seconds. Spark remembers the chunks of so many seconds and takes none that is older.
        .option("maxFileAge", f"{KEPT_CHUNKS}s")
        .load(str(state.spool))
    )
    return (
        lines.transform(count_words)
        .writeStream.outputMode("update")  # a batch costs what it changes, and not what there is
        .option("checkpointLocation", str(state.checkpoint))
        .trigger(processingTime=f"{round(options.trigger * 1000) if not options.once else 0} milliseconds")
        .foreachBatch(sink)
        .start()
    )


def _count_on(  # noqa: PLR0913  # the loop is where all parts meet
    query: "StreamingQuery",
    sink: _Sink,
    feed: Feed,
    snapshots: "Snapshots",
    stopping: "_Stopping",
    screen: Screen | None,
) -> None:
    while not stopping:
        _check(query, sink, feed)
        feed.remove_counted()
        snapshots.write_if_due()
        if screen is not None:
            screen.refresh(query)
        stopping.wait(_TICK_SECONDS)


def _count_all(  # noqa: PLR0913  # the loop is where all parts meet
    spark: "SparkSession",
    query: "StreamingQuery",
    sink: _Sink,
    feed: Feed,
    snapshots: "Snapshots",
    stopping: "_Stopping",
) -> None:
    bytes_read = BytesRead(spark)
    with bytes_progress("counting") as show:
        while not stopping and not (feed.ended and feed.empty()):
            _check(query, sink, feed)
            feed.remove_counted()
            snapshots.write_if_due()
            if show is not None:
                counted = feed.follower.bytes_done - feed.waiting_bytes
                show(max(0, counted + bytes_read()), feed.follower.bytes_found)
            stopping.wait(_TICK_SECONDS)
    _check(query, sink, feed)


def _check(query: "StreamingQuery", sink: _Sink, feed: Feed) -> None:
    """Raise what went wrong in the follower, in the sink or in Spark, the cause before what followed from it."""
    for error in (feed.error, sink.error):
        if error is not None:
            raise error
    if not query.isActive:
        raise query.exception() or WordCountError("Spark ended the query without a reason; --debug shows its log")


def _finish_batch(query: "StreamingQuery", sink: _Sink, state: State) -> None:
    """Wait, with a bound, until the batch at hand is committed, then stop the query. What it cuts is counted again."""
    deadline = time.monotonic() + _STOP_SECONDS
    while query.isActive and sink.batch is not None and time.monotonic() < deadline:
        committed = last_commit(state.checkpoint)
        if committed is not None and committed >= sink.batch:
            break
        time.sleep(0.01)
    query.stop()


class Snapshots:
    """Writes ``counts.*`` in the output folder: one whole snapshot of one committed batch, replaced by rename.

    Delivery guarantee: a reader sees the whole of the last snapshot, also after a crash.
    """

    def __init__(self, spark: "SparkSession", state: State, options: Options) -> None:
        self._spark = spark
        self._state = state
        self._options = options
        self._written: int | None = None
        self._due = time.monotonic() + options.snapshot_interval

    def counts(self) -> "DataFrame":
        """Return the counts of the last committed batch: columns ``word`` and ``count``, read from the state."""
        batch = last_commit(self._state.checkpoint)
        if batch is None:
            return self._spark.createDataFrame([], "word string, count long")
        # Asking for the session's queries starts the coordinator of state stores, which the reader needs and does not start.
        _ = self._spark.streams
        state = self._spark.read.format("statestore").option("batchId", batch).load(str(self._state.checkpoint))
        return state.select("key.word", "value.count")

    def write_if_due(self) -> None:
        """Write a snapshot if its time has come and a batch was committed since the last."""
        if self._options.output is not None and time.monotonic() >= self._due:
            self.write()
            self._due = time.monotonic() + self._options.snapshot_interval

    def write(self) -> None:
        """Write a snapshot, unless the last one is of the same batch."""
        options = self._options
        if options.output is None:
            return
        target = options.output / sinks.file_name("counts", options.format_name)
        batch = last_commit(self._state.checkpoint)
        if batch is None or batch != self._written or not target.exists():
            sinks.save(self.counts(), target, options.format_name)
            self._written = batch


class _Stopping:
    """Whether the stream was told to stop, by Ctrl-C or SIGTERM; the second time either ends the program at once."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def __bool__(self) -> bool:
        return self._event.is_set()

    def __enter__(self) -> Self:
        self.listen()
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def listen(self) -> None:
        """Take the signals; again where pyspark has taken them since."""
        for number in self._before:
            signal.signal(number, self._stop)

    def wait(self, seconds: float) -> None:
        """Wait until told to stop, or for so long."""
        self._event.wait(seconds)

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # as signal wants it
        self._event.set()
        self.__exit__()
