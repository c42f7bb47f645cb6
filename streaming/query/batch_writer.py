"""The sink of a stream: what it does with each batch."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from streaming.live_view.screen import Screen
from streaming.query.dropped_lines import DroppedLines
from streaming.query.options import StreamOptions
from streaming.sinks.files import remove_other_formats, save
from streaming.sinks.formats import file_name
from streaming.sinks.stdout import print_all, print_changes
from streaming.sinks.topic import write_to_topic
from streaming.spark.progress import batch_totals, former_batch
from streaming.state import checkpoint
from streaming.state.checkpoint import KEPT_OFFSETS
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class BatchWriter:
    """Takes the changed words of each batch; what goes wrong in it is kept, as Spark passes on only its text."""

    def __init__(
        self,
        spark: "SparkSession",
        options: StreamOptions,
        state: State,
        screen: Screen | None,
        tell: Callable[[str], None],
    ) -> None:
        self._spark = spark  # a batch comes with a session of its own, which knows no queries
        self._options = options
        self._checkpoint = state.checkpoint
        self._screen = screen
        self.left_out = None if options.windows is None else DroppedLines(options.windows, tell)
        self._prints = not options.once and screen is None and options.topic is None  # which has them
        self.error: BaseException | None = None
        self.batch: int | None = None

    def __call__(self, counts: "DataFrame", batch: int) -> None:
        """Take a batch: columns ``word`` and ``count``, and its id; before them the window's begin and end."""
        self.batch = batch
        try:
            if self._options.source.followed is not None and batch % KEPT_OFFSETS == 0:
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
            write_to_topic(counts, options.topic)
        if collects:
            rows = sorted(((row[0], row[1]) for row in counts.collect()), key=lambda row: (-row[1], row[0]))
            if self._screen is not None:
                query = self._spark.streams.active[0]
                self._screen.update(rows, batch_totals(query), former_batch(query))
            else:
                print_changes(rows[: options.top])
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
                write_to_topic(counts, options.topic)
            else:
                print_all(counts, options.top)
        counts.unpersist()

    def _save(self, counts: "DataFrame", folder: Path, batch: int) -> None:
        """Write the file of a batch; where the batch is counted again, the same replaces it."""
        stem, chosen = f"{batch:09d}", self._options.format_name
        save(counts, folder / file_name(stem, chosen), chosen)
        remove_other_formats(folder, stem, chosen)  # of a run that was cut off
