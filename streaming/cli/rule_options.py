"""Make the rules of what was asked for: what a word is, and what a window of time.

Java checks their patterns before anything is counted by them.
"""

import os
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import cast, get_args
from zipfile import ZipFile
from zoneinfo import available_timezones

from tzlocal import get_localzone_name

from producer.common.arguments import LARGEST, duration, whole_number
from producer.common.errors import UsageError
from streaming.counting.rules import TIME_FORMATS, LineTime, Split, Untimed, Windows, WordRule
from streaming.spark.install import find_jar
from streaming.spark.settings import TIME_ZONE, WINDOW_SETTINGS

_NO_ZONES = frozenset({"Factory", "ROC", "localtime"})  # which Python has, and Java has not
_LATE = "1m"
_SET_BACK_SECONDS = 1  # by so much a clock may be set back before lines of arrival count no more
_MOST_WINDOWS = 1000  # a line costs as much as so many
_ENGLISH = "org/apache/spark/ml/feature/stopwords/english.txt"  # of Spark's library for machine learning


def word_rule(  # each is an option of the commands
    *,
    split: str | None,
    regex: str | None,
    match: str | None,
    not_match: str | None,
    normalize: bool,
    lowercase: bool,
    min_length: str | None,
    stop_words: str | None,
) -> WordRule:
    """Return the rule that options of the command line mean.

    Raises:
        UsageError: an option does not hold.
    """
    if split is not None and split not in get_args(Split):
        raise UsageError(f"--split {split!r} is unknown; take one of {', '.join(get_args(Split))}")
    if split is not None and regex is not None:
        raise UsageError("--split and --regex both say what a word is; give one of them")
    for option, pattern in (("--regex", regex), ("--match", match), ("--not-match", not_match)):
        _check_pattern(option, pattern)
    return WordRule(
        split=cast("Split", split) or WordRule.split,
        regex=regex,
        match=match,
        not_match=not_match,
        normalize=normalize,
        lowercase=lowercase,
        min_length=0 if min_length is None else whole_number(min_length, "--min-length"),
        stop_words=frozenset() if stop_words is None else _stop_words(stop_words, normalize=normalize),
    )


def _check_pattern(option: str, pattern: str | None) -> None:
    """Refuse what is no pattern, whatever Java holds of it."""
    if pattern == "":
        raise UsageError(f"{option} is empty, and finds nothing or everything; give a pattern")
    # What Python makes of bytes of the command line that are not UTF-8.
    if pattern is not None and pattern != pattern.encode("utf-8", "replace").decode("utf-8"):
        raise UsageError(f"{option} {pattern!r} is not UTF-8, which all lines are; write it so")


def windows_of(  # as above
    *,
    window: str | None,
    slide: str | None,
    time_format: str | None,
    time_regex: str | None,
    late: str | None = None,
    untimed: str | None = None,
) -> Windows | None:
    """Return the windows that options of the command line mean, None where there are to be none.

    Raises:
        UsageError: an option does not hold.
    """
    others = {"--slide": slide, "--time-format": time_format}
    of_times = {"--time-regex": time_regex, "--late": late, "--untimed": untimed}
    if window is None:
        for option in [name for name, value in {**others, **of_times}.items() if value is not None]:
            raise UsageError(f"{option} is for windows of time; give --window 5m, or leave it out")
        return None
    length = _whole_seconds(window, "--window")
    step = length if slide is None else _whole_seconds(slide, "--slide")
    if step > length:
        raise UsageError(f"--slide {slide} is longer than --window {window}: lines between two windows would not count")
    if length > _MOST_WINDOWS * step:
        raise UsageError(
            f"--slide {slide}: each line would count in {-(-length // step):,} windows of {window}, more than"
            f" {_MOST_WINDOWS:,}; give a longer one"
        )
    if time_format is None:
        for option in [name for name, value in of_times.items() if value is not None]:
            raise UsageError(f"{option} is for times in lines, and these count by arrival; give --time-format, too")
        return Windows(length, step, late=_SET_BACK_SECONDS)
    if not time_format:
        raise UsageError(f"--time-format is empty; take one of {', '.join(TIME_FORMATS)}, or give a pattern")
    _check_pattern("--time-format", time_format)
    _check_pattern("--time-regex", time_regex)
    if time_format not in TIME_FORMATS and time_regex is None:
        raise UsageError(
            f"--time-format {time_format!r} is none of {', '.join(TIME_FORMATS)}; for a pattern of its own,"
            " --time-regex says where in a line the time is"
        )
    if untimed is not None and untimed not in get_args(Untimed):
        raise UsageError(f"--untimed {untimed!r} is unknown; take one of {', '.join(get_args(Untimed))}")
    return Windows(
        length,
        step,
        LineTime(time_format, time_regex),
        late=_whole_seconds(late or _LATE, "--late", least=0),
        untimed=cast("Untimed", untimed) or Windows.untimed,
    )


def window_settings(windows: Windows | None, time_zone: str | None, chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of Spark with those that windows ask for.

    Raises:
        UsageError: there is no such zone, or it is given without windows.
    """
    if windows is None:
        if time_zone is not None:
            raise UsageError("--time-zone is for windows of time; give --window 5m, or leave it out")
        return dict(chosen)
    zone = time_zone or chosen.get(TIME_ZONE) or _local_zone()
    if not _is_zone(zone):
        raise UsageError(f"--time-zone {zone!r} is unknown; give a name as Asia/Seoul or UTC")
    return {**chosen, **WINDOW_SETTINGS, TIME_ZONE: zone}


def _is_zone(name: str) -> bool:
    return name in available_timezones() - _NO_ZONES


def _local_zone() -> str:
    """Return the name of this machine's zone."""
    if (wanted := os.environ.get("TZ", "").removeprefix(":")) and not _is_zone(wanted):
        raise UsageError(f"TZ={wanted} is no name of a zone; say with --time-zone which one it is")
    name: str = wanted or get_localzone_name()
    return "UTC" if name == "Etc/UTC" else name  # as machines name the same


def _whole_seconds(text: str, option: str, least: int = 1) -> int:
    seconds = duration(text, option)
    if not least <= seconds <= LARGEST or seconds != int(seconds):
        raise UsageError(f"{option} {text!r}: is to be whole seconds, from {least}s to {LARGEST}s; give so many")
    return int(seconds)


def _stop_words(name: str, *, normalize: bool) -> frozenset[str]:
    try:
        text = _english() if name == "english" else Path(name).read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"--stop-words {name}: {error.strerror}; give a file of words, or english") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--stop-words {name}: is not UTF-8 at byte {error.start}; give a file of UTF-8") from error

    def composed(text: str) -> str:
        return unicodedata.normalize("NFC", text) if normalize else text

    return frozenset(composed(composed(text).lower()).split())  # as words of lines are made


def _english() -> str:
    with ZipFile(find_jar("spark-mllib_2.13")) as archive:
        return archive.read(_ENGLISH).decode("utf-8")
