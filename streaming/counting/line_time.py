"""The time of a line: where a line has it, and how it is written there."""

from typing import NamedTuple

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.counting.rules import LineTime

#: A time further ahead of the clock than this is no time: it would close every window before it. A day allows for a
#: wrong time zone.
_AHEAD_HOURS = 24


class _Format(NamedTuple):
    """One way to write a time.

    Attributes:
        regex: the regular expression that finds the time.
        replacement: what the match is replaced with, so that ``pattern`` reads it.
        pattern: the datetime pattern of Spark.
        has_year: whether the time has a year.
    """

    regex: str
    replacement: str
    pattern: str
    has_year: bool = True


_OFFSET = r"[+-](?:0\d|1[0-4])"  # a number after a time that is no offset of any zone belongs to the line's text
_UTC = r"Z|(?:UTC|GMT)(?![+-]\d)"
_DATE_TIME = _Format(
    # The fraction is matched whole (++, ?+). Part of it would leave a digit before a letter that makes it no time.
    r"(?<!\d)(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,]\d++)?+"
    rf"(?: ?({_UTC}|{_OFFSET}:?(?:00|15|30|45))(?!\w|:\d)|(z|{_OFFSET})(?!\w|:\d))?(?![A-Za-z])",
    "$1 $2$3$4",
    "yyyy-MM-dd HH:mm:ss[XXX][XX][X][VV]",
)
_MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
#: The formats that have a name. Fractions of a second are dropped, as windows begin and end at whole seconds.
_NAMED_FORMATS = {
    "iso": [_DATE_TIME],
    "log4j": [_DATE_TIME],
    "apache": [  # the access log, and the error log
        _Format(rf"(\d\d)/{_MONTH}/(\d{{4}}):(\d\d:\d\d:\d\d) ([+-]\d{{4}})", "$3 $2 $1 $4$5", "yyyy MMM d HH:mm:ssXX"),
        _Format(rf"{_MONTH} +(\d{{1,2}}) (\d\d:\d\d:\d\d)(?:\.\d+)? (\d{{4}})", "$4 $1 $2 $3", "yyyy MMM d HH:mm:ss"),
    ],
    "syslog": [  # today's form, which must begin the line, and the old one
        _DATE_TIME._replace(regex=f"^{_DATE_TIME.regex}"),
        _Format(rf"{_MONTH} +(\d{{1,2}}) (\d\d:\d\d:\d\d)", "$1 $2 $3", "yyyy MMM d HH:mm:ss", has_year=False),
    ],
}


def line_time(line: Column, time: LineTime) -> Column:
    """Return the time of a line as a timestamp; null if it has none after 1970, or one more than a day ahead.

    The old ``syslog`` form has no year. The time is then of this year, or of the last one if that would be more than a
    day ahead.
    """
    if time.regex is not None:
        line = F.regexp_extract(line, time.regex, time.group)
    if time.format not in _NAMED_FORMATS:
        return _plausible(F.try_to_timestamp(line, F.lit(time.format)))
    times = []
    for form in _NAMED_FORMATS[time.format]:
        text = F.regexp_replace(F.regexp_extract(line, form.regex, 0), form.regex, form.replacement)
        years = [F.year(F.current_timestamp()) - ago for ago in (0, 1)]
        texts = [text] if form.has_year else [F.concat_ws(" ", year, text) for year in years]
        times += [_plausible(F.try_to_timestamp(each, F.lit(form.pattern))) for each in texts]
    return F.coalesce(*times)


def _plausible(time: Column) -> Column:
    # A pattern without a date gives the first second of 1970, which also means "no time" to Spark's watermark.
    return F.when(
        (time > F.lit(0).cast("timestamp"))
        & (time <= F.current_timestamp() + F.make_dt_interval(hours=F.lit(_AHEAD_HOURS))),
        time,
    )
