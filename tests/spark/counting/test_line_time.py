"""The time that a line is found to have."""

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from producer.common.errors import UsageError
from streaming.counting.line_time import line_time
from streaming.counting.pattern_check import checked_windows
from streaming.counting.rules import LineTime, Windows
from streaming.counting.windows import with_times_as_text
from streaming.spark.settings import TIME_ZONE
from tests.spark.counting.conftest import lines_of


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
def test_a_named_format_finds_the_time_of_a_line(seoul: SparkSession, form: str, line: str, time: str | None) -> None:
    found = lines_of(seoul, line).select(
        F.date_format(line_time(F.col("value"), LineTime(form)), "yyyy-MM-dd'T'HH:mm:ssXXX")
    )
    assert found.collect()[0][0] == time


def test_a_syslog_time_without_a_year_is_of_this_year_or_the_last(seoul: SparkSession) -> None:
    """It is of the last year if this year's would be more than a day ahead."""
    zone = timedelta(hours=9)
    now = datetime.now(UTC) + zone
    for days, year in ((0, now.year), (-30, (now - timedelta(days=30)).year), (300, (now + timedelta(days=300)).year)):
        day = now + timedelta(days=days)
        if (day.month, day.day) == (2, 29):  # which not every year has
            day += timedelta(days=1)
        line = f"{day:%b} {day.day:2d} 05:06:07 host sshd[1]: a"
        year -= days > 1  # noqa: PLW2901
        expected = datetime(year, day.month, day.day, 5, 6, 7, tzinfo=UTC) - zone
        found = lines_of(seoul, line).select(line_time(F.col("value"), LineTime("syslog")).cast("long"))
        assert found.collect()[0][0] == expected.timestamp(), line


def test_a_regular_expression_finds_the_time(seoul: SparkSession) -> None:
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
    ("time", "message"),
    [
        (LineTime("yQQQQQQ", "a"), "--time-format 'yQQQQQQ' is not a datetime pattern"),
        (LineTime("yyyy-MM-dd'T", "a"), "is not a datetime pattern"),
        (LineTime("yw", "a"), "--time-format 'yw' is not a datetime pattern"),
        (LineTime("HH:mm:ss", "a"), "--time-format 'HH:mm:ss' has no year"),
        (LineTime("iso", "(a"), "--time-regex '(a': Unclosed group near index 2"),
    ],
)
def test_an_invalid_pattern_is_refused(spark: SparkSession, time: LineTime, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_windows(lambda: spark, Windows(1, 1, time))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("hours", "taken"), [(23, True), (25, False)])
def test_a_time_more_than_a_day_ahead_is_no_time(spark: SparkSession, hours: int, *, taken: bool) -> None:
    line = f"{datetime.now(UTC) + timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}Z a"
    found = lines_of(spark, line).select(line_time(F.col("value"), LineTime("iso")).isNotNull())
    assert found.collect()[0][0] == taken


@pytest.mark.parametrize(("form", "line"), [("iso", "2025-10-26 02:30:00"), ("apache", "[Sun Oct 26 02:30:00 2025] a")])
def test_a_time_in_an_hour_that_comes_twice_is_in_the_first(zoned: SparkSession, form: str, line: str) -> None:
    zoned.conf.set(TIME_ZONE, "Europe/Berlin")
    found = with_times_as_text(lines_of(zoned, line).select(line_time(F.col("value"), LineTime(form)).alias("window_")))
    assert found.collect()[0][0] == "2025-10-26T02:30:00+02:00"
