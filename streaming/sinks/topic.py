"""Counts in a Kafka topic."""

from typing import TYPE_CHECKING

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.counting.windows import with_times_as_text
from streaming.kafka.connector import connection_options
from streaming.kafka.topics import KafkaTopics

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def write_to_topic(counts: "DataFrame", topic: KafkaTopics) -> None:
    """Write counts to a topic. The key is the word, the value its count in decimal digits.

    If there are windows, the key is the start of the window and the word, the value a JSON object with all columns.

    Delivery guarantee: at least once, and the last value of a key is right. A batch that a crash has cut off is written
    again, with the same counts. A compacted topic is the table of counts.
    """
    key, value = F.col("word"), F.col("count").cast("string")
    if "window_start" in counts.columns:
        counts = with_times_as_text(counts)
        key, value = F.concat_ws(" ", "window_start", "word"), F.to_json(F.struct(*counts.columns))
    (
        counts.select(key.alias("key"), value.alias("value"))
        .write.format("kafka")
        .options(**connection_options(topic.endpoint, topic.client))
        .option("topic", topic.endpoint.topics[0])
        .save()
    )
