"""A stream of a log in this process, whose batches a test awaits one by one."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from pyspark.sql import SparkSession

from streaming.counting.rules import ONE_SPACE
from streaming.query.batch_writer import BatchWriter
from streaming.query.options import StreamOptions
from streaming.query.spool import SpoolFeeder
from streaming.query.streaming_query import start_query
from streaming.query.watching.views import Views
from streaming.sinks.snapshots import Snapshots
from streaming.sources.files import Files
from streaming.spark.settings import settings
from streaming.state import checkpoint
from streaming.state.folder import open_state
from streaming.state.manifest import Manifest
from tests.support.processes import wait_until

_PATIENCE = 60.0


class SteppedStream:
    """One run of a stream of the log in ``folder/source``.

    Args:
        spark: the session.
        folder: has a folder ``source``, and gets the state.
        removes: whether the chunks of a batch are removed as soon as it is committed.
        name: the name of the state folder.
    """

    def __init__(self, spark: SparkSession, folder: Path, *, removes: bool, name: str) -> None:
        options = StreamOptions(
            source=Files((str(folder / "source"),)), output=None, format_name="text", trigger=0, once=True, top=None,
            snapshot_interval=0, changes=False, settle=0, depth=None,
        )  # fmt: skip
        self._opened = ExitStack()
        manifest = Manifest.for_stream(str(folder / "source"), settings(None, []), ONE_SPACE)
        self.state = self._opened.enter_context(open_state(folder / name, manifest))
        self.state.begin()
        self._removes = removes
        self._file = folder / "source" / "log"
        self.feeder = SpoolFeeder(
            self.state, Files((str(folder / "source"),)), replace(options, once=False), lambda *_: None
        )
        self.feeder.start()
        self._writer = BatchWriter(spark, options, self.state, Views(), print)
        self._query = start_query(spark, options, self.state, self._writer, options.trigger)
        self._snapshots = Snapshots(spark, self.state.checkpoint, None, "text", 0)

    def append(self, data: bytes) -> None:
        """Append to the source, and await the batch that counts it."""
        before = self.batches
        with self._file.open("ab") as file:
            file.write(data)
        wait_until(lambda: self.batches > before, "the batch", _PATIENCE)
        if self._removes:
            self.feeder.remove_counted()

    @property
    def batches(self) -> int:
        assert (self.feeder.error, self._writer.error, self._query.exception()) == (None, None, None)
        last = checkpoint.last_commit(self.state.checkpoint)
        return 0 if last is None else last + 1

    @property
    def counts(self) -> dict[str, int]:
        return {row["word"]: row["count"] for row in self._snapshots.counts().collect()}

    def stop(self) -> None:
        self.feeder.stop()
        self._query.stop()
        self._opened.close()
