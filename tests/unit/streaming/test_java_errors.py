"""What is known of an error of Java of which only the text is left."""

from streaming.errors import one_line
from streaming.java_errors import TaskFailedError
from streaming.losses.topic_losses import PoisonRecord, poison_record


def test_a_record_that_spark_cannot_read_is_known_by_the_text_of_a_task() -> None:
    text = (
        "org.apache.spark.sql.kafka010.KafkaIllegalStateException: Record at topic in partition 0 offset 1 has"
        " timestamp value 1795877802000000000 that overflows when"
        " converting to Spark's microsecond-precision TimestampType.\n"
        "Kafka record timestamps must be in milliseconds since epoch per the Kafka protocol.\n"
        "\tat org.apache.spark.sql.kafka010.KafkaExceptions$.kafkaMalformedRecordTimestamp(KafkaExceptions.scala:188)\n"
    )
    error = TaskFailedError(text)

    assert poison_record(error) == PoisonRecord("in", 0, 1)
    assert one_line(error).startswith("the record at offset 1 of partition 0 of the topic in has the time 17958778020")


def test_partitions_that_were_added_in_real_time_ask_for_a_start() -> None:
    text = "a.b.SparkException: Cannot run the pipelined stage group: it needs 4 concurrent task slots, and 2 are free."

    assert "the topics have more partitions" in one_line(TaskFailedError(text))
