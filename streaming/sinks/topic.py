"""Counts in a Kafka topic."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.counting.windows import with_times_as_text
from streaming.kafka.connector import connection_options
from streaming.kafka.topics import KafkaTopics

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: The size of a record batch in bytes by default, that of Java's client. A larger batch than the topic takes would be
#: split and sent again until a time-out.
_BATCH_BYTES = 16_384
#: The most bytes that a record takes in addition to its key and value.
_OVERHEAD_BYTES = 128
_SHOWN_CHARS = 20  # of a word that is too large
_TOO_LARGE = "RecordTooLargeException"  # of Java's client


def write_to_topic(counts: "DataFrame", topic: KafkaTopics, say: Callable[[str], None]) -> None:
    """Write counts to a topic. The key is the word, the value its count in decimal digits.

    If there are windows, the key is the start of the window and the word, the value a JSON object with all columns.
    A record that is larger than the topic takes is left out, with a warning.

    Delivery guarantee: at least once, and the last value of a key is right. A batch that a crash has cut off is written
    again, with the same counts. A compacted topic is the table of counts.

    Args:
        counts: columns ``word`` and ``count``, after ``window_start`` and ``window_end`` if there are windows.
        topic: the topic.
        say: shows a message to the user.
    """
    records = count_records(counts)
    limit = _limit(topic)
    try:
        _save(records, topic)
    except (Py4JJavaError, PySparkException) as error:
        if _TOO_LARGE not in str(error):
            raise
        size = F.octet_length("key") + F.octet_length("value")
        is_too_large = size > limit - _OVERHEAD_BYTES
        left_out = records.where(is_too_large).select(size.alias("size"), F.left("key", F.lit(_SHOWN_CHARS)))
        number, largest = left_out.agg(F.count("*"), F.max(F.struct("*"))).collect()[0]
        if number == 0:  # the topic takes less than it did when the stream started
            raise
        _save(records.where(~is_too_large), topic)
        say(
            f"warning: {number:,} of the counts exceed the {limit:,} bytes that the topic {topic.endpoint.topics[0]}"
            f" takes, and are left out of it; the largest has {largest[0]:,} bytes and begins with {largest[1]!r};"
            " raise max.message.bytes of the topic (and max.request.size in --kafka-config, if set)"
        )


def count_records(counts: "DataFrame") -> "DataFrame":
    """Return the records of counts, as ``write_to_topic`` describes them: columns ``key`` and ``value`` (strings)."""
    key, value = F.col("word"), F.col("count").cast("string")
    if "window_start" in counts.columns:
        counts = with_times_as_text(counts)
        key, value = F.concat_ws(" ", "window_start", "word"), F.to_json(F.struct(*counts.columns))
    return counts.select(key.alias("key"), value.alias("value"))


def sink_options(topic: KafkaTopics) -> dict[str, str]:
    """Return the options with which Spark's connector writes to a topic."""
    limit = _limit(topic)
    batch = min(int(topic.client.properties.get("batch.size", _BATCH_BYTES)), limit // 2)
    return {
        **connection_options(topic.endpoint, topic.client),
        "topic": topic.output,
        "kafka.max.request.size": str(limit),
        "kafka.batch.size": str(batch),
    }


def _limit(topic: KafkaTopics) -> int:
    return min(topic.record_limit, int(topic.client.properties.get("max.request.size", topic.record_limit)))


def _save(records: "DataFrame", topic: KafkaTopics) -> None:
    records.write.format("kafka").options(**sink_options(topic)).save()
