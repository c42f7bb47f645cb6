"""What the stream reads: the spool that a watched folder is followed into, a remote folder, or topics."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.kafka.connector import connection_options
from streaming.kafka.topics import Topics

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.readwriter import DataStreamReader

#: The most that one batch reads. A batch costs 0.3 s whatever it holds; 256 MB take some 4 s.
BATCH_BYTES = 256 << 20
#: Spark remembers so many chunks, far more than it is behind with: the spool holds some hundreds at most.
KEPT_CHUNKS = 100_000
_CENTURY_DAYS = 36500
#: The source that is no file: it has no position to go back to.
STANDARD_INPUT = "-"


class Files(NamedTuple):
    """Files of this machine, which are followed into the spool.

    Attributes:
        paths: folders, logs and patterns of logs; or ``-`` alone, standard input.
        from_end: what is there when they are followed for the first time does not count.
    """

    paths: tuple[str, ...]
    from_end: bool = False

    @property
    def is_piped(self) -> bool:
        """Whether it is standard input."""
        return self.paths == (STANDARD_INPUT,)

    @property
    def known_as(self) -> str:
        """What a state knows them by: what is read is the same, wherever the command is started."""
        if self.is_piped:
            return "standard input"
        # Not where the symlink of a log leads to, which moves on.
        return "\n".join(
            sorted(os.path.realpath(path) if os.path.isdir(path) else os.path.abspath(path) for path in self.paths)
        )


def is_remote(text: str) -> bool:
    """Tell whether an input is an address that Spark reads itself, as ``hdfs://`` and ``s3a://`` are.

    >>> is_remote("s3a://logs/today"), is_remote("logs/today")
    (True, False)
    """
    return "://" in text


def read_spool(spark: "SparkSession", spool: Path) -> "DataFrame":
    """Return the lines of the chunks in a spool, as they come: column ``value`` (string)."""
    # Chunk n has the time of n seconds. Spark remembers those of so many seconds and takes none that is older.
    return _text(spark).option("maxFileAge", f"{KEPT_CHUNKS}s").load(str(spool))


def read_release(spark: "SparkSession", folder: Path) -> "DataFrame":
    """Return a row for each file that comes into a folder, which is how windows are told that they may close."""
    # A batch that is counted again may have read one that is gone: it is not to be told yet.
    return spark.readStream.format("text").option("ignoreMissingFiles", value=True).load(str(folder))


def read_remote(spark: "SparkSession", address: str) -> "DataFrame":
    """Return the lines of the objects in a remote folder, as they come: column ``value`` (string)."""
    # Uploads there appear whole. By default, what is a week older than the newest is passed over without a word.
    return (
        _text(spark).option("maxFileAge", f"{_CENTURY_DAYS}d").option("recursiveFileLookup", value=True).load(address)
    )


def read_topics(spark: "SparkSession", topics: Topics) -> "DataFrame":
    """Return the lines of the records in topics, as they come: column ``value`` (string).

    The session has Spark's connector to Kafka on its class path.
    """
    return split_records(
        spark.readStream.format("kafka")
        .options(**connection_options(topics.topics.endpoint, topics.topics.client))
        .option("kafka.isolation.level", "read_committed")  # a producer that was killed leaves others behind
        .option("subscribe", ",".join(topics.topics.endpoint.topics))
        .option("startingOffsets", topics.start)
        .option("maxOffsetsPerTrigger", topics.max_per_batch)
        .load()
    )


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
    # Bytes that are not UTF-8 are made so before Java makes characters of them, which it does in its own way.
    text = F.make_valid_utf8(F.col("value").cast("string"))
    one_end = F.replace(F.replace(text, F.lit("\r\n"), F.lit("\n")), F.lit("\r"), F.lit("\n"))
    return records.select(F.explode(F.split(one_end, "\n")).alias("value"))


def _text(spark: "SparkSession") -> "DataStreamReader":
    return spark.readStream.format("text").option("maxBytesPerTrigger", BATCH_BYTES)
