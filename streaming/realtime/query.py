"""The query that counts in real time: from topics, through the counting, to a topic."""

from dataclasses import replace
from typing import TYPE_CHECKING

from streaming.counting.words import count_words
from streaming.sinks.topic import count_records, sink_options
from streaming.spark.environment import file_uri

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

    from streaming.counting.rules import WordRule
    from streaming.kafka.topics import KafkaTopics
    from streaming.sources.topics import Topics
    from streaming.state.folder import State


def start_query(
    spark: "SparkSession", source: "Topics", rule: "WordRule", topic: "KafkaTopics", state: "State", interval: float
) -> "StreamingQuery":
    """Start the query.

    Delivery guarantee: at least once, and the last value of a key is right. What was counted since the last checkpoint
    is counted again after a crash or a stop, from the counts of that checkpoint, and written again.

    Args:
        spark: the session of the query, with the settings of ``real_time_settings``.
        source: the topics to read; there are no batches that its limit would hold for.
        rule: what a word is.
        topic: the topic to write to.
        state: the state folder, which has the checkpoint.
        interval: seconds from one checkpoint to the next.
    """
    counts = replace(source, max_per_batch=None).read(spark, state.spool).transform(count_words, rule=rule)
    stream = count_records(counts).writeStream.format("kafka").options(**sink_options(topic)).outputMode("update")
    stream = stream.option("checkpointLocation", file_uri(state.checkpoint))
    # The types of pyspark do not know this trigger yet.
    stream.trigger(realTime=f"{round(interval * 1000)} milliseconds")  # type: ignore[call-overload]
    return stream.start()
