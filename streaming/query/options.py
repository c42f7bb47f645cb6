"""What ``wordcount stream`` was asked for."""

from dataclasses import dataclass
from pathlib import Path

from streaming.counting.rules import ONE_SPACE, Windows, WordRule
from streaming.kafka.topics import KafkaTopics
from streaming.sources.source import Source


@dataclass(frozen=True)
class StreamOptions:
    """What ``wordcount stream`` was asked for; durations in seconds."""

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
    rule: WordRule = ONE_SPACE
    windows: Windows | None = None
    temporary: bool = False  #: the state is removed at the end

    @property
    def holds_windows(self) -> bool:
        """Whether windows stay open until what was there at the start is counted: files are not read in time order."""
        is_timed = self.windows is not None and self.windows.time is not None
        files = self.source.followed
        return is_timed and files is not None and not files.is_piped
