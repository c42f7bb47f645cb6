"""Topics of Kafka, which Spark reads with its connector."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.kafka.connector import connection_options
from streaming.kafka.topics import KafkaTopics

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class Topics:
    """Topics to read.

    Delivery guarantee: each record of a committed transaction counts exactly once.

    Attributes:
        topics: the topics, as ``find_topics`` returns them.
        known_as: what the state calls the topics, as ``find_topics`` returns it.
        start: ``earliest`` or ``latest``, where the first run begins. A later run continues where the last one ended.
        max_per_batch: the most records that one batch reads; None sets no limit, which real-time mode demands.
    """

    topics: KafkaTopics
    known_as: str
    start: str
    max_per_batch: int | None

    @property
    def followed(self) -> None:
        """None: Spark reads topics itself."""

    def read(self, spark: "SparkSession", spool: Path) -> "DataFrame":  # noqa: ARG002  # the spool is for files
        """Return the lines of the records, as ``Source.read`` does.

        The session must have Spark's connector to Kafka on its class path.
        """
        records = (
            spark.readStream.format("kafka")
            .options(**connection_options(self.topics.endpoint, self.topics.client))
            .option("kafka.isolation.level", "read_committed")  # a killed producer leaves uncommitted records behind
            .option("subscribe", ",".join(self.topics.endpoint.topics))
            .option("startingOffsets", self.start)
        )
        if self.max_per_batch is not None:
            records = records.option("maxOffsetsPerTrigger", self.max_per_batch)
        return split_records(records.load())


def split_records(records: "DataFrame") -> "DataFrame":
    r"""Return the lines of records, one a row; a record holds one line or more, with line ends between them.

    Args:
        records: column ``value`` (binary), as Spark's connector to Kafka reads them; null is no line.

    Returns:
        Column ``value`` (string, never null), without line ends.

    >>> records = spark.createDataFrame([(b"one\r\ntwo",), (b"three",)], "value binary")
    >>> [row.value for row in split_records(records).collect()]
    ['one', 'two', 'three']
    """
    # Invalid UTF-8 is replaced before Java decodes the bytes, because Java replaces it in another way.
    text = F.make_valid_utf8(F.col("value").cast("string"))
    one_end = F.replace(F.replace(text, F.lit("\r\n"), F.lit("\n")), F.lit("\r"), F.lit("\n"))
    return records.select(F.explode(F.split(one_end, "\n")).alias("value"))
