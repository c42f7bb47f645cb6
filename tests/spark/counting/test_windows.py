"""Which windows a line counts in, checked by hand."""

from datetime import UTC, datetime

import pytest
from pyspark.sql import Observation, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.counting.rules import DAY_SECONDS, LineTime, Windows, WordRule
from streaming.counting.windows import count_words_in_windows
from streaming.counting.words import most_frequent
from streaming.spark.settings import TIME_ZONE
from tests.spark.counting.conftest import lines_of, rows


def test_counts_checked_by_hand(seoul: SparkSession) -> None:
    lines = lines_of(
        seoul, "2026-03-04 00:00:00 가 가", "2026-03-04 00:04:59 가", "2026-03-04 00:05:00 나", "no time, 가", ""
    )
    counts = count_words_in_windows(lines, Windows(300, 300, LineTime("iso")), rule=WordRule(regex="[가-힣]"))
    assert rows(counts) == [
        ("2026-03-04T00:00:00+09:00", "2026-03-04T00:05:00+09:00", "가", 3),
        ("2026-03-04T00:05:00+09:00", "2026-03-04T00:10:00+09:00", "나", 1),
    ]


@pytest.mark.parametrize("normalize", [False, True])
def test_lines_that_the_rule_excludes_are_not_reported_as_untimed(spark: SparkSession, *, normalize: bool) -> None:
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


def test_an_empty_line_is_not_reported_as_untimed(spark: SparkSession) -> None:
    untimed = Observation()
    lines = lines_of(spark, "", "no time", "")
    assert count_words_in_windows(lines, Windows(60, 60, LineTime("iso")), untimed=untimed).count() == 0
    assert untimed.get == {"lines": 1, "example": "no time"}


def test_lines_without_a_time_can_count_by_their_arrival(spark: SparkSession) -> None:
    windows = Windows(1, 1, LineTime("iso"), untimed="arrival")
    before = int(datetime.now(UTC).timestamp())
    counts = count_words_in_windows(
        lines_of(spark, "a", "2026-03-04T00:00:00Z a", "a"), windows, rule=WordRule(regex="a")
    )
    timed, arrived = counts.select(F.col("window_start").cast("long"), "count").orderBy("window_start").collect()
    assert tuple(timed) == (datetime(2026, 3, 4, tzinfo=UTC).timestamp(), 1)
    assert before <= arrived[0] <= datetime.now(UTC).timestamp()
    assert arrived["count"] == 2


def test_a_line_counts_in_each_sliding_window(seoul: SparkSession) -> None:
    lines = lines_of(seoul, "2026-03-04T00:01:30", "2026-03-04T00:02:00")
    counts = count_words_in_windows(lines, Windows(120, 60, LineTime("iso")))
    assert [(start[14:19], end[14:19], word[14:]) for start, end, word, _ in rows(counts)] == [
        ("00:00", "02:00", "01:30"),
        ("01:00", "03:00", "01:30"),
        ("01:00", "03:00", "02:00"),
        ("02:00", "04:00", "02:00"),
    ]


@pytest.mark.parametrize(
    ("zone", "days", "slide", "lines", "expected"),
    [
        (
            "Asia/Seoul", 1, 1, ["2026-03-03 23:59:59 a", "2026-03-04 00:00:00 b", "2026-03-04 23:59:59 b"],
            ["2026-03-03T00:00:00+09:00 2026-03-04T00:00:00+09:00 a 1",
             "2026-03-04T00:00:00+09:00 2026-03-05T00:00:00+09:00 b 2"],
        ),
        (  # a day of 23 hours
            "Europe/Berlin", 1, 1,
            ["2026-03-28 23:59:59 a", "2026-03-29 00:00:00 b", "2026-03-29T21:59:59Z b", "2026-03-29T22:00:00Z c"],
            ["2026-03-28T00:00:00+01:00 2026-03-29T00:00:00+01:00 a 1",
             "2026-03-29T00:00:00+01:00 2026-03-30T00:00:00+02:00 b 2",
             "2026-03-30T00:00:00+02:00 2026-03-31T00:00:00+02:00 c 1"],
        ),
        (  # a day of 25 hours
            "Europe/Berlin", 1, 1,
            ["2026-10-24 23:59:59 a", "2026-10-25 00:00:00 b", "2026-10-25T22:59:59Z b", "2026-10-25T23:00:00Z c"],
            ["2026-10-24T00:00:00+02:00 2026-10-25T00:00:00+02:00 a 1",
             "2026-10-25T00:00:00+02:00 2026-10-26T00:00:00+01:00 b 2",
             "2026-10-26T00:00:00+01:00 2026-10-27T00:00:00+01:00 c 1"],
        ),
        (  # a day without midnight
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
        (  # weeks start on Thursday, as 1970 did
            "Europe/Berlin", 7, 7, ["2026-03-25 23:59:59 a", "2026-03-26 00:00:00 b"],
            ["2026-03-19T00:00:00+01:00 2026-03-26T00:00:00+01:00 a 1",
             "2026-03-26T00:00:00+01:00 2026-04-02T00:00:00+02:00 b 1"],
        ),
    ],
)  # fmt: skip
def test_days_start_at_midnight_in_the_zone(
    zoned: SparkSession, zone: str, days: int, slide: int, lines: list[str], expected: list[str]
) -> None:
    zoned.conf.set(TIME_ZONE, zone)
    windows = Windows(days * DAY_SECONDS, slide * DAY_SECONDS, LineTime("iso"))
    counts = count_words_in_windows(lines_of(zoned, *lines, "none a"), windows, rule=WordRule(regex="[abc]$"))
    assert [" ".join(map(str, row)) for row in rows(counts)] == expected


def test_the_most_frequent_words_of_each_window(spark: SparkSession) -> None:
    lines = lines_of(spark, *(f"2026-03-04T00:0{n // 3}:00Z {'ab' if n % 3 else 'c'}" for n in range(6)))
    counts = count_words_in_windows(lines, Windows(60, 60, LineTime("iso"))).where(F.char_length("word") < 3)
    assert [(word, count) for _, _, word, count in rows(most_frequent(counts, 1))] == [("ab", 2), ("ab", 2)]


def test_the_columns_are_those_of_the_docstring(spark: SparkSession) -> None:
    counts = count_words_in_windows(lines_of(spark, "a"), Windows(60, 60))
    assert [(field.name, field.dataType.simpleString()) for field in counts.schema] == [
        ("window_start", "timestamp"), ("window_end", "timestamp"), ("word", "string"), ("count", "bigint"),
    ]  # fmt: skip
    assert "Python" not in counts._jdf.queryExecution().executedPlan().toString()
