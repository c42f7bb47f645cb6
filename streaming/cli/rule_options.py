"""What the options about words and windows mean."""

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile
from zoneinfo import available_timezones

from producer.common.arguments import LARGEST, duration
from producer.common.errors import UsageError
from streaming.counting.rules import TIME_FORMATS, LineTime, Split, Untimed, Windows, WordRule
from streaming.spark.install import find_jar
from streaming.spark.settings import TIME_ZONE, WINDOW_SETTINGS

_NOT_IN_JAVA = frozenset({"Factory", "ROC", "localtime"})  # zones that only Python has
_LATE_SECONDS = 60
#: How far a clock may be set back before lines that count by arrival are dropped.
_SET_BACK_SECONDS = 1
#: The cost of a line grows with the number of windows it is in.
_MOST_WINDOWS = 1000
_ENGLISH = "org/apache/spark/ml/feature/stopwords/english.txt"  # in the jar of Spark's machine learning library


def pattern(text: str, option: str) -> str:
    """Return a pattern that Java may check.

    Raises:
        UsageError: the pattern is empty or not UTF-8; the message names ``option``.
    """
    if not text:
        raise UsageError(f"{option} is empty, so it matches nothing or everything; give a pattern")
    # Python keeps bytes of the command line that are not UTF-8 as lone surrogates.
    if text != text.encode("utf-8", "replace").decode("utf-8"):
        raise UsageError(f"{option} {text!r} is not UTF-8, as all lines are; give it in UTF-8")
    return text


def whole_seconds(text: str, option: str, least: int = 1) -> int:
    """Return a duration in whole seconds.

    Raises:
        UsageError: the duration is shorter than ``least``, too long, or has a fraction; the message names ``option``.
    """
    seconds = duration(text, option)
    if not least <= seconds <= LARGEST or seconds != int(seconds):
        raise UsageError(f"{option} {text!r} is not a number of whole seconds from {least}s to {LARGEST}s; give one")
    return int(seconds)


def lateness(text: str, option: str) -> int:
    """Return a duration in whole seconds, which may be zero.

    Raises:
        UsageError: as ``whole_seconds``.
    """
    return whole_seconds(text, option, least=0)


@dataclass(frozen=True)
class WordOptions:
    """The options about words, as they were given."""

    split: Split | None
    regex: str | None
    match: str | None
    not_match: str | None
    normalize: bool
    lowercase: bool
    min_length: int | None
    stop_words: str | None

    def rule(self) -> WordRule:
        """Return the rule that the options mean.

        Raises:
            UsageError: two options contradict each other, or the stop words cannot be read.
        """
        if self.split is not None and self.regex is not None:
            raise UsageError("--split and --regex both say what a word is; give one of them")
        return WordRule(
            split=self.split or WordRule.split,
            regex=self.regex,
            match=self.match,
            not_match=self.not_match,
            normalize=self.normalize,
            lowercase=self.lowercase,
            min_length=self.min_length or 0,
            stop_words=frozenset() if self.stop_words is None else _stop_words(self.stop_words, self.normalize),
        )


@dataclass(frozen=True)
class WindowOptions:
    """The options about windows, as they were given; durations in seconds."""

    window: int | None
    slide: int | None
    time_format: str | None
    time_regex: str | None
    time_zone: str | None
    late: int | None = None
    untimed: Untimed | None = None

    def windows(self) -> Windows | None:
        """Return the windows that the options mean, None if counts are not per window.

        Raises:
            UsageError: the options do not fit together.
        """
        if self.window is None:
            return None
        length, slide = self.window, self.slide or self.window
        if slide > length:
            raise UsageError(
                f"--slide {slide}s is longer than --window {length}s, so lines between two windows would not count;"
                " give a shorter one"
            )
        if length > _MOST_WINDOWS * slide:
            raise UsageError(
                f"--slide {slide}s: each line would count in {-(-length // slide):,} windows of {length}s, more than"
                f" {_MOST_WINDOWS:,}; give a longer one"
            )
        if self.time_format is None:
            return Windows(length, slide, late=_SET_BACK_SECONDS)
        if self.time_format not in TIME_FORMATS and self.time_regex is None:
            raise UsageError(
                f"--time-format {self.time_format!r} is none of {', '.join(TIME_FORMATS)}; if it is a pattern, say with"
                " --time-regex where in a line the time is"
            )
        return Windows(
            length,
            slide,
            LineTime(self.time_format, self.time_regex),
            late=_LATE_SECONDS if self.late is None else self.late,
            untimed=self.untimed or Windows.untimed,
        )

    def settings(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """Return Spark's settings with what windows need.

        Raises:
            UsageError: there is no such time zone.
        """
        if self.window is None:
            return dict(chosen)
        zone = self.time_zone or chosen.get(TIME_ZONE) or _local_zone()
        if not _is_zone(zone):
            raise UsageError(f"--time-zone {zone!r} is unknown; give a name such as Asia/Seoul or UTC")
        return {**chosen, **WINDOW_SETTINGS, TIME_ZONE: zone}


def _is_zone(name: str) -> bool:
    return name in available_timezones() - _NOT_IN_JAVA


def _local_zone() -> str:
    """Return the name of this machine's time zone, or of the one in TZ; an empty TZ is UTC, as for any program."""
    from tzlocal import get_localzone_name  # 0.02 s that only windows without a zone need

    wanted = os.environ.get("TZ")
    name: str = get_localzone_name() if wanted is None else wanted.removeprefix(":") or "UTC"
    if wanted is not None and not _is_zone(name):
        raise UsageError(f"TZ={name} does not name a time zone; name it with --time-zone")
    return "UTC" if name == "Etc/UTC" else name  # two machines may name the same zone differently


def _stop_words(name: str, normalize: bool) -> frozenset[str]:
    try:
        text = _english() if name == "english" else Path(name).read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"--stop-words {name}: {error.strerror}; give a file of words, or english") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--stop-words {name}: not UTF-8 at byte {error.start}; give a file in UTF-8") from error

    def composed(text: str) -> str:
        return unicodedata.normalize("NFC", text) if normalize else text

    return frozenset(composed(composed(text).lower()).split())  # the same steps that the words of lines take


def _english() -> str:
    with ZipFile(find_jar("spark-mllib_2.13")) as archive:
        return archive.read(_ENGLISH).decode("utf-8")
