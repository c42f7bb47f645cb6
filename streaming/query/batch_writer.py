"""What a stream does with the counts of each batch."""

from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING

from streaming.kafka.lag import Lag
from streaming.query.options import StreamOptions
from streaming.query.watching.views import Views
from streaming.query.watching.windows import window_rows
from streaming.sinks.files import CHANGES, WINDOWS, save_batch
from streaming.sinks.stdout import print_all, print_changes
from streaming.sinks.topic import write_to_topic
from streaming.spark.metrics import BatchTotals, batch_totals, previous_batch
from streaming.state import checkpoint
from streaming.state.folder import State
from streaming.windows.closing import CLOSING_LINE
from streaming.windows.dropped_lines import DroppedLines

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from streaming.losses.topic_losses import TopicLosses

#: How many words a batch changes from which they come from Java as two lists instead of row by row: 60,000 words then
#: take 0.4 s instead of 0.8 s, but planning it adds 30 ms to each batch.
_MANY_WORDS = 10_000


class BatchWriter:
    """Writes the changed words of each batch, or the windows it has closed, to the sinks of a stream.

    Args:
        spark: the session of the query. A batch comes with a session of its own, which knows no queries.
        options: the options of the stream, which say where counts go.
        state: the state folder.
        views: what shows the counts. They are printed only where there is no live view.
        say: shows a message to the user.
        losses: notes which leaders of topics a batch reads from; None if the stream reads no topics.
    """

    def __init__(
        self,
        spark: "SparkSession",
        options: StreamOptions,
        state: State,
        views: Views,
        say: Callable[[str], None],
        losses: "TopicLosses | None" = None,
    ) -> None:
        self._spark = spark
        self._options = options
        self._state = state
        self._checkpoint = state.checkpoint
        self._losses = losses
        self._shared = views.shared
        self._say = say
        self._windows = views.windows
        self._lag = None if options.once else Lag(say, _remedy(options))
        self._last_changed = 0  # how many words the batch before changed, if they were shown
        is_printed = options.windows is not None or not options.once
        self._prints = views.screen is None and is_printed and options.topic is None
        self.dropped = None if options.windows is None else DroppedLines(options.windows, say)
        self.error: BaseException | None = None  #: what went wrong; Spark passes on only its text
        self.batch: int | None = None  #: the id of the batch at hand, or else of the last one

    def forget(self) -> None:
        """Forget a query that has failed; another one goes on."""
        self.batch, self.error = None, None

    def __call__(self, counts: "DataFrame", batch: int) -> None:
        """Write a batch.

        Args:
            counts: columns ``word`` and ``count``, after ``window_start`` and ``window_end`` if there are windows.
            batch: the id of the batch.
        """
        is_first, self.batch = self.batch is None, batch
        try:
            if is_first:
                self._state.note_batch()
            if self._losses is not None:
                behind = self._losses.note(batch)  # before the batch reads
                if self._lag is not None:
                    self._lag.note(behind)
            if self._options.source.followed is not None and batch % checkpoint.KEPT_OFFSETS == 0:
                checkpoint.trim(self._checkpoint)
            if self.dropped is None:
                self._write_changes(counts, batch)
            else:
                self.dropped.poll(self._spark.streams.active[0])  # of the batch before
                self._write_closed_windows(counts, batch)
        except BaseException as error:
            self.error = error
            raise

    def _write_changes(self, counts: "DataFrame", batch: int) -> None:
        options = self._options
        collects = self._prints or self._shared is not None
        actions = options.changes + (options.topic is not None) + collects
        if actions > 1:
            counts = counts.persist()  # otherwise each action would count the batch again
        if options.changes and options.output is not None:
            save_batch(counts, options.output / CHANGES, batch, options.format_name)
        if options.topic is not None:
            write_to_topic(counts, options.topic, self._say)
        if collects:
            self._show(counts, batch)
        elif actions == 0:
            counts.write.format("noop").mode("overwrite").save()  # counts the batch, and writes nothing
        if actions > 1:
            counts.unpersist()

    def _show(self, counts: "DataFrame", batch: int) -> None:
        rows = collect_most_frequent_first(counts, many=self._last_changed >= _MANY_WORDS)
        self._last_changed = len(rows)
        if self._shared is not None:
            query = self._spark.streams.active[0]
            self._shared.update(rows, batch_totals(query), previous_batch(query), batch)
        if self._prints:
            print_changes(rows[: self._options.top])

    def _write_closed_windows(self, counts: "DataFrame", batch: int) -> None:
        """Write the windows that this batch has closed. Each of them is whole, and does not come again."""
        options = self._options
        counts = counts.persist()
        if counts.count():  # isEmpty would not count all of the batch
            if options.output is not None:
                save_batch(counts, options.output / WINDOWS, batch, options.format_name)
            if options.topic is not None:
                write_to_topic(counts, options.topic, self._say)
            elif self._prints:
                print_all(counts, options.top)
            if self._windows is not None:
                self._windows.close(window_rows(counts))
        if self._shared is not None:
            query = self._spark.streams.active[0]
            self._shared.update(
                [], self._without_closing_lines(batch_totals(query), batch), previous_batch(query), batch
            )
        counts.unpersist()

    def _without_closing_lines(self, totals: BatchTotals, batch: int) -> BatchTotals:
        """Leave out the lines that nobody wrote."""
        options = self._options
        if options.source.followed is None or options.windows is None or options.windows.time is not None:
            return totals
        sizes = [file.stat().st_size for file in checkpoint.batch_files(self._checkpoint, batch)]
        return totals._replace(lines=totals.lines - sizes.count(len(CLOSING_LINE)))


def _remedy(options: StreamOptions) -> str:
    """Return what helps if batches do not keep up with topics."""
    if options.trigger > 0:
        return "--trigger 0s starts each batch as soon as possible"
    return "let the topic have more partitions and --master more cores, or raise --max-per-batch"


def collect_most_frequent_first(counts: "DataFrame", *, many: bool) -> list[tuple[str, int]]:
    """Return counts as pairs, the most frequent word first, equal counts by the code points of the word.

    Args:
        counts: columns ``word`` and ``count``.
        many: whether many rows are expected. The result is the same; see ``_MANY_WORDS``.
    """
    if many:
        from pyspark.sql import functions as F  # noqa: N812, PLC0415  # takes 0.2 s, and --help needs none

        words, numbers = counts.agg(F.collect_list("word"), F.collect_list("count")).collect()[0]
        rows = list(zip(words, numbers, strict=True))
    else:
        rows = [tuple(row) for row in counts.collect()]
    rows.sort()  # by word; sorting twice takes half the time of sorting by both at once
    rows.sort(key=itemgetter(1), reverse=True)
    return rows
