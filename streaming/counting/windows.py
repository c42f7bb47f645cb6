"""Count words per window of time.

Functions from DataFrame to DataFrame, made of Spark's built-in functions, like those in ``words``.
"""

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.counting.line_time import line_time
from streaming.counting.rules import DAY_SECONDS, ONE_SPACE, LineTime, Windows, WordRule
from streaming.counting.words import is_counted, split_words

_LATEST_TIME = "9999-12-31"
_ISO = "yyyy-MM-dd'T'HH:mm:ssXXX"
_EXAMPLE_CHARACTERS = 200


def count_words_in_windows(
    lines: DataFrame,
    windows: Windows,
    column: str = "value",
    rule: WordRule = ONE_SPACE,
    *,
    untimed: "str | Observation" = "untimed",
    release: DataFrame | None = None,
) -> DataFrame:
    """Count how often each word occurs in each window of time. ``split_words`` says what a word is.

    A stream in append mode emits each window once, after it is closed. Lines that come for it later do not count.

    Args:
        lines: any DataFrame, batch or streaming.
        windows: the windows, and where a line has its time.
        column: the column of lines, a string without line ends; null is no line.
        rule: how lines become words.
        untimed: receives the number of counted lines without a time (``lines``, long) and one such line (``example``,
            string).
        release: a stream. No window is closed before it has a row. None closes windows from the start.

    Returns:
        Four columns: ``window_start`` and ``window_end`` (timestamp; the end is not in the window), ``word`` (string,
        never null) and ``count`` (long, at least 1), one row per window and word.

    >>> texts = ["2026-01-01T10:00:59Z a", "2026-01-01T10:01:00Z a", "a"]
    >>> lines = spark.createDataFrame([(text,) for text in texts], "value string")
    >>> minutes = Windows(60, 60, LineTime("iso"))
    >>> counts = with_times_as_text(count_words_in_windows(lines, minutes, rule=WordRule(regex="a")))
    >>> sorted((row.window_start[11:16], row.word, row["count"]) for row in counts.collect())
    [('10:00', 'a', 1), ('10:01', 'a', 1)]
    """
    if windows.time is None:
        timed = lines.select(column, F.current_timestamp().alias("time"))
    else:
        timed = _with_line_times(lines, windows.time, column, rule, untimed)
        if windows.untimed == "arrival":
            timed = timed.withColumn("time", F.coalesce("time", F.current_timestamp()))
    timed = timed.withWatermark("time", f"{windows.late} seconds")
    if release is not None:
        # Spark takes the lesser of two watermarks, and that of a stream without rows is at the beginning of time.
        released = release.select(
            F.lit(None).cast("string").alias(column), F.lit(_LATEST_TIME).cast("timestamp").alias("time")
        )
        timed = timed.select(column, "time").unionByName(released.withWatermark("time", "0 seconds"))
    # A line without a time does not count. This condition depends on the time, so Spark keeps it, and all after it,
    # behind the watermark. The watermark therefore sees empty lines too, and one alone closes windows that have ended.
    placed = timed.select("time", F.when(F.col("time") > F.lit(0).cast("timestamp"), F.col(column)).alias(column))
    words = split_words(placed, column, rule, keep=["time"])
    if windows.of_days:
        words, window = _with_windows_of_days(words, windows), F.col("window")
    else:
        window = F.window("time", f"{windows.length} seconds", f"{windows.slide} seconds")
    return words.groupBy(window, "word").count().select(*window_columns("window"), "word", "count")


def _with_line_times(
    lines: DataFrame, time: LineTime, column: str, rule: WordRule, untimed: "str | Observation"
) -> DataFrame:
    """Return the lines with the column ``time``, and observe those that count but have no time."""
    timed = lines.select(column, line_time(F.col(column), time).alias("time"))
    is_untimed = F.col("time").isNull() & is_counted(F.col(column), rule)
    # It needs a column of its own: an observed expression may not call ICU, which Spark takes for non-deterministic.
    example = F.when(is_untimed, F.substring(column, 1, _EXAMPLE_CHARACTERS))
    return timed.withColumn("untimed", example).observe(
        untimed, F.count("untimed").alias("lines"), F.min("untimed").alias("example")
    )


def _with_windows_of_days(words: DataFrame, windows: Windows) -> DataFrame:
    """Return the words with each ``window`` of whole days that they are in, as ``F.window`` does for other windows."""
    length, slide = windows.length // DAY_SECONDS, windows.slide // DAY_SECONDS
    day = F.unix_date(F.to_date("time"))
    before = day - length
    starts = F.sequence(before - F.pmod(before, F.lit(slide)) + slide, day, F.lit(slide))

    def midnight(days: Column) -> Column:
        return F.date_from_unix_date(days).cast("timestamp")

    start = F.col("start")
    window = F.struct(midnight(start).alias("start"), midnight(start + length).alias("end"))
    # Like F.window, it passes on the metadata of the time, by which Spark knows which windows the watermark closes.
    marked = window.alias("window", metadata=words.schema["time"].metadata)
    return words.select(F.explode(starts).alias("start"), "word").select(marked, "word")


def window_columns(window: str) -> list[Column]:
    """Return the two columns of a window: ``window_start`` and ``window_end``."""
    return [F.col(f"{window}.{side}").alias(f"window_{side}") for side in ("start", "end")]


def with_times_as_text(counts: DataFrame) -> DataFrame:
    """Return counts with the times of their windows, if they have any, as text: 2026-11-23T10:05:00+09:00."""
    times = {name: F.date_format(name, _ISO) for name in counts.columns if name.startswith("window_")}
    return counts.withColumns(times) if times else counts
