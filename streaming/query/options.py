"""What ``wordcount stream`` was asked for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from producer.text.long_lines import LineLimit
from streaming.counting.rules import ONE_SPACE, Windows, WordRule, cuts_lines
from streaming.kafka.topics import KafkaTopics
from streaming.serving.address import Address
from streaming.sources.base import Source
from streaming.spark.java import Java


@dataclass(frozen=True)
class StreamOptions:
    """What to count, where the counts go, and how; durations in seconds.

    Attributes:
        source: where the lines come from.
        output: the folder to save the counts in; None saves none.
        topic: the topic to write the counts to; None writes to none.
        state_folder: where the state is kept; None keeps it in a temporary folder.
        format_name: the format of the saved counts.
        trigger: from the start of one batch to the start of the next; in real time, from one checkpoint to the next.
        once: count what is there now, and end.
        top: how many words to print; None prints all.
        snapshot_interval: from one write of the saved counts to the next.
        changes: also save the changed words of each batch.
        settle: how long a file must be idle before its unterminated last line counts.
        depth: how many levels of folders to scan; None scans all.
        safe_links: skip symlinks in a folder that lead out of it.
        archives: folders that rotated logs are moved or copied to.
        rotated_names: globs of the names that rotated logs have; empty if any name will do.
        rule: what a word is.
        windows: the windows of time to count in; None counts without windows.
        max_line: the most bytes of a line of a file; None is the default.
        goes_on: whether to keep the counts and go on after a topic has lost records.
        real_time: whether to count each record as it comes, without batches.
        auto: whether batches take the place of real time while that falls behind.
        serve: where to serve the page; None serves none.
        stuck_after: after how long without a commit the page's /health reports that the stream is stuck.
    """

    source: Source
    output: Path | None
    format_name: str
    trigger: float
    once: bool
    top: int | None
    snapshot_interval: float
    changes: bool
    settle: float
    depth: int | None
    topic: KafkaTopics | None = None
    state_folder: Path | None = None
    safe_links: bool = False
    archives: Sequence[str] = ()
    rotated_names: Sequence[str] = ()
    rule: WordRule = ONE_SPACE
    windows: Windows | None = None
    max_line: int | None = None
    goes_on: bool = False
    real_time: bool = False
    auto: bool = False
    serve: Address | None = None
    stuck_after: float = 60.0

    @property
    def line_limit(self) -> LineLimit:
        """How long lines of files may be: they are cut at spaces if that leaves their words the same."""
        return LineLimit(self.max_line or LineLimit.size, cuts=cuts_lines(self.rule, self.windows))

    @property
    def is_temporary(self) -> bool:
        """Whether the state is removed at the end."""
        return self.state_folder is None

    @property
    def fits_live_view(self) -> bool:
        """Whether the live view can show this stream, if there is a terminal."""
        return not self.once and not self.real_time

    @property
    def holds_windows(self) -> bool:
        """Whether windows stay open until what was there at the start is counted: files are not read in time order."""
        is_timed = self.windows is not None and self.windows.time is not None
        files = self.source.followed
        return is_timed and files is not None and not files.is_piped


@dataclass(frozen=True)
class SparkOptions:
    """How to start Spark.

    Attributes:
        java: the Java to start it with.
        settings: Spark's settings.
        jars: the jars that Spark needs besides its own.
        debug: show Spark's log.
        given: the settings that the user has given, of those that a state keeps.
    """

    java: Java
    settings: Mapping[str, str]
    jars: Sequence[Path]
    debug: bool
    given: Collection[str] = ()
