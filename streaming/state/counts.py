"""The counts after a committed batch, read from the state in the checkpoint. The query may be running."""

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from streaming.counting.windows import window_columns
from streaming.spark.environment import file_uri

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


def counts_of(spark: "SparkSession", checkpoint: Path, batch: int) -> "DataFrame":
    """Return the counts after a committed batch.

    Returns:
        Columns ``word`` (string) and ``count`` (long). If there are windows, the counts are those of the open windows,
        and ``window_start`` and ``window_end`` (timestamp) come first.
    """
    # This property starts the coordinator of state stores, which the reader needs.
    _ = spark.streams
    state = spark.read.format("statestore").option("batchId", batch).load(file_uri(plain_path(checkpoint)))
    windows = window_columns("key.window") if "window" in state.select("key.*").columns else []
    return state.select(*windows, "key.word", "value.count")


_links: dict[Path, Path] = {}


def plain_path(checkpoint: Path) -> str:
    """Return a path of the checkpoint that Spark's state reader understands.

    The reader mistakes a space, and many other characters, for an escape. A path that has one is replaced by a link in
    the temporary folder, which the executors of a cluster do not see.
    """
    if _PLAIN.fullmatch(str(checkpoint)):
        return str(checkpoint)
    link = _links.get(checkpoint)
    if link is None or not link.is_symlink():  # a cleaner of old temporary files may have removed it
        link = _links[checkpoint] = Path(tempfile.mkdtemp(prefix="state-")) / "checkpoint"
        link.symlink_to(checkpoint)
    return str(link)
