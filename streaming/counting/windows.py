"""Counts per window of time: when a line was, and which windows it counts in.

Functions from DataFrame to DataFrame, made of Spark's built-in functions, as those of ``words``.
"""

from typing import NamedTuple

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.counting.rules import DAY_SECONDS, ONE_SPACE, LineTime, Windows, WordRule
from streaming.counting.words import line_counts, split_words

#: A time that is so far ahead of the clock is none: it would close all windows up to it. A zone more or less is not.
_AHEAD_HOURS = 24
_END = "9999-12-31"  # of time
_ISO = "yyyy-MM-dd'T'HH:mm:ssXXX"
_SHOWN_CHARACTERS = 200


class _Format(NamedTuple):
    """How a time is written: what finds it, a regular expression; what makes it even; and a pattern that reads it."""

    regex: str
    even: str
    pattern: str
    has_year: bool = True


_OFFSET = r"[+-](?:0\d|1[0-4])"  # what is no offset that a zone has is a number behind the time
_UTC = r"Z|(?:UTC|GMT)(?![+-]\d)"
_DATE_TIME = _Format(
    # The fraction is taken whole (++, ?+): less of it would leave a digit before a letter that makes it no time.
    r"(?<!\d)(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,]\d++)?+"
    rf"(?: ?({_UTC}|{_OFFSET}:?(?:00|15|30|45))(?!\w|:\d)|(z|{_OFFSET})(?!\w|:\d))?(?![A-Za-z])",
    "$1 $2$3$4",
    "yyyy-MM-dd HH:mm:ss[XXX][XX][X][VV]",
)
_MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
#: The formats that have names. Fractions of a second change no window, as all have whole seconds.
_NAMED = {
    "iso": [_DATE_TIME],
    "log4j": [_DATE_TIME],
    "apache": [  # of what was asked for, and of errors
        _Format(rf"(\d\d)/{_MONTH}/(\d{{4}}):(\d\d:\d\d:\d\d) ([+-]\d{{4}})", "$3 $2 $1 $4$5", "yyyy MMM d HH:mm:ssXX"),
        _Format(rf"{_MONTH} +(\d{{1,2}}) (\d\d:\d\d:\d\d)(?:\.\d+)? (\d{{4}})", "$4 $1 $2 $3", "yyyy MMM d HH:mm:ss"),
    ],
    "syslog": [  # of today, where it is what a line begins with, and of old
        _DATE_TIME._replace(regex=f"^{_DATE_TIME.regex}"),
        _Format(rf"{_MONTH} +(\d{{1,2}}) (\d\d:\d\d:\d\d)", "$1 $2 $3", "yyyy MMM d HH:mm:ss", has_year=False),
    ],
}


def line_time(line: Column, time: LineTime) -> Column:
    """Return the time that a line has in it, as a timestamp; null where it has none after 1970, or one a day ahead.

    Where the ``syslog`` format has no year, it is this one, or the last where that would be more than a day ahead.
    """
    if time.regex is not None:
        line = F.regexp_extract(line, time.regex, time.group)
    if time.format not in _NAMED:
        return _plausible(F.try_to_timestamp(line, F.lit(time.format)))
    found = []
    for form in _NAMED[time.format]:
        text = _even(line, form)
        years = [F.year(F.current_timestamp()) - ago for ago in (0, 1)]
        texts = [text] if form.has_year else [F.concat_ws(" ", year, text) for year in years]
        found += [_plausible(F.try_to_timestamp(each, F.lit(form.pattern))) for each in texts]
    return F.coalesce(*found)


def _even(line: Column, form: _Format) -> Column:
    return F.regexp_replace(F.regexp_extract(line, form.regex, 0), form.regex, form.even)


def _plausible(time: Column) -> Column:
    # The first second of 1970 is what a pattern has that lacks something, and no time at all to Spark's watermark.
    return F.when(
        (time > F.lit(0).cast("timestamp"))
        & (time <= F.current_timestamp() + F.make_dt_interval(hours=F.lit(_AHEAD_HOURS))),
        time,
    )


def count_words_in_windows(  # each is used
    lines: DataFrame,
    windows: Windows,
    column: str = "value",
    rule: WordRule = ONE_SPACE,
    *,
    untimed: "str | Observation" = "untimed",
    release: DataFrame | None = None,
) -> DataFrame:
    """Count how often each word occurs in each window of time, with words as ``split_words`` makes them.

    A stream of them in append mode has each window once, after it is closed; what comes for it later does not count.

    Args:
        lines: any DataFrame, batch or streaming.
        windows: which windows, and when a line is.
        column: the column of lines, a string without line ends; null counts as no line.
        rule: how lines become words.
        untimed: takes how many lines that count had no time (``lines``, long), and one of them (``example``, string).
        release: a stream; before it has a row no window is closed. None is where they are closed from the begin on.

    Returns:
        Four columns: ``window_start`` and ``window_end`` (timestamp; the end is no part of the window), ``word``
        (string, never null) and ``count`` (long, at least 1), one row a window and word.

    >>> texts = ["2026-01-01T10:00:59Z a", "2026-01-01T10:01:00Z a", "a"]
    >>> lines = spark.createDataFrame([(text,) for text in texts], "value string")
    >>> minutes = Windows(60, 60, LineTime("iso"))
    >>> counts = with_times_as_text(count_words_in_windows(lines, minutes, rule=WordRule(regex="a")))
    >>> sorted((row.window_start[11:16], row.word, row["count"]) for row in counts.collect())
    [('10:00', 'a', 1), ('10:01', 'a', 1)]
    """
    now = F.current_timestamp()
    timed = lines.select(
        column, (now if windows.time is None else line_time(F.col(column), windows.time)).alias("time")
    )
    if windows.time is not None:
        is_untimed = F.col("time").isNull() & line_counts(F.col(column), rule)
        # In a column of its own: what is observed may not be made by ICU, which Spark holds for random.
        timed = timed.withColumn("untimed", F.when(is_untimed, F.substring(column, 1, _SHOWN_CHARACTERS))).observe(
            untimed, F.count("untimed").alias("lines"), F.min("untimed").alias("example")
        )
        if windows.untimed == "arrival":
            timed = timed.withColumn("time", F.coalesce("time", now))
    timed = timed.withWatermark("time", f"{windows.late} seconds")
    if release is not None:
        # Spark takes the least of two watermarks, and one without rows is at the begin of time.
        released = release.select(F.lit(None).cast("string").alias(column), F.lit(_END).cast("timestamp").alias("time"))
        timed = timed.select(column, "time").unionByName(released.withWatermark("time", "0 seconds"))
    # A line without a time is none. As it depends on the time, this and all after it stays after the watermark, which
    # so sees an empty line, too: where nothing else comes, one closes the windows that have ended.
    placed = timed.select("time", F.when(F.col("time") > F.lit(0).cast("timestamp"), F.col(column)).alias(column))
    words = split_words(placed, column, rule, keep=["time"])
    if windows.of_days:
        words, window = _in_days(words, windows), F.col("window")
    else:
        window = F.window("time", f"{windows.length} seconds", f"{windows.slide} seconds")
    return words.groupBy(window, "word").count().select(*window_columns("window"), "word", "count")


def _in_days(words: DataFrame, windows: Windows) -> DataFrame:
    """Return words with each ``window`` of whole days that they are in, as ``F.window`` makes others."""
    length, slide = windows.length // DAY_SECONDS, windows.slide // DAY_SECONDS
    day = F.unix_date(F.to_date("time"))
    before = day - length
    starts = F.sequence(before - F.pmod(before, F.lit(slide)) + slide, day, F.lit(slide))

    def midnight(days: Column) -> Column:
        return F.date_from_unix_date(days).cast("timestamp")

    start = F.col("start")
    window = F.struct(midnight(start).alias("start"), midnight(start + length).alias("end"))
    # As F.window does, it hands on the mark of the time, by which Spark knows what the watermark closes.
    marked = window.alias("window", metadata=words.schema["time"].metadata)
    return words.select(F.explode(starts).alias("start"), "word").select(marked, "word")


def window_columns(window: str) -> list[Column]:
    """Return the two columns of a window: ``window_start`` and ``window_end``."""
    return [F.col(f"{window}.{side}").alias(f"window_{side}") for side in ("start", "end")]


def with_times_as_text(counts: DataFrame) -> DataFrame:
    """Return counts with the times of their windows, where they have some, as text: 2026-11-23T10:05:00+09:00."""
    times = {name: F.date_format(name, _ISO) for name in counts.columns if name.startswith("window_")}
    return counts.withColumns(times) if times else counts
