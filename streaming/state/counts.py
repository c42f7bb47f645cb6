"""The counts after a committed batch, read from the state in the checkpoint. The query may be running."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from producer.common.errors import WordCountError
from streaming.counting.windows import window_columns
from streaming.spark.environment import file_uri
from streaming.spark.java import find_java
from streaming.spark.session import Jvm, quick_options
from streaming.spark.settings import TIME_ZONE, StateStore, settings
from streaming.state.checkpoint import commit_time, last_commit
from streaming.state.location import checkpoint_in, find_state
from streaming.state.manifest import read_manifest

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


@contextmanager
def counts_in(text: str, say: Callable[[str], None], *, debug: bool) -> Iterator["DataFrame"]:
    """Read the counts of the last committed batch, with a JVM that runs as long as the block.

    Args:
        text: the output folder or the state folder of a stream.
        say: shows a message to the user: which batch the counts are of, and its time.
        debug: let Spark's log through to stderr.

    Yields:
        The counts, as ``counts_of`` returns them.

    Raises:
        UsageError: there is no state in the folder.
        WordCountError: nothing is counted yet, or the state cannot be read.
    """
    folder = find_state(text)
    manifest = read_manifest(folder)
    checkpoint = checkpoint_in(folder, manifest)
    batch = last_commit(checkpoint)
    if batch is None:
        raise WordCountError(f"{text}: nothing is counted there yet; ask again after the first batch")
    time = datetime.fromtimestamp(commit_time(checkpoint, batch), UTC).astimezone()
    zone = [f"{TIME_ZONE}={manifest['time zone']}"] if "time zone" in manifest else []
    # Spark reads the kind of state store in the checkpoint, but not the format of its files.
    store: StateStore = "rocksdb" if manifest.get("state store") == "rocksdb" else "memory"
    java = find_java(os.environ)
    jvm = Jvm(java, settings(None, zone, store), debug=debug, options=quick_options(java))
    try:
        counts = counts_of(jvm.session(), checkpoint, batch)
        say(f"the counts after batch {batch}, of {time:%Y-%m-%d %H:%M:%S %Z}")
        yield counts
    except Exception as error:
        raise jvm.explained(error) from error
    finally:
        jvm.close()


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
