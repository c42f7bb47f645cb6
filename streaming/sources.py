"""What the stream reads: the spool that a watched folder is followed into, or a remote folder by Spark itself."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.readwriter import DataStreamReader

#: The most that one batch reads. A batch costs 0.3 s whatever it holds; 256 MB take some 4 s.
BATCH_BYTES = 256 << 20
#: Spark remembers so many chunks, far more than it is behind with: the spool holds some hundreds at most.
KEPT_CHUNKS = 100_000
_CENTURY_DAYS = 36500


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


def read_remote(spark: "SparkSession", address: str) -> "DataFrame":
    """Return the lines of the objects in a remote folder, as they come: column ``value`` (string)."""
    # Uploads there appear whole. By default, what is a week older than the newest is passed over without a word.
    return (
        _text(spark).option("maxFileAge", f"{_CENTURY_DAYS}d").option("recursiveFileLookup", value=True).load(address)
    )


def _text(spark: "SparkSession") -> "DataStreamReader":
    return spark.readStream.format("text").option("maxBytesPerTrigger", BATCH_BYTES)
