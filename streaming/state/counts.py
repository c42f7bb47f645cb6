"""The counts after a committed batch, read from the state in the checkpoint; the query may run meanwhile."""

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from streaming.counting.windows import window_columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


def counts_of(spark: "SparkSession", checkpoint: Path, batch: int) -> "DataFrame":
    """Return the counts after a committed batch, from its state.

    Returns:
        Columns ``word`` (string) and ``count`` (long), and before them, where there are windows, ``window_start`` and
        ``window_end`` (timestamp): of the windows that are open.
    """
    # Asking for the session's queries starts the coordinator of state stores, which the reader needs.
    _ = spark.streams
    state = spark.read.format("statestore").option("batchId", batch).load(plain_path(checkpoint))
    windows = window_columns("key.window") if "window" in state.select("key.*").columns else []
    return state.select(*windows, "key.word", "value.count")


_links: dict[Path, Path] = {}


def plain_path(checkpoint: Path) -> str:
    """Return a path of the checkpoint that Spark's reader of states takes as it is.

    It takes a space in a path, and much else, for an escape. Where there is one, a link has a plain name: in the
    temporary folder, which the executors of a cluster do not see.
    """
    if _PLAIN.fullmatch(str(checkpoint)):
        return str(checkpoint)
    link = _links.get(checkpoint)
    if link is None or not link.is_symlink():  # what clears old temporary files may take it for one
        link = _links[checkpoint] = Path(tempfile.mkdtemp(prefix="state-")) / "checkpoint"
        link.symlink_to(checkpoint)
    return str(link)
