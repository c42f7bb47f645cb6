"""The options of the command ``wordcount``, where several of its commands have them."""

from typing import Annotated, Any

import typer


def option(name: str, text: str, **more: Any) -> Any:
    """Return an option of the command line, which can also come from the environment."""
    return typer.Option(f"--{name}", help=text, envvar=f"WORDCOUNT_{name.upper().replace('-', '_')}", **more)


def _word_option(name: str, text: str, **more: Any) -> Any:
    return option(name, text, rich_help_panel="What a word is", **more)


def window_option(name: str, text: str, **more: Any) -> Any:
    """Return an option that is for windows of time."""
    return option(name, text, rich_help_panel="Windows", **more)


def topic_option(name: str, text: str, **more: Any) -> Any:
    """Return an option that is for topics alone."""
    return option(name, text, rich_help_panel="Kafka", **more)


Output = Annotated[str | None, option("output", "Save the counts in this folder, made if missing.", metavar="DIR")]
Format = Annotated[str, option("format", "What to save: text, csv, json (one object a line) or parquet.")]
Top = Annotated[
    str | None,
    option(
        "top", "Print only the N most frequent words, of each window where there are some; all are saved.", metavar="N"
    ),
]
Depth = Annotated[str | None, option("depth", "Levels of folders to look into; 1: no others.", metavar="N")]
Folder = Annotated[str, typer.Argument(metavar="DIR", help="The --output folder of a stream, or its --checkpoint.")]
Split = Annotated[
    str | None,
    _word_option("split", "Words are what is between: space (the default), whitespace; or words: letters, digits."),
]
Regex = Annotated[
    str | None,
    _word_option("regex", "Words are the matches, or their first groups: 'status=([0-9]+)'.", metavar="PATTERN"),
]
Match = Annotated[str | None, _word_option("match", "Count only lines in which this is found.", metavar="PATTERN")]
NotMatch = Annotated[
    str | None, _word_option("not-match", "Do not count lines in which this is found.", metavar="PATTERN")
]
Normalize = Annotated[bool, _word_option("normalize", "Compose characters first (Unicode's NFC).")]
Lowercase = Annotated[bool, _word_option("lowercase", "Count words in lower case.")]
MinLength = Annotated[str | None, _word_option("min-length", "Leave out words of fewer characters.", metavar="N")]
StopWords = Annotated[
    str | None, _word_option("stop-words", "Leave out the words in this file, or: english.", metavar="FILE")
]
Window = Annotated[str | None, window_option("window", "Count per window of time, so long: 30s, 5m, 1d.")]
Slide = Annotated[str | None, window_option("slide", "Begin a window this often; by default when the last ends.")]
TimeFormat = Annotated[
    str | None,
    window_option(
        "time-format",
        "Take the time in a line: iso, syslog, apache, log4j, or a pattern as 'dd/MM/yyyy HH:mm:ss'."
        " Without it, the time is when a line comes.",
    ),
]
TimeRegex = Annotated[
    str | None,
    window_option("time-regex", "Where the time is in a line: the match, or its first group.", metavar="PATTERN"),
]
#: One of a stream alone, which its users try with ``batch``, too: there it is refused with the reason.
NotOfBatch = Annotated[str | None, typer.Option(hidden=True)]
TimeZone = Annotated[
    str | None,
    window_option(
        "time-zone", "Zone of times that name none, and of those shown, as Asia/Seoul; by default this machine's."
    ),
]
Master = Annotated[str | None, option("master", "Spark's master, as local[4] or spark://HOST:7077.", metavar="URL")]
Conf = Annotated[list[str] | None, option("conf", "A setting of Spark; may be repeated.", metavar="KEY=VALUE")]
Debug = Annotated[bool, option("debug", "Show Spark's log, and tracebacks.")]
