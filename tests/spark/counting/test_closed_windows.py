"""When a stream closes windows, and what it emits then."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it
from pyspark.sql.streaming.query import StreamingQuery

from streaming.counting.rules import DAY_SECONDS, LineTime, Windows, WordRule
from streaming.counting.windows import count_words_in_windows, with_times_as_text
from streaming.sources.files import read_release
from streaming.spark.settings import TIME_ZONE, WINDOW_SETTINGS
from streaming.state.counts import counts_of
from tests.spark.conftest import set_for_a_while
from tests.spark.counting.conftest import rows


@pytest.fixture
def closing(spark: SparkSession) -> Iterator[SparkSession]:
    """A session with the settings that windows need."""
    with set_for_a_while(spark, WINDOW_SETTINGS):
        yield spark


def test_days_are_closed_at_midnight_in_the_zone(closing: SparkSession, zoned: SparkSession, tmp_path: Path) -> None:
    """A day closes once a line is newer than its end by the allowed lateness, even if the day has no midnight."""
    zoned.conf.set(TIME_ZONE, "Africa/Cairo")
    texts = ["2026-04-23T21:59:59Z a", "2026-04-23T22:00:59Z b", "2026-04-23T21:59:58Z a", "2026-04-23T22:01:00Z b"]
    (tmp_path / "source").mkdir()
    for part, text in enumerate(texts):
        (tmp_path / "source" / str(part)).write_text(text, "utf-8")
        os.utime(tmp_path / "source" / str(part), (part, part))
    closed: dict[int, list[tuple[str, str, str, int]]] = {}
    lines = closing.readStream.option("maxFilesPerTrigger", 1).option("maxFileAge", "10000d")
    counts = count_words_in_windows(
        lines.text(str(tmp_path / "source")),
        Windows(DAY_SECONDS, DAY_SECONDS, LineTime("iso"), late=60),
        rule=WordRule(regex="[ab]$"),
    )
    query = (
        counts.writeStream.outputMode("append")
        .foreachBatch(lambda batch, number: closed.update({number: rows(batch)}))
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    assert query.awaitTermination(120)
    assert {number: found for number, found in closed.items() if found} == {
        len(texts): [("2026-04-23T00:00:00+02:00", "2026-04-24T01:00:00+03:00", "a", 2)]
    }
    left = with_times_as_text(counts_of(closing, tmp_path / "checkpoint", len(texts))).collect()
    assert [tuple(row) for row in left] == [("2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00", "b", 2)]


def test_windows_are_held_open_until_they_are_released(
    closing: SparkSession, zoned: SparkSession, tmp_path: Path
) -> None:
    """Old logs are not read in the order of their times: the first must not close the windows of the others."""
    zoned.conf.set(TIME_ZONE, "UTC")
    source, released = tmp_path / "source", tmp_path / "released"
    source.mkdir()
    released.mkdir()
    closed: list[tuple[str, str, str, int]] = []

    def started() -> StreamingQuery:
        counts = count_words_in_windows(
            closing.readStream.text(str(source)),
            Windows(3600, 3600, LineTime("iso"), late=60),
            rule=WordRule(regex="[ab]$"),
            release=read_release(closing, released),
        )
        return (
            counts.writeStream.outputMode("append")
            .foreachBatch(lambda batch, _: closed.extend(rows(batch)))
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .start()
        )

    def put(folder: Path, text: str) -> None:
        (tmp_path / "next").write_text(text, "utf-8")
        (tmp_path / "next").rename(folder / str(len(list(folder.iterdir()))))
        query.processAllAvailable()

    def hour(begin: int, word: str, count: int) -> tuple[str, str, str, int]:
        return f"2026-03-01T{begin:02}:00:00Z", f"2026-03-01T{begin + 1:02}:00:00Z", word, count

    query = started()
    put(source, "2026-03-01T09:00:00Z a\n2026-03-01T12:00:00Z a\n")
    put(source, "2026-03-01T09:00:00Z a\n2026-03-01T11:30:00Z b\n")
    query.stop()
    query = started()
    put(source, "2026-03-01T10:30:00Z b\n")
    assert closed == []
    put(released, "\n")
    assert closed == [hour(9, "a", 2)], "the lines read since the start set the watermark"
    put(source, "2026-03-01T13:00:00Z a\n")
    assert sorted(closed) == [hour(9, "a", 2), hour(10, "b", 1), hour(11, "b", 1)]
    query.stop()


def test_a_simulated_week(closing: SparkSession, tmp_path: Path) -> None:
    """Each window is emitted once and whole, and the state keeps only the open windows."""
    chance = random.Random(20261123)
    begin, seconds, parts, part_seconds = datetime(2026, 3, 1, tzinfo=UTC), 600, 28, 21_600
    expected: Counter[tuple[int, str]] = Counter()
    (tmp_path / "source").mkdir()
    for part in range(parts):
        lines = []
        for offset in sorted(chance.randrange(part_seconds) for _ in range(500)):
            time = begin + timedelta(seconds=part * part_seconds + offset)
            word = chance.choice(["오류", "error", f"once{chance.randrange(10**9)}"])
            expected[int(time.timestamp()) // seconds * seconds, word] += 1
            lines.append(f"{time:%Y-%m-%dT%H:%M:%S}Z {word}\n")
        (tmp_path / "source" / f"{part:03d}").write_text("".join(lines), "utf-8")
        os.utime(tmp_path / "source" / f"{part:03d}", (part, part))
    closed: dict[tuple[int, str], int] = {}
    kept: list[int] = []

    def take(counts: DataFrame, _batch: int) -> None:
        found = counts.select(F.col("window_start").cast("long"), "word", "count").collect()
        assert not {row[0] for row in found} & {start for start, _ in closed}, "a window was emitted twice"
        closed.update({(row[0], row[1]): row[2] for row in found})
        last = closing.streams.active[0].lastProgress
        kept.extend([last.stateOperators[0].numRowsTotal] if last is not None else [])

    lines = closing.readStream.option("maxFilesPerTrigger", 1).option("maxFileAge", "10000d")
    counts = count_words_in_windows(
        lines.text(str(tmp_path / "source")),
        Windows(seconds, seconds, LineTime("iso")),
        rule=WordRule(regex=r"Z (\S+)", group=1),
    )
    query = (
        counts.writeStream.outputMode("append")
        .foreachBatch(take)
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    assert query.awaitTermination(120)
    newest = max(start for start, _ in expected)
    open_ones = {start for start, _ in expected} - {start for start, _ in closed}
    assert closed == {key: count for key, count in expected.items() if key[0] not in open_ones}
    assert open_ones <= {newest, newest - seconds}
    # The next batch removes what a batch has closed, so the state never holds more than the words of some hours.
    assert len(kept) >= parts
    assert max(kept) <= 500, kept
