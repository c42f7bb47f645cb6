"""What ``wordcount stream`` was asked for."""

from dataclasses import dataclass
from pathlib import Path

from streaming.counting.windows import Windows
from streaming.counting.words import ONE_SPACE, WordRule
from streaming.kafka.topics import KafkaTopics, Topics
from streaming.sources.files import Files


@dataclass(frozen=True)
class StreamOptions:
    """What ``wordcount stream`` was asked for; durations in seconds."""

    source: Files | Topics | str  #: an address is read by Spark itself
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
    def follows(self) -> bool:
        """Whether the source is followed into the spool."""
        return isinstance(self.source, Files)

    @property
    def holds_windows(self) -> bool:
        """Whether windows are held open until what was there at the start is counted: it is not read in its order."""
        timed = self.windows is not None and self.windows.time is not None
        return timed and isinstance(self.source, Files) and not self.source.is_piped
