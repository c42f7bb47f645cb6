"""What every source of a stream offers."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from streaming.kafka.topics import KafkaTopics
from streaming.sources.files import Files

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class Source(Protocol):
    """Where a stream gets its lines from: ``Files``, ``RemoteFolder`` or ``Topics``."""

    @property
    def known_as(self) -> str:
        """What the state calls the source: the same for the same source, wherever the command is started."""

    @property
    def followed(self) -> Files | None:
        """The files that this process follows into the spool; None if Spark reads the source itself."""

    @property
    def topics(self) -> KafkaTopics | None:
        """The topics that must stay the same while they are read; None if it reads none."""

    def read(self, spark: "SparkSession", spool: Path) -> "DataFrame":
        """Return the lines as they come: a streaming DataFrame with one column, ``value`` (string).

        Args:
            spark: the session of the query.
            spool: the folder that followed files are spooled into; other sources do not use it.
        """
