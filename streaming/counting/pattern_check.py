"""Have Java check the patterns of word rules and windows before anything is counted by them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pyspark.errors import IllegalArgumentException, PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from producer.common.errors import UsageError
from streaming.counting.rules import TIME_FORMATS, Windows, WordRule


def checked_rule(session: Callable[[], SparkSession], rule: WordRule) -> WordRule:
    """Return the rule with ``group`` set: the first group of its ``regex`` if that has one.

    Args:
        session: returns Spark's session. It is called only if there is a pattern, because it waits for Spark to start.
        rule: the rule as the user gave it.

    Raises:
        UsageError: Java does not take a pattern; the message names the place in it.
    """
    group = _word_group(session, "--regex", rule.regex)
    _word_group(session, "--match", rule.match)
    _word_group(session, "--not-match", rule.not_match)
    return replace(rule, group=group)


def checked_windows(session: Callable[[], SparkSession], windows: Windows) -> Windows:
    """Return the windows with the ``group`` of their time set: the first group of its ``regex`` if that has one.

    Args:
        session: returns Spark's session. It is called only if there is a pattern, because it waits for Spark to start.
        windows: the windows as the user gave them.

    Raises:
        UsageError: Java or Spark does not take a pattern; the message names the place in it.
    """
    if windows.time is None:
        return windows
    group = _word_group(session, "--time-regex", windows.time.regex)
    if windows.time.format not in TIME_FORMATS:
        _check_time_format(session, windows.time.format)
    return replace(windows, time=replace(windows.time, group=group))


def _word_group(session: Callable[[], SparkSession], option: str, pattern: str | None) -> int:
    """Return the group that a pattern means: the first if it has one, else 0, which is the whole match."""
    if pattern is None:
        return 0
    try:
        jvm: Any = session()._jvm  # noqa: SLF001  # pyspark offers no other way
        return min(1, int(jvm.java.util.regex.Pattern.compile(pattern).matcher("").groupCount()))
    except IllegalArgumentException as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{option} {pattern!r}: {reason}; give a Java regular expression") from error


def _check_time_format(session: Callable[[], SparkSession], pattern: str) -> None:
    if "y" not in pattern:
        raise UsageError(
            f"--time-format {pattern!r} has no year, so the time is unknown; give a pattern with a year, or syslog"
        )
    try:
        session().range(1).select(F.try_to_timestamp(F.lit("a"), F.lit(pattern))).collect()
    except PySparkException as error:
        raise UsageError(
            f"--time-format {pattern!r} is not a datetime pattern of Spark; write one such as 'dd/MM/yyyy HH:mm:ss'"
        ) from error
