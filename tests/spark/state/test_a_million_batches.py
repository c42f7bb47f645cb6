"""After a million chunks and batches, a state takes the room, the memory and the time of a new one."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from pyspark.sql import SparkSession

from streaming.state.checkpoint import KEPT_OFFSETS
from tests.spark.conftest import set_for_a_while
from tests.support.moved_numbers import move_numbers
from tests.support.stepped_stream import SteppedStream

_MILLION = 1_000_000
_FIRST, _MEASURED = 20, 20  # batches, before and after the numbers are moved
_LINE = b"one two three\n"
_RETAINED = 5
#: Spark keeps what 100 batches need, and removes what is older than ten minutes; a test cannot wait for these.
_SOON = {
    "spark.sql.streaming.minBatchesToRetain": str(_RETAINED),
    "spark.sql.streaming.fileSource.log.cleanupDelay": "0",
}


@pytest.fixture
def spark(spark: SparkSession) -> Iterator[SparkSession]:
    with set_for_a_while(spark, _SOON) as changed:
        yield changed


def started(spark: SparkSession, folder: Path) -> SteppedStream:
    (folder / "source").mkdir(parents=True, exist_ok=True)
    return SteppedStream(spark, folder, removes=True, name="state")


def seconds(stream: SteppedStream) -> float:
    """Return how long a batch takes."""
    began = time.perf_counter()
    stream.append(_LINE)
    return time.perf_counter() - began


def heap(spark: SparkSession) -> int:
    """Return how many bytes of Java's heap are in use."""
    java = spark._jvm
    assert java is not None
    java.System.gc()
    runtime = java.Runtime.getRuntime()
    return int(runtime.totalMemory() - runtime.freeMemory())


def files(folder: Path) -> int:
    return sum(not name.startswith(".") for name in os.listdir(folder))


def test_a_state_of_a_million_batches_is_as_good_as_new(spark: SparkSession, tmp_path: Path) -> None:
    """The log of the source is as long as it ever gets: the millionth batch trims it."""
    stream = started(spark, tmp_path / "old")
    for _ in range(_FIRST):
        stream.append(_LINE)
    stream.stop()
    before = heap(spark)
    move_numbers(tmp_path / "old" / "state", _MILLION - _FIRST, listed=2 * KEPT_OFFSETS)
    old = started(spark, tmp_path / "old")
    old.append(_LINE)
    with_old = heap(spark)
    new = started(spark, tmp_path / "new")
    new.append(_LINE)
    times = [(seconds(old), seconds(new)) for _ in range(_MEASURED)]
    counts, batches, checkpoint = old.counts, old.batches, old.state.checkpoint
    for stream in (old, new):
        stream.stop()
    last = max(checkpoint.glob("sources/0/*.compact"), key=lambda file: int(file.stem))

    assert batches == _MILLION + 1 + _MEASURED
    assert counts == dict.fromkeys(["one", "two", "three"], _FIRST + 1 + _MEASURED)
    assert old.feeder.is_empty
    assert median(one for one, _ in times) <= 1.5 * median(other for _, other in times)
    assert with_old <= 1.2 * before
    assert len(last.read_text("utf-8").splitlines()) <= 1 + KEPT_OFFSETS + _MEASURED
    assert max(files(checkpoint / name) for name in ("offsets", "commits")) <= 2 * _RETAINED
    assert files(checkpoint / "sources" / "0") <= 20 + _RETAINED
