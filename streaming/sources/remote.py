"""Addresses that Spark reads itself, such as ``hdfs://`` and ``s3a://``."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from streaming.sources.files import BATCH_BYTES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_CENTURY_DAYS = 36500


def is_remote(text: str) -> bool:
    """Return whether an input is an address that Spark reads itself.

    >>> is_remote("s3a://logs/today"), is_remote("logs/today")
    (True, False)
    """
    return "://" in text


@dataclass(frozen=True)
class RemoteFolder:
    """A folder of objects that appear whole, at an address that Spark reads itself.

    Delivery guarantee: each line of an object counts exactly once, if objects are never changed.
    """

    address: str

    @property
    def known_as(self) -> str:
        """The address."""
        return self.address

    @property
    def followed(self) -> None:
        """None: Spark reads the address itself."""

    @property
    def topics(self) -> None:
        """None: the address is not of a topic."""

    def read(self, spark: "SparkSession", spool: Path) -> "DataFrame":  # noqa: ARG002  # the spool is for files
        """Return the lines of the objects, as ``Source.read`` does."""
        return (
            spark.readStream.format("text")
            .option("maxBytesPerTrigger", BATCH_BYTES)
            # By default Spark silently ignores objects that are a week older than the newest.
            .option("maxFileAge", f"{_CENTURY_DAYS}d")
            .option("recursiveFileLookup", value=True)
            .load(self.address)
        )
