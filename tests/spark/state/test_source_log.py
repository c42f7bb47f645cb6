"""Spark's log of the chunks it read is kept short, and no chunk is read twice for it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.counting.rules import ONE_SPACE
from streaming.query.batch_writer import BatchWriter
from streaming.query.options import StreamOptions
from streaming.query.spool import SpoolFeeder
from streaming.query.streaming_query import start_query
from streaming.sinks.snapshots import Snapshots
from streaming.sources import files
from streaming.sources.files import Files
from streaming.spark.settings import settings
from streaming.state import checkpoint
from streaming.state.folder import State, open_state
from streaming.state.manifest import Manifest
from tests.support.processes import wait_until
from tests.support.reference import count

_KEPT = 5
_PATIENCE = 60.0


class Run:
    """One run of a stream, whose batches a test awaits one by one."""

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
        self._writer = BatchWriter(spark, options, self.state, None, print)
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


Start = Callable[..., AbstractContextManager[Run]]


@pytest.fixture
def start(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    monkeypatch.setattr(checkpoint, "KEPT_OFFSETS", _KEPT)
    (tmp_path / "source").mkdir()

    @contextmanager
    def started(*, removes: bool = True, name: str = "state") -> Iterator[Run]:
        run = Run(spark, tmp_path, removes=removes, name=name)
        try:
            yield run
        finally:
            run.stop()

    return started


def logged(state: State) -> int:
    """Return how many chunks the last compact log of the source lists."""
    folder = state.checkpoint / "sources" / "0"
    last = max(folder.glob("*.compact"), key=lambda path: int(path.stem))
    return len(last.read_text("utf-8").splitlines()) - 1


def test_a_query_stopped_and_started_over_trimmed_logs_counts_each_chunk_once(start: Start) -> None:
    expected: list[bytes] = []
    for _ in range(3):
        with start() as run:
            for _ in range(12):
                expected.append(f"all {len(expected)}\n".encode())
                run.append(expected[-1])
            assert run.counts == count(b"".join(expected))
            assert run.feeder.is_empty

    assert run.batches == 36
    assert logged(run.state) <= _KEPT + 10


def test_a_chunk_that_the_log_has_dropped_is_not_read_again(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "KEPT_CHUNKS", _KEPT)
    with start(removes=False) as run:
        for number in range(25):
            run.append(b"all %d\n" % number)
        assert logged(run.state) <= _KEPT + 10
        assert len(list(run.state.spool.glob("chunk-*"))) == 25
    monkeypatch.setattr(SpoolFeeder, "remove_counted", lambda *_: None)
    with start(removes=False) as run:
        run.append(b"more\n")

        assert run.counts == count(*(b"all %d\n" % number for number in range(25)), b"more\n")


@pytest.mark.parametrize("name", ["with space", "a%41b", "#a", "한국어", "a=1;b", 'a"b', "a:b", "a\tb"])
def test_the_state_folder_may_have_any_name(start: Start, name: str) -> None:
    with start(removes=False, name=name) as run:
        run.append(b"one\n")
        (file,) = checkpoint.source_files(run.state.checkpoint, after=-1)

        assert [file.path] == list(run.state.spool.glob("chunk-*"))  # in the log it is an address, escaped
        assert run.counts == {"one": 1}
