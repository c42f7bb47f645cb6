"""When a line is, and which windows it counts in: by hand, and as plain Python counts."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it
from pyspark.sql.streaming.query import StreamingQuery

from producer.common.errors import UsageError
from streaming.counting.pattern_check import checked_windows
from streaming.counting.rules import LineTime, Windows, WordRule
from streaming.counting.windows import count_words_in_windows, line_time, with_times_as_text
from streaming.counting.words import most_frequent, most_frequent_first
from streaming.sources.files import read_release
from streaming.spark.settings import TIME_ZONE, WINDOW_SETTINGS
from streaming.state.counts import counts_of
from tests.spark.conftest import set_for_a_while


@pytest.fixture
def zoned(spark: SparkSession) -> Iterator[SparkSession]:
    """A session whose zone may be set."""
    with set_for_a_while(spark, {TIME_ZONE: str(spark.conf.get(TIME_ZONE))}):
        yield spark


@pytest.fixture
def seoul(zoned: SparkSession) -> SparkSession:
    """A session whose zone is not this machine's: nine hours ahead of UTC."""
    zoned.conf.set(TIME_ZONE, "Asia/Seoul")
    return zoned


def lines_of(spark: SparkSession, *lines: str) -> DataFrame:
    return spark.createDataFrame([(line,) for line in lines], "value string").coalesce(1)


def rows(counts: DataFrame) -> list[tuple[str, str, str, int]]:
    return [tuple(row) for row in most_frequent_first(with_times_as_text(counts)).collect()]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("form", "line", "time"),
    [
        ("iso", "2026-03-04T05:06:07Z a", "2026-03-04T14:06:07+09:00"),
        ("iso", "2026-03-04T05:06:07.123456Z", "2026-03-04T14:06:07+09:00"),
        ("iso", "[2026-03-04 05:06:07 +0200] a", "2026-03-04T12:06:07+09:00"),
        ("iso", "a 2026-03-04T05:06:07,5-01:30 a", "2026-03-04T15:36:07+09:00"),
        ("iso", "2026-03-04 05:06:07 a", "2026-03-04T05:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07 Zookeeper", "2026-03-04T05:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07 -12345 a", "2026-03-04T05:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07 -1234 items", "2026-03-04T05:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07+05 a", "2026-03-04T09:06:07+09:00"),
        ("iso", "2026-03-04t05:06:07z", "2026-03-04T14:06:07+09:00"),
        ("iso", "2026-03-04T05:06:07.123z", "2026-03-04T14:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07 z = 1", "2026-03-04T05:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07.123x", None),
        ("iso", "2026-03-04T05:06:07.123Zulu", None),
        ("iso", "2026-03-04T05:06:07Z: a", "2026-03-04T14:06:07+09:00"),
        ("iso", "2026-03-04T05:06:07+02:00: a", "2026-03-04T12:06:07+09:00"),
        ("iso", "2026-03-04T05:06:07-01: a", "2026-03-04T15:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07 -12:30:45 a", "2026-03-04T05:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07 UTC [1] a", "2026-03-04T14:06:07+09:00"),
        ("log4j", "2026-03-04 05:06:07,123UTC a", "2026-03-04T14:06:07+09:00"),
        ("log4j", "[2026-03-04 05:06:07,123 GMT] a", "2026-03-04T14:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07 UTCtime a", "2026-03-04T05:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07 GMT+09:00 a", "2026-03-04T05:06:07+09:00"),
        ("iso", "2026-03-04 05:06:07 CET a", "2026-03-04T05:06:07+09:00"),
        ("iso", "12026-03-04 05:06:07", None),
        ("iso", "1970-01-01T00:00:00Z", None),
        ("iso", "1969-12-31T23:59:59Z", None),
        ("iso", "2026-03-04 05:06:07 2025-01-01 00:00:00", "2026-03-04T05:06:07+09:00"),
        ("iso", "2026-13-04 05:06:07 no such month", None),
        ("iso", "2026-03-04 no time", None),
        ("iso", "한국어", None),
        ("log4j", "2026-03-04 05:06:07,123 - INFO  [main] a", "2026-03-04T05:06:07+09:00"),
        ("syslog", "2026-03-04T05:06:07.123456+02:00 host app: Jan  1 00:00:00", "2026-03-04T12:06:07+09:00"),
        ("syslog", "host app: 2026-03-04T05:06:07Z is not what it begins with", None),
        ("apache", '10.0.0.7 - - [04/Mar/2026:05:06:07 -0500] "GET / HTTP/1.1" 200', "2026-03-04T19:06:07+09:00"),
        ("apache", "[Wed Mar 04 05:06:07 2026] [error] a", "2026-03-04T05:06:07+09:00"),
        ("apache", "[Wed Mar 04 05:06:07.123456 2026] [core:error] a", "2026-03-04T05:06:07+09:00"),
        ("apache", "[Wed Mrz 04 05:06:07 2026] a", None),
        ("iso", "2999-01-01T00:00:00Z is more than a day ahead", None),
    ],
)
def test_times_in_lines(seoul: SparkSession, form: str, line: str, time: str | None) -> None:
    found = lines_of(seoul, line).select(
        F.date_format(line_time(F.col("value"), LineTime(form)), "yyyy-MM-dd'T'HH:mm:ssXXX")
    )
    assert found.collect()[0][0] == time


def test_syslog_has_no_year(seoul: SparkSession) -> None:
    """It is this one, or the last where that would be more than a day ahead; a 29th of February finds its year."""
    zone = timedelta(hours=9)
    now = datetime.now(UTC) + zone
    for days, year in ((0, now.year), (-30, (now - timedelta(days=30)).year), (300, (now + timedelta(days=300)).year)):
        day = now + timedelta(days=days)
        if (day.month, day.day) == (2, 29):  # the day after has a year, too
            day += timedelta(days=1)
        line = f"{day:%b} {day.day:2d} 05:06:07 host sshd[1]: a"
        year -= days > 1  # noqa: PLW2901
        expected = datetime(year, day.month, day.day, 5, 6, 7, tzinfo=UTC) - zone
        found = lines_of(seoul, line).select(line_time(F.col("value"), LineTime("syslog")).cast("long"))
        assert found.collect()[0][0] == expected.timestamp(), line


def test_a_time_found_by_a_pattern_of_its_own(seoul: SparkSession) -> None:
    lines = lines_of(seoul, "081109 203615 148 INFO a", "x ts=2026-03-04T05:06:07Z at=2025-01-01T00:00:00Z")
    hdfs = checked_windows(lambda: seoul, Windows(1, 1, LineTime("yyMMdd HHmmss", r"^\d{6} \d{6}"))).time
    named = checked_windows(lambda: seoul, Windows(1, 1, LineTime("iso", "at=(\\S+)"))).time
    assert hdfs is not None
    assert named is not None
    found = lines.select(*(line_time(F.col("value"), time).cast("long").alias("t") for time in (hdfs, named)))
    first, second = (tuple(row) for row in found.collect())
    assert first == (datetime(2008, 11, 9, 11, 36, 15, tzinfo=UTC).timestamp(), None)
    assert second == (None, datetime(2025, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("time", "told"),
    [
        (LineTime("yQQQQQQ", "a"), "--time-format 'yQQQQQQ' is no pattern"),
        (LineTime("yyyy-MM-dd'T", "a"), "is no pattern"),
        (LineTime("yw", "a"), "--time-format 'yw' is no pattern"),
        (LineTime("HH:mm:ss", "a"), "--time-format 'HH:mm:ss' has no year"),
        (LineTime("iso", "(a"), "--time-regex '(a': Unclosed group near index 2"),
    ],
)
def test_a_pattern_that_does_not_hold_is_told(spark: SparkSession, time: LineTime, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_windows(lambda: spark, Windows(1, 1, time))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_counts_by_hand(seoul: SparkSession) -> None:
    lines = lines_of(
        seoul, "2026-03-04 00:00:00 가 가", "2026-03-04 00:04:59 가", "2026-03-04 00:05:00 나", "no time, 가", ""
    )
    counts = count_words_in_windows(lines, Windows(300, 300, LineTime("iso")), rule=WordRule(regex="[가-힣]"))
    assert rows(counts) == [
        ("2026-03-04T00:00:00+09:00", "2026-03-04T00:05:00+09:00", "가", 3),
        ("2026-03-04T00:05:00+09:00", "2026-03-04T00:10:00+09:00", "나", 1),
    ]


@pytest.mark.parametrize("normalize", [False, True])
def test_lines_that_patterns_leave_out_are_not_told_as_untimed(spark: SparkSession, *, normalize: bool) -> None:
    lines = lines_of(
        spark,
        "2026-03-04T00:00:00Z ERROR \u00e9",
        "ERROR e\u0301" + "!" * 300,
        "\tat Main.java",
        "ERROR seen before",
        "",
    )
    rule = WordRule(regex="ERROR", match="ERROR", not_match="seen|e\u0301$", normalize=normalize)
    untimed = Observation()
    counts = count_words_in_windows(lines, Windows(60, 60, LineTime("iso")), rule=rule, untimed=untimed)
    assert [row[2:] for row in rows(counts)] == [("ERROR", 1)]
    assert untimed.get == {"lines": 1, "example": "ERROR e\u0301" + "!" * 192}


def test_an_empty_line_is_not_told_as_untimed(spark: SparkSession) -> None:
    untimed = Observation()
    lines = lines_of(spark, "", "no time", "")
    assert count_words_in_windows(lines, Windows(60, 60, LineTime("iso")), untimed=untimed).count() == 0
    assert untimed.get == {"lines": 1, "example": "no time"}


def test_lines_without_a_time_may_count_by_their_arrival(spark: SparkSession) -> None:
    windows = Windows(1, 1, LineTime("iso"), untimed="arrival")
    before = int(datetime.now(UTC).timestamp())
    counts = count_words_in_windows(
        lines_of(spark, "a", "2026-03-04T00:00:00Z a", "a"), windows, rule=WordRule(regex="a")
    )
    timed, arrived = counts.select(F.col("window_start").cast("long"), "count").orderBy("window_start").collect()
    assert tuple(timed) == (datetime(2026, 3, 4, tzinfo=UTC).timestamp(), 1)
    assert before <= arrived[0] <= datetime.now(UTC).timestamp()
    assert arrived["count"] == 2


def test_windows_that_slide(seoul: SparkSession) -> None:
    lines = lines_of(seoul, "2026-03-04T00:01:30", "2026-03-04T00:02:00")
    counts = count_words_in_windows(lines, Windows(120, 60, LineTime("iso")))
    assert [(start[14:19], end[14:19], word[14:]) for start, end, word, _ in rows(counts)] == [
        ("00:00", "02:00", "01:30"),
        ("01:00", "03:00", "01:30"),
        ("01:00", "03:00", "02:00"),
        ("02:00", "04:00", "02:00"),
    ]


_DAY = 86_400


@pytest.mark.parametrize(
    ("zone", "days", "slide", "lines", "expected"),
    [
        (
            "Asia/Seoul", 1, 1, ["2026-03-03 23:59:59 a", "2026-03-04 00:00:00 b", "2026-03-04 23:59:59 b"],
            ["2026-03-03T00:00:00+09:00 2026-03-04T00:00:00+09:00 a 1",
             "2026-03-04T00:00:00+09:00 2026-03-05T00:00:00+09:00 b 2"],
        ),
        (  # of 23 hours
            "Europe/Berlin", 1, 1,
            ["2026-03-28 23:59:59 a", "2026-03-29 00:00:00 b", "2026-03-29T21:59:59Z b", "2026-03-29T22:00:00Z c"],
            ["2026-03-28T00:00:00+01:00 2026-03-29T00:00:00+01:00 a 1",
             "2026-03-29T00:00:00+01:00 2026-03-30T00:00:00+02:00 b 2",
             "2026-03-30T00:00:00+02:00 2026-03-31T00:00:00+02:00 c 1"],
        ),
        (  # of 25 hours
            "Europe/Berlin", 1, 1,
            ["2026-10-24 23:59:59 a", "2026-10-25 00:00:00 b", "2026-10-25T22:59:59Z b", "2026-10-25T23:00:00Z c"],
            ["2026-10-24T00:00:00+02:00 2026-10-25T00:00:00+02:00 a 1",
             "2026-10-25T00:00:00+02:00 2026-10-26T00:00:00+01:00 b 2",
             "2026-10-26T00:00:00+01:00 2026-10-27T00:00:00+01:00 c 1"],
        ),
        (  # which has no midnight that day
            "Africa/Cairo", 1, 1, ["2026-04-23T21:59:59Z a", "2026-04-23T22:00:00Z b"],
            ["2026-04-23T00:00:00+02:00 2026-04-24T01:00:00+03:00 a 1",
             "2026-04-24T01:00:00+03:00 2026-04-25T00:00:00+03:00 b 1"],
        ),
        (
            "Europe/Berlin", 3, 1, ["2026-03-29 12:00:00 a"],
            ["2026-03-27T00:00:00+01:00 2026-03-30T00:00:00+02:00 a 1",
             "2026-03-28T00:00:00+01:00 2026-03-31T00:00:00+02:00 a 1",
             "2026-03-29T00:00:00+01:00 2026-04-01T00:00:00+02:00 a 1"],
        ),
        (  # from 1970-01-01, a Thursday
            "Europe/Berlin", 7, 7, ["2026-03-25 23:59:59 a", "2026-03-26 00:00:00 b"],
            ["2026-03-19T00:00:00+01:00 2026-03-26T00:00:00+01:00 a 1",
             "2026-03-26T00:00:00+01:00 2026-04-02T00:00:00+02:00 b 1"],
        ),
    ],
)  # fmt: skip
def test_days_begin_at_midnight_of_the_zone(
    zoned: SparkSession, zone: str, days: int, slide: int, lines: list[str], expected: list[str]
) -> None:
    zoned.conf.set(TIME_ZONE, zone)
    windows = Windows(days * _DAY, slide * _DAY, LineTime("iso"))
    counts = count_words_in_windows(lines_of(zoned, *lines, "none a"), windows, rule=WordRule(regex="[abc]$"))
    assert [" ".join(map(str, row)) for row in rows(counts)] == expected


@pytest.mark.parametrize(("hours", "taken"), [(23, True), (25, False)])
def test_a_time_more_than_a_day_ahead_is_none(spark: SparkSession, hours: int, *, taken: bool) -> None:
    line = f"{datetime.now(UTC) + timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}Z a"
    found = lines_of(spark, line).select(line_time(F.col("value"), LineTime("iso")).isNotNull())
    assert found.collect()[0][0] == taken


@pytest.mark.parametrize(("form", "line"), [("iso", "2025-10-26 02:30:00"), ("apache", "[Sun Oct 26 02:30:00 2025] a")])
def test_a_time_in_an_hour_that_comes_twice_is_of_the_first(zoned: SparkSession, form: str, line: str) -> None:
    zoned.conf.set(TIME_ZONE, "Europe/Berlin")
    found = with_times_as_text(lines_of(zoned, line).select(line_time(F.col("value"), LineTime(form)).alias("window_")))
    assert found.collect()[0][0] == "2025-10-26T02:30:00+02:00"


def test_the_most_frequent_of_each_window(spark: SparkSession) -> None:
    lines = lines_of(spark, *(f"2026-03-04T00:0{n // 3}:00Z {'ab' if n % 3 else 'c'}" for n in range(6)))
    counts = count_words_in_windows(lines, Windows(60, 60, LineTime("iso"))).where(F.char_length("word") < 3)
    assert [(word, count) for _, _, word, count in rows(most_frequent(counts, 1))] == [("ab", 2), ("ab", 2)]


def test_the_columns_are_as_the_docstring_says(spark: SparkSession) -> None:
    counts = count_words_in_windows(lines_of(spark, "a"), Windows(60, 60))
    assert [(field.name, field.dataType.simpleString()) for field in counts.schema] == [
        ("window_start", "timestamp"), ("window_end", "timestamp"), ("word", "string"), ("count", "bigint"),
    ]  # fmt: skip
    assert "Python" not in counts._jdf.queryExecution().executedPlan().toString()


@pytest.fixture
def closing(spark: SparkSession) -> Iterator[SparkSession]:
    """A session with the settings that windows ask for."""
    with set_for_a_while(spark, WINDOW_SETTINGS):
        yield spark


def test_days_are_closed_at_midnight_of_the_zone(closing: SparkSession, zoned: SparkSession, tmp_path: Path) -> None:
    """As soon as a line is newer by what may be late, also where the clock goes from 24:00 to 01:00 at midnight."""
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
        Windows(_DAY, _DAY, LineTime("iso"), late=60),
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
    """Logs that reach far back are not read by their times: what is read first closes no window of the others."""
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
    assert closed == [hour(9, "a", 2)], "what was read since the start tells of the time"
    put(source, "2026-03-01T13:00:00Z a\n")
    assert sorted(closed) == [hour(9, "a", 2), hour(10, "b", 1), hour(11, "b", 1)]
    query.stop()


def test_a_simulated_week(closing: SparkSession, tmp_path: Path) -> None:
    """Each window comes once and whole, and the state keeps those that are open alone."""
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
        assert not {row[0] for row in found} & {start for start, _ in closed}, "a window came again"
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
    # What a batch has closed goes with the next: a part of a week, never more of it than of the first hours.
    assert len(kept) >= parts
    assert max(kept) <= 500, kept
