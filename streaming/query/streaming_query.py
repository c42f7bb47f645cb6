"""The streaming query itself: from the source through the counting to the batch writer."""

from typing import TYPE_CHECKING

from streaming.counting.windows import count_words_in_windows
from streaming.counting.words import count_words
from streaming.query.batch_writer import BatchWriter
from streaming.query.options import StreamOptions
from streaming.sources.files import read_release
from streaming.spark.environment import file_uri
from streaming.state.folder import State

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery


def start_query(
    spark: "SparkSession", options: StreamOptions, state: State, writer: BatchWriter, trigger: float
) -> "StreamingQuery":
    """Start the query that counts.

    Args:
        spark: the session of the query.
        options: the options of the stream.
        state: the state folder, which has the checkpoint.
        writer: takes the counts of each batch.
        trigger: seconds from the start of one batch to the start of the next.
    """
    lines = options.source.read(spark, state.spool)
    if options.windows is None:
        counts = lines.transform(count_words, rule=options.rule)
        mode = "update"  # a batch costs what it changes, not what there is
    else:
        release = read_release(spark, state.released) if options.holds_windows else None
        counts = lines.transform(count_words_in_windows, options.windows, rule=options.rule, release=release)
        mode = "append"  # each window comes once, when it is closed
    stream = counts.writeStream.outputMode(mode).option("checkpointLocation", file_uri(state.checkpoint))
    stream = stream.foreachBatch(writer)
    if not options.once:
        return stream.trigger(processingTime=f"{round(trigger * 1000)} milliseconds").start()
    if options.source.followed is None:
        return stream.trigger(availableNow=True).start()
    # availableNow would end before the rest of the files has come into the spool.
    return stream.trigger(processingTime="0 seconds").start()
