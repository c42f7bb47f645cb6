"""Spark's log of the chunks it read is kept short, and no chunk is read twice for it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.query.spool import SpoolFeeder
from streaming.sources import files
from streaming.state import checkpoint
from streaming.state.folder import State
from tests.support.reference import count
from tests.support.stepped_stream import SteppedStream

_KEPT = 5


Start = Callable[..., AbstractContextManager[SteppedStream]]


@pytest.fixture
def start(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    monkeypatch.setattr(checkpoint, "KEPT_OFFSETS", _KEPT)
    (tmp_path / "source").mkdir()

    @contextmanager
    def started(*, removes: bool = True, name: str = "state") -> Iterator[SteppedStream]:
        run = SteppedStream(spark, tmp_path, removes=removes, name=name)
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
