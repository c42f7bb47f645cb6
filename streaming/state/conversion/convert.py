"""Convert the counts of a state from memory to RocksDB, when its stream starts.

Spark counts the counts: a query of its own reads them as rows, and keeps them in RocksDB. The rows of its store are
byte for byte those that counting the words would have made. A kill is harmless: the state goes on with its old
checkpoint until its manifest, which is replaced in one step, names the new one. The next start begins again.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from producer.common.progress import waiting
from streaming.spark.environment import file_uri
from streaming.spark.settings import ONLY_SNAPSHOTS, STATE_STORES, STORE, WITHOUT_IDS
from streaming.state.checkpoint import last_commit, read_text
from streaming.state.conversion.new_checkpoint import ROWS, complete
from streaming.state.counts import counts_of
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def convert(spark: Callable[[], "SparkSession"], state: State, say: Callable[[str], None]) -> None:
    """Convert the counts of a state from memory to RocksDB, if the user has asked for it.

    Args:
        spark: returns a session with the settings of RocksDB.
        state: the state folder, locked by this process, of which no query runs.
        say: shows a message to the user: how many words were converted.
    """
    if not state.is_to_convert:
        return
    committed, number = last_commit(state.checkpoint), 0
    with waiting("converting counts"):
        if committed is not None:
            number = _count_counts(spark(), state.checkpoint, committed, state.converted)
        complete(state.checkpoint, state.converted, committed)
        state.go_on_in_rocksdb()
    say(f"the state in {state.folder} is converted from memory to rocksdb, with the counts of {number:,} words")


def _count_counts(spark: "SparkSession", old: Path, committed: int, new: Path) -> int:
    """Count the counts of a committed batch in RocksDB, in a new checkpoint, and return how many there are."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415  # takes 0.2 s, and --help needs none

    rows = file_uri(new / ROWS)
    reading = _session(spark, {STORE: STATE_STORES["memory"], **WITHOUT_IDS})
    counts = counts_of(reading, old, committed)
    counts.write.parquet(rows)
    # Partitions, formats: whatever Spark keeps of a stream's settings, the rows must be those of this one.
    kept = json.loads(read_text(old / "offsets" / str(committed)).split("\n")[1])["conf"]
    writing = _session(spark, {**kept, STORE: STATE_STORES["rocksdb"], **ONLY_SNAPSHOTS})
    stream = writing.readStream.schema(counts.schema).parquet(rows)
    # The names and the order of the columns are those of the counts; max keeps a single number, as count does.
    if "window_start" in counts.columns:
        window = F.struct(F.col("window_start").alias("start"), F.col("window_end").alias("end")).alias("window")
        stream = stream.select(window, "word", "count")
    keys = [name for name in stream.columns if name != "count"]
    query = (
        stream.groupBy(*keys)
        .agg(F.max("count").alias("count"))
        .writeStream.outputMode("update")
        .format("noop")
        .option("checkpointLocation", file_uri(new))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    return reading.read.parquet(rows).count()


def _session(spark: "SparkSession", chosen: Mapping[str, str]) -> "SparkSession":
    """Return another session with some other settings."""
    session = spark.newSession()
    for key, value in chosen.items():
        session.conf.set(key, value)
    return session
