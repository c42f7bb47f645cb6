"""What is known of an error of Java of which only the text is left."""

from streaming.errors import is_data_loss, one_line
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


def test_lost_records_are_known_by_the_text_of_a_task() -> None:
    spark = (
        "org.apache.spark.sql.kafka010.KafkaIllegalStateException: Some data may have been lost because they are not"
        " available in Kafka any more;\neither the data was aged out by Kafka or more.\nReason:\nCould not read records"
        " in offset [5, 9) for topic partition my-lines-0\nwith consumer group spark-kafka-source-12-executor.\n"
        "\tat org.apache.spark.sql.kafka010.KafkaExceptions$.couldNotReadOffsetRange(KafkaExceptions.scala:1)\n"
    )
    kafka = (
        "org.apache.kafka.clients.consumer.OffsetOutOfRangeException: Fetch position FetchPosition{offset=9,"
        " offsetEpoch=Optional.empty} is out of range for partition my-lines-0\n\tat a.b.C.d(C.java:1)\n"
    )

    for text in (spark, kafka):
        error = TaskFailedError(text)
        assert is_data_loss(error)
        assert "deleted records of the topic my-lines (partition 0) before" in one_line(error)


def test_a_lost_end_is_known_by_the_text_of_a_task() -> None:
    error = TaskFailedError(
        "org.apache.kafka.clients.consumer.LogTruncationException: Truncated partitions detected with divergent offsets"
        " {my-lines-0=OffsetAndMetadata{offset=60, leaderEpoch=0, metadata=''}}\n\tat a.b.C"
    )

    assert is_data_loss(error)
    assert one_line(error).startswith("the topic my-lines (partition 0) lost its end")


def test_a_condition_of_sparks_is_known_by_the_text_of_a_task() -> None:
    (cause,) = TaskFailedError("a.b.SparkException: [CANNOT_LOAD_STATE_STORE.X] no. SQLSTATE: 58030\n\tat a.b.C").causes

    assert (cause.condition, cause.text) == ("CANNOT_LOAD_STATE_STORE.X", "no.")


def test_partitions_that_were_added_in_real_time_ask_for_a_start() -> None:
    text = "a.b.SparkException: Cannot run the pipelined stage group: it needs 4 concurrent task slots, and 2 are free."

    assert "the topics have more partitions" in one_line(TaskFailedError(text))
