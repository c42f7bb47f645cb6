"""The stream: from the spool through Spark to the sinks, until it is stopped or has counted all there is."""

import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import WordCountError
from producer.logs import unfinished_message
from producer.progress import bytes_progress
from producer.stopping import Stopping
from streaming import checkpoint, sinks
from streaming.batch_progress import batch_totals, former_batch
from streaming.canvas import is_usable
from streaming.checkpoint import KEPT_OFFSETS, last_commit
from streaming.left_out import LeftOut
from streaming.live import Progress, Screen
from streaming.rules import checked, checked_windows
from streaming.session import BytesRead, Jvm
from streaming.snapshots import Snapshots
from streaming.sources import Files, read_release, read_remote, read_spool, read_topics
from streaming.spool import Feed
from streaming.state import State, note_place
from streaming.topics import OutputTopic, Topics, Watch, watches
from streaming.windows import Windows, count_words_in_windows
from streaming.words import ONE_SPACE, WordRule, count_words

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

#: What is due is looked for so often; each time asks Spark how it is, 1.5 ms: at 50 ms that was 3 % of a core.
_TICK_SECONDS = 0.25
#: How long a batch that is being counted when the stream is told to stop may take to be finished.
_STOP_SECONDS = 120.0
#: After how long that is worth a word.
_LONG_STOP_SECONDS = 3.0


@dataclass(frozen=True)
class Options:
    """What ``wordcount stream`` was asked for; durations in seconds."""

    source: Files | Topics | str  #: an address is read by Spark itself
    output: Path | None
    format_name: str
    trigger: float
    once: bool
    top: int | None
    snapshot_interval: float
    changes: bool
    settle: float
    depth: int | None
    topic: OutputTopic | None = None
    rule: WordRule = ONE_SPACE
    windows: Windows | None = None

    @property
    def follows(self) -> bool:
        """Whether the source is followed into the spool."""
        return isinstance(self.source, Files)

    @property
    def holds_windows(self) -> bool:
        """Whether windows are held open until what was there at the start is counted: it is not read in its order."""
        timed = self.windows is not None and self.windows.time is not None
        return timed and isinstance(self.source, Files) and not self.source.is_piped


Say = Callable[[str], None]  #: shows a message to the person at the terminal
Show = Callable[["DataFrame", int | None], None]  #: shows the most frequent of counts


class _Sink:
    """Takes the changed words of each batch; what goes wrong in it is kept, as Spark passes on only its text."""

    def __init__(
        self,
        spark: "SparkSession",
        options: Options,
        state: State,
        screen: Screen | None,
        tell: Say,
    ) -> None:
        self._spark = spark  # a batch comes with a session of its own, which knows no queries
        self._options = options
        self._checkpoint = state.checkpoint
        self._screen = screen
        self.left_out = None if options.windows is None else LeftOut(options.windows, tell)
        self._prints = not options.once and screen is None and options.topic is None  # which has them
        self.error: BaseException | None = None
        self.batch: int | None = None

    def __call__(self, counts: "DataFrame", batch: int) -> None:
        self.batch = batch
        try:
            if self._options.follows and batch % KEPT_OFFSETS == 0:
                checkpoint.trim(self._checkpoint)
            if self.left_out is None:
                self._deliver(counts, batch)
            else:
                self.left_out.look(self._spark.streams.active[0])  # at the batch before
                self._deliver_closed(counts, batch)
        except BaseException as error:
            self.error = error
            raise

    def _deliver(self, counts: "DataFrame", batch: int) -> None:
        options = self._options
        collects = self._prints or self._screen is not None
        actions = options.changes + (options.topic is not None) + collects
        if actions > 1:
            counts = counts.persist()  # each action would count the batch anew
        if options.changes and options.output is not None:
            self._save(counts, options.output / "changes", batch)
        if options.topic is not None:
            sinks.write_to_topic(counts, options.topic)
        if collects:
            rows = sorted(((row[0], row[1]) for row in counts.collect()), key=lambda row: (-row[1], row[0]))
            if self._screen is not None:
                query = self._spark.streams.active[0]
                self._screen.update(rows, batch_totals(query), former_batch(query))
            else:
                sinks.print_changes(rows[: options.top])
        elif actions == 0:
            counts.write.format("noop").mode("overwrite").save()  # counts, and passes nothing on
        if actions > 1:
            counts.unpersist()

    def _deliver_closed(self, counts: "DataFrame", batch: int) -> None:
        """Pass on the windows that this batch has closed, each whole, and none of them comes again."""
        options = self._options
        counts = counts.persist()
        if counts.count():  # isEmpty would not count all of the batch
            if options.output is not None:
                self._save(counts, options.output / "windows", batch)
            if options.topic is not None:
                sinks.write_to_topic(counts, options.topic)
            else:
                sinks.print_all(counts, options.top)
        counts.unpersist()

    def _save(self, counts: "DataFrame", folder: Path, batch: int) -> None:
        """Write the file of a batch; where the batch is counted again, the same replaces it."""
        stem, chosen = f"{batch:09d}", self._options.format_name
        sinks.save(counts, folder / sinks.file_name(stem, chosen), chosen)
        sinks.remove_other_formats(folder, stem, chosen)  # of a run that was cut off


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
        screen: Screen | None = None
        said = ""

        def tell(message: str) -> None:
            nonlocal said
            said = message
            (say if screen is None or not sys.stderr.isatty() else screen.say)(message)

        try:
            options = _checked(options, jvm)
        except (KeyboardInterrupt, SystemExit):
            return 0, True  # told to stop before there was a batch to finish
        state.begin()
        feed = _feed(options, state, tell, say, stack)
        watched = watches(options.source, options.topic, tell)
        for watch in watched:
            stack.callback(watch.stop)
        _prepare_output(options, state)
        try:
            spark = jvm.session()
        except (KeyboardInterrupt, SystemExit):
            return 0, True
        # Not before: pyspark takes the signals when it starts.
        stopping = stack.enter_context(Stopping(restore=lambda: None if screen is None else screen.restore()))
        snapshots = Snapshots(
            spark, state.checkpoint, options.output, options.format_name, options.snapshot_interval,
            windowed=options.windows is not None,
        )  # fmt: skip
        if is_usable() and not options.once and options.windows is None:
            before = snapshots.counts() if state.resumed else None
            screen = stack.enter_context(Screen(options.top, before, say, lambda: _progress(feed), said))
        _fill(options.topic, state, snapshots, options.windows)
        sink = _Sink(spark, options, state, screen, tell)
        running = _Running(_start(spark, options, state, sink), sink, feed, watched, screen, snapshots, stopping)
        if options.once:
            _count_all(running, BytesRead(spark))
        else:
            _count_on(running)
        if options.windows is not None:
            _close_windows(running)
        # Whatever --trigger says: the next batch may be hours away.
        _finish(running, state, tell, lambda: _start(spark, replace(options, trigger=0.0), state, sink))
        # The windows that are open where the source ends are not closed by what comes.
        if not stopping and (options.once or options.windows is not None):
            show(snapshots.counts(), options.top)
        failures = feed.follower.failures if feed is not None and options.once else []
        if failures:
            say(f"{len(failures)} of the files there could not be counted; the warnings above name them")
        return (1 if failures else 0), bool(stopping)


def _checked(options: Options, jvm: Jvm) -> Options:
    """Return the options with what Java says of their patterns."""
    windows = options.windows and checked_windows(jvm.session, options.windows)
    return replace(options, rule=checked(jvm.session, options.rule), windows=windows)


def _prepare_output(options: Options, state: State) -> None:
    """Have the output folder lead to the state, and make the folders of the files of single batches."""
    if options.output is None:
        return
    note_place(options.output, state.folder)
    if options.changes:
        (options.output / "changes").mkdir(exist_ok=True)
    if options.windows is not None:
        (options.output / "windows").mkdir(exist_ok=True)


def _progress(feed: Feed | None) -> Progress:
    return Progress() if feed is None else Progress(feed.follower.files, feed.lag)


def _fill(topic: OutputTopic | None, state: State, snapshots: Snapshots, windows: Windows | None) -> None:
    """Write all counts to an output topic that is another than before."""
    if topic is not None and state.output != topic.ids:
        if state.resumed and windows is None:  # those that are open have none that are final
            sinks.write_to_topic(snapshots.counts(), topic)
        state.note_output(topic.ids)


def _feed(options: Options, state: State, tell: Say, say: Say, stack: contextlib.ExitStack) -> Feed | None:
    """Return what fills the spool, until ``stack`` ends; None where Spark reads the source itself."""
    if not isinstance(options.source, Files):
        return None
    feed = Feed(
        state,
        options.source,
        settle=options.settle,
        depth=options.depth,
        apart=[str(f) for f in (state.folder, options.output, tempfile.gettempdir()) if f is not None],
        pause=min(max(options.trigger / 5, 0.01), 0.2),
        once=options.once,
        windows=options.windows,
        holds=options.holds_windows,
        warn=lambda path, reason: tell(f"warning: {path}: {reason}"),
    )
    stack.callback(_end_feed, feed, say)
    return feed


def _end_feed(feed: Feed, say: Say) -> None:
    """Follow no more; what was read of a pipe and not counted, as where Spark has not started, is not to be silent."""
    feed.stop()
    if feed.piped:
        feed.remove_counted()
        if not feed.empty():
            say(f"{feed.waiting_bytes:,} bytes that were read of standard input wait in the state to be counted")


def _start(spark: "SparkSession", options: Options, state: State, sink: _Sink) -> "StreamingQuery":
    if isinstance(options.source, Topics):
        lines = read_topics(spark, options.source)
    elif isinstance(options.source, Files):
        lines = read_spool(spark, state.spool)
    else:
        lines = read_remote(spark, options.source)
    if options.windows is None:
        counts = lines.transform(count_words, rule=options.rule)
        mode = "update"  # a batch costs what it changes, and not what there is
    else:
        release = read_release(spark, state.released) if options.holds_windows else None
        counts = lines.transform(count_words_in_windows, options.windows, rule=options.rule, release=release)
        mode = "append"  # a window comes once, when it is closed
    writer = counts.writeStream.outputMode(mode).option("checkpointLocation", str(state.checkpoint)).foreachBatch(sink)
    if options.once:
        # What is in the spool then is not all there is to come into it.
        end = {"availableNow": True} if not options.follows else {"processingTime": "0 seconds"}
        return writer.trigger(**end).start()
    return writer.trigger(processingTime=f"{round(options.trigger * 1000)} milliseconds").start()


class _Running(NamedTuple):
    """The parts of a stream that the loops look after."""

    query: "StreamingQuery"
    sink: _Sink
    feed: Feed | None
    watches: list[Watch]
    screen: Screen | None
    snapshots: Snapshots
    stopping: Stopping

    def look_after(self) -> None:
        """Do what is due: raise what went wrong, remove what is counted, write a snapshot."""
        self.check()
        if self.feed is not None:
            self.feed.remove_counted()
            self.feed.release()
        self.snapshots.write_if_due()
        if self.sink.left_out is not None:
            self.sink.left_out.look(self.query)

    def check(self) -> None:
        """Raise what went wrong in the follower, topics, the sink, the screen or Spark: the cause before the effect."""
        for part in (self.feed, *self.watches, self.sink, self.screen):
            if part is not None and part.error is not None:
                raise part.error
        if not self.query.isActive:
            failure = self.query.exception()
            if failure is not None:
                raise failure
            if self.feed is not None:
                raise WordCountError("Spark ended the query without a reason; --debug shows its log")

    def has_counted_all(self) -> bool:
        """Tell whether all that was there is counted."""
        if self.feed is None:
            return not self.query.isActive
        return self.feed.ended and self.feed.empty()


def _count_on(running: _Running) -> None:
    while not running.stopping and not running.has_counted_all():
        running.look_after()
        running.stopping.wait(_TICK_SECONDS)


def _count_all(running: _Running, bytes_read: BytesRead) -> None:
    with bytes_progress("counting") as show:
        while not running.stopping and not running.has_counted_all():
            running.look_after()
            if show is not None and running.feed is not None:
                follower = running.feed.follower
                counted = follower.bytes_done - running.feed.waiting_bytes + bytes_read()
                show(max(0, min(counted, follower.bytes_found)), follower.bytes_found)
            running.stopping.wait(_TICK_SECONDS)
    running.check()


def _close_windows(running: _Running) -> None:
    """Wait until the windows are closed that end with the lines there were: Spark makes a batch of its own of that."""

    def wait() -> None:
        with contextlib.suppress(Exception):  # which is told where the query is looked after
            running.query.processAllAvailable()

    waiting = threading.Thread(target=wait, daemon=True)
    if running.feed is not None and not running.stopping:
        running.look_after()
        waiting.start()
    while waiting.is_alive() and not running.stopping:
        running.look_after()
        running.stopping.wait(_TICK_SECONDS)


def _finish(running: _Running, state: State, tell: Say, start: Callable[[], "StreamingQuery"]) -> None:
    """Follow no more, finish the batch at hand, and write the last snapshot.

    What was read of standard input is counted, too, by a query that ``start`` returns: it cannot be read again.
    """
    feed = running.feed
    if feed is not None:
        feed.stop()
    _finish_batch(running, state, tell)
    if feed is not None:
        feed.remove_counted()
        if feed.piped and not feed.empty():
            running = running._replace(query=start())
            _count_rest(running, feed, state, tell)
        if unfinished := feed.follower.unfinished():
            tell(unfinished_message(unfinished))
    running.snapshots.write()
    if running.sink.left_out is not None:
        running.sink.left_out.look(running.query)
        running.sink.left_out.tell()


def _finish_batch(running: _Running, state: State, tell: Say) -> None:
    _stop_once(running, lambda: _is_committed(running, state), "the batch at hand is written", tell)


def _count_rest(running: _Running, feed: Feed, state: State, tell: Say) -> None:
    def is_done() -> bool:
        feed.remove_counted()
        return feed.empty() and _is_committed(running, state)

    _stop_once(running, is_done, "what was read of standard input is counted", tell)


def _is_committed(running: _Running, state: State) -> bool:
    """Tell whether the batch at hand, if there is one, is committed, and what it has left out is known."""
    sink = running.sink
    if sink.batch is None:
        return True
    committed = last_commit(state.checkpoint)
    told = sink.left_out is None or sink.left_out.has_seen(running.query, sink.batch)
    return committed is not None and committed >= sink.batch and told


def _stop_once(running: _Running, is_done: Callable[[], bool], what: str, tell: Say) -> None:
    """Wait, with a bound, until something is done, then stop the query. What that cuts is counted again."""
    started = time.monotonic()
    said = False
    while running.query.isActive and not is_done() and time.monotonic() - started < _STOP_SECONDS:
        if not said and time.monotonic() - started > _LONG_STOP_SECONDS:
            said = True
            tell(f"stopping once {what}, at most {_STOP_SECONDS:g} s; the same again stops it now")
        time.sleep(0.01)
    running.check()
    running.query.stop()
