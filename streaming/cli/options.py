"""What the commands of ``wordcount`` share: options, and how they show messages."""

from typing import Annotated, Literal, NamedTuple

import typer

from producer.common import terminal
from producer.common.arguments import duration, option, whole_number
from producer.common.errors import UsageError
from producer.text.encoding import Encoding as FileEncoding
from producer.text.encoding import encoding as parse_encoding
from streaming.cli.rule_options import lateness, pattern, whole_seconds
from streaming.counting.rules import Split as SplitName
from streaming.counting.rules import Untimed
from streaming.serving.address import Address, address
from streaming.sinks.formats import FormatName
from streaming.spark.settings import StateStore


def say(message: str) -> None:
    """Show a message on standard error."""
    terminal.say("wordcount", message)


def warn(path: str, reason: str) -> None:
    """Show a warning about a file or a folder."""
    say(f"warning: {path}: {reason}")


class Trigger(NamedTuple):
    """When words are counted: in batches at this interval in seconds, or in real time with a checkpoint at it.

    With ``is_auto``, batches take the place of real time while that falls behind.
    """

    seconds: float
    is_real_time: bool = False
    is_auto: bool = False

    @property
    def name(self) -> str:
        """What real time is called as a value of ``--trigger``."""
        return "auto" if self.is_auto else "realtime"


_CHECKPOINTS, _LEAST_CHECKPOINT_SECONDS = "1m", 5.0


def trigger(text: str, option: str) -> Trigger:
    """Return the value of ``--trigger``.

    Raises:
        UsageError: it is neither a duration nor ``realtime`` or ``auto`` with one of at least 5 s; the message names
            ``option``.

    >>> trigger("500ms", "--trigger")
    Trigger(seconds=0.5, is_real_time=False, is_auto=False)
    >>> trigger("auto:30s", "--trigger")
    Trigger(seconds=30.0, is_real_time=True, is_auto=True)
    """
    kind, colon, interval = text.strip().partition(":")
    is_real_time = kind in {"realtime", "auto"}
    try:
        seconds = duration((interval if colon else _CHECKPOINTS) if is_real_time else text, option)
    except UsageError as error:
        forms = "a duration such as 500ms, 1s, 2m, 1h or 1d, or realtime, auto, realtime:30s or auto:30s"
        raise UsageError(f"{option} {text!r} is not a trigger; give {forms}") from error
    if not is_real_time:
        return Trigger(seconds)
    if seconds < _LEAST_CHECKPOINT_SECONDS:
        raise UsageError(f"{option} {text!r}: 5s is the shortest interval of checkpoints; give {kind}:5s or longer")
    return Trigger(seconds, is_real_time=True, is_auto=kind == "auto")


EACH_SECOND = Trigger(1.0)
TriggerOption = Annotated[
    Trigger,
    option(
        "trigger",
        "Start a batch this often: 500ms, 1s (the default). 0s starts each batch as soon as possible. realtime counts"
        " each record of a topic as it comes, with a checkpoint each minute, or each 30s: realtime:30s. auto, or"
        " auto:30s, is realtime while that keeps up with the topic, else 0s.",
        parse=trigger,
        metavar="DURATION|realtime|auto",
        show_default=False,
    ),
]
Output = Annotated[
    str | None, option("output", "Save the counts in this folder; it is created if missing.", metavar="DIR")
]
Format = Annotated[FormatName, option("format", "The format of saved counts; json has one object a line.")]
Top = Annotated[
    int | None,
    option(
        "top", "Print only the N most frequent words, per window if there are windows.", parse=whole_number, metavar="N"
    ),
]
Encoding = Annotated[
    FileEncoding | None,
    option(
        "encoding",
        "The encoding of files without a byte order mark: cp949, latin-1, utf-16-le. By default utf-8.",
        parse=parse_encoding,
        metavar="NAME",
    ),
]
Exclude = Annotated[
    list[str] | None,
    option(
        "exclude",
        "Leave out files and folders of this name, or path in the folder; may be repeated.",
        metavar="PATTERN",
    ),
]
Folder = Annotated[
    str, typer.Argument(metavar="DIR", help="The --output folder of a stream, or its --checkpoint folder.")
]
Split = Annotated[
    SplitName | None,
    option(
        "split",
        "Split lines at each space (the default) or any whitespace; or take words, which are letters and digits.",
    ),
]
Regex = Annotated[
    str | None,
    option(
        "regex",
        "Words are the matches of this pattern, or of its first group: 'status=([0-9]+)'.",
        parse=pattern,
        metavar="PATTERN",
    ),
]
Match = Annotated[
    str | None,
    option("match", "Count only lines in which this pattern is found.", parse=pattern, metavar="PATTERN"),
]
NotMatch = Annotated[
    str | None,
    option("not-match", "Do not count lines in which this pattern is found.", parse=pattern, metavar="PATTERN"),
]
Normalize = Annotated[bool, option("normalize", "Compose characters first (Unicode NFC).")]
Lowercase = Annotated[bool, option("lowercase", "Count words in lower case.")]
MinLength = Annotated[
    int | None, option("min-length", "Do not count words of fewer characters.", parse=whole_number, metavar="N")
]
StopWords = Annotated[
    str | None,
    option("stop-words", "Do not count the words in this file, or the built-in list: english.", metavar="FILE"),
]
Window = Annotated[
    int | None,
    option("window", "Count per window of time of this length: 30s, 5m, 1d.", parse=whole_seconds, metavar="DURATION"),
]
Slide = Annotated[
    int | None,
    option(
        "slide",
        "Start a window this often. By default windows do not overlap.",
        parse=whole_seconds,
        metavar="DURATION",
    ),
]
TimeFormat = Annotated[
    str | None,
    option(
        "time-format",
        "Take the time from each line: iso, syslog, apache, log4j, or a pattern such as 'dd/MM/yyyy HH:mm:ss'."
        " By default a line has the time at which it arrives.",
        parse=pattern,
    ),
]
TimeRegex = Annotated[
    str | None,
    option(
        "time-regex",
        "The time in a line is the match of this pattern, or of its first group.",
        parse=pattern,
        metavar="PATTERN",
    ),
]
Late = Annotated[
    int | None,
    option(
        "late",
        "Keep a window open this long for late lines, by default 1m.",
        parse=lateness,
        metavar="DURATION",
        show_default=False,
    ),
]
UntimedOption = Annotated[
    Untimed | None,
    option("untimed", "Set lines without a time aside (the default), or count them by their arrival."),
]
Serve = Annotated[
    Address | None,
    option(
        "serve",
        "Show the counts on a page at this port, with JSON, Prometheus metrics and health. For this machine alone,"
        " unless HOST is another; 0 takes a free port.",
        parse=address,
        metavar="[HOST:]PORT",
    ),
]
StuckAfter = Annotated[
    float,
    option(
        "stuck-after",
        "/health reports a stream that has something to count and commits nothing for this long, by default 60s.",
        parse=duration,
        metavar="DURATION",
        show_default=False,
    ),
]
LogFormat = Annotated[
    Literal["text", "json"],
    option("log-format", "How messages are shown on standard error: json has one object a line."),
]
TimeZone = Annotated[
    str | None,
    option(
        "time-zone", "The zone of times without one, and of printed times: Asia/Seoul. By default that of this machine."
    ),
]
PartitionsOption = Annotated[
    int | None,
    option(
        "partitions",
        "At the first start: how many partitions the counts are in. By default 1; on a cluster one for each core.",
        parse=whole_number,
        metavar="N",
    ),
]
StoreOption = Annotated[
    StateStore | None,
    option(
        "state-store",
        "Where the counts are kept: memory, or rocksdb for more words than fit there. A state in memory is converted to"
        " rocksdb, not back. By default memory; in real time rocksdb.",
    ),
]
#: An option of ``stream`` that users also try with ``batch``, which refuses it and says why.
NotOfBatch = Annotated[str | None, typer.Option(hidden=True)]
Master = Annotated[str | None, option("master", "Spark's master: local[4] or spark://HOST:7077.", metavar="URL")]
Conf = Annotated[list[str] | None, option("conf", "Set a setting of Spark; may be repeated.", metavar="KEY=VALUE")]
Debug = Annotated[bool, option("debug", "Show Spark's log, and tracebacks.")]
