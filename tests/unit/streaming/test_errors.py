import pytest

from producer.common.errors import WordCountError
from streaming.errors import (
    OUT_OF_MEMORY,
    JavaError,
    StateError,
    is_missing_topic,
    one_line,
)
from streaming.losses.topic_losses import PoisonRecord, poison_record


class JavaException:
    """What py4j keeps of an exception in the JVM."""

    def __init__(self, text: str, cause: "JavaException | None" = None) -> None:
        self._text, self._cause = text, cause
        self.condition = ""  #: Spark's; another class of error has no such methods
        self.parameters: dict[str, str] = {}

    def getCondition(self) -> str:  # noqa: N802  # as Java calls it
        return self.condition

    def getMessageParameters(self) -> dict[str, str]:  # noqa: N802  # as Java calls it
        return self.parameters

    def getCause(self) -> "JavaException | None":  # noqa: N802  # as Java calls it
        return self._cause

    def toString(self) -> str:  # noqa: N802  # as Java calls it
        return self._text


def from_java(*texts: str) -> Exception:
    """Return an error of pyspark's for an exception with these causes, the root last."""
    cause = None
    for text in reversed(texts):
        cause = JavaException(text, cause)
    error = Exception("An error occurred while calling o1.x\n\tat java.base")
    error.java_exception = cause  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize("error", [JavaError, StateError])
def test_each_error_has_its_exit_status(error: type[WordCountError]) -> None:
    assert error("x").exit_status == 2


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(5, "Input/output error", "/a"), "/a: Input/output error"),
        (OSError(5, "Input/output error"), "output: Input/output error"),
        (WordCountError("a\n b"), "a b"),
        (ValueError(), "ValueError"),
    ],
)
def test_an_error_of_python_is_one_line(error: Exception, line: str) -> None:
    assert one_line(error) == line


class GoneError(Exception):
    """An error whose text only Java has, and Java has ended."""

    def __str__(self) -> str:
        raise ConnectionRefusedError(111, "Connection refused")


def test_an_error_of_a_java_that_has_ended_is_one_line() -> None:
    assert one_line(GoneError()).startswith("Java ended; run the same command again")


def test_an_error_of_java_is_the_first_line_of_its_root_cause() -> None:
    error = from_java("SparkException: Job aborted", "java.io.IOException: broken\nmore")

    assert one_line(error) == "broken"


def test_java_out_of_memory_says_what_to_do() -> None:
    assert one_line(from_java("x", "java.lang.OutOfMemoryError: Java heap space")) == OUT_OF_MEMORY


def test_java_out_of_stack_says_what_to_do() -> None:
    line = one_line(from_java("Job aborted: java.lang.StackOverflowError", "java.lang.StackOverflowError"))

    for part in ("--not-match or --time-regex", r'"((?:[^"\\]|\\.)*+)"', "extraJavaOptions=-Xss1g", "then continues"):
        assert part in line


@pytest.mark.parametrize(
    ("reason", "advice"), [("No space left on device", "make room and"), ("File too large", "raise ulimit -f, and")]
)
def test_a_full_disk_in_java_says_what_to_do(reason: str, advice: str) -> None:
    line = one_line(from_java("x", f"java.io.IOException: {reason}"))

    assert f"{advice} run the same command again" in line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("TopicAuthorizationException: Not authorized to access topics: [lines]", "READ or WRITE on Topic lines"),
        ("GroupAuthorizationException: Not authorized to access group: spark-1", "READ on Group spark-1"),
        (
            "ClusterAuthorizationException: Cluster authorization failed.",
            "WRITE on the output topic, or IDEMPOTENT_WRITE on Cluster before Kafka 3.0",
        ),
    ],
)
def test_a_right_that_the_user_lacks_is_named(text: str, line: str) -> None:
    message = one_line(from_java("Job aborted", f"org.apache.kafka.common.errors.{text}"))

    assert message == f"this user lacks the right {line}; grant it"


@pytest.mark.parametrize(
    "said", ["error=2, No such file or directory", "Exec failed, error: 2 (No such file or directory)"]
)
def test_a_program_that_cannot_be_started_is_named(said: str) -> None:
    error = from_java("x", f'java.io.IOException: Cannot run program "chmod": {said}', f"java.io.IOException: {said}")

    assert "cannot start the program chmod: No such file or directory; let PATH have its folder" in one_line(error)


def test_a_time_out_says_of_what() -> None:
    text = "org.apache.kafka.common.errors.TimeoutException: Expiring 3 record(s) for words-0:120000 ms has passed"

    assert "in time what they were asked: Expiring 3 record(s) for words-0" in one_line(from_java("x", text))


def test_a_record_that_is_too_large_is_named_as_such() -> None:
    text = "org.apache.kafka.common.errors.RecordTooLargeException: The message is 1500095 bytes"

    assert "max.message.bytes" in one_line(from_java("x", text))


def test_the_error_of_a_query_is_that_of_its_cause() -> None:
    cause = Exception("caused it")
    cause._origin = JavaException(  # type: ignore[attr-defined]  # where pyspark keeps Java's error
        "org.apache.kafka.common.errors.UnknownTopicOrPartitionException: This server does not host it."
    )
    error = Exception("This server does not host it === Streaming Query === Logical Plan: ~Write\n+- ~Project")
    error._cause = cause  # type: ignore[attr-defined]

    assert one_line(error) == "a topic that the stream uses was deleted; run the same command again, which names it"
    assert is_missing_topic(error)


def test_a_key_that_java_cannot_read_says_how_to_encrypt_it() -> None:
    text = "org.apache.kafka.common.errors.InvalidConfigurationException: Failed to load PEM SSL keystore /a.pem"
    root = "java.security.NoSuchAlgorithmException: PBES2 SecretKeyFactory not available"

    assert "openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES" in one_line(from_java("x", text, root))


def from_spark(condition: str, *causes: str, **parameters: str) -> Exception:
    """Return an error of pyspark's for a failed query with a condition of Spark's in it, above its causes."""
    inner = None
    for text in reversed(causes):
        inner = JavaException(text, inner)
    named = JavaException(f"org.apache.spark.SparkException: [{condition}] What Spark says. SQLSTATE: 22000", inner)
    named.condition, named.parameters = condition, parameters
    failed = JavaException("org.apache.spark.SparkException: [STREAM_FAILED] Query failed.", named)
    failed.condition = "STREAM_FAILED"
    error = Exception("An error occurred")
    error.java_exception = failed  # type: ignore[attr-defined]
    return error


def test_a_record_that_spark_cannot_read_is_named_with_a_way_past_it() -> None:
    error = from_spark(
        "KAFKA_MALFORMED_RECORD_TIMESTAMP", "java.lang.ArithmeticException: long overflow",
        topic="lines", partition="2", offset="17", timestamp="1795877802000000000",
    )  # fmt: skip

    assert one_line(error).startswith(
        "the record at offset 17 of partition 2 of the topic lines has the time 17958778020"
    )
    assert "--after-loss continue passes over it" in one_line(error)
    assert poison_record(error) == PoisonRecord("lines", 2, 17)
    assert poison_record(from_java("x")) is None


@pytest.mark.parametrize(
    ("condition", "parameters"),
    [
        (
            "KAFKA_DATA_LOSS.COULD_NOT_READ_OFFSET_RANGE",
            {"topicPartition": "my-lines-0", "groupId": "spark-9-driver-0"},
        ),
        ("KAFKA_DATA_LOSS.PARTITIONS_DELETED", {"partitions": "Set(my-lines-0)"}),
    ],
)
def test_lost_records_are_known_by_the_condition_and_not_by_its_text(
    condition: str, parameters: dict[str, str]
) -> None:
    line = one_line(from_spark(condition, "java.util.concurrent.TimeoutException: topic may be gone", **parameters))

    assert line.startswith("the brokers deleted records of the topic my-lines (partition 0) before they were counted;")


def test_the_innermost_condition_explains_more_than_the_root_cause() -> None:
    error = from_spark("BATCH_METADATA_NOT_FOUND", "java.io.EOFException")

    assert one_line(error) == "What Spark says."


def test_a_condition_that_only_wraps_another_error_explains_nothing() -> None:
    assert one_line(from_spark("FAILED_READ_FILE.NO_HINT", "java.io.IOException: not a gzip file")) == "not a gzip file"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("org.apache.kafka.common.errors.TimeoutException: whatever it says", "in time what they were asked"),
        ("java.lang.IllegalStateException: Cannot call methods on a stopped SparkContext.", "check --master"),
        ("java.lang.RuntimeException: TimeoutException of the topic may be", "TimeoutException of the topic may be"),
    ],
)
def test_an_error_is_known_by_its_class(text: str, part: str) -> None:
    assert part in one_line(from_java("x", text))


@pytest.mark.parametrize(
    ("condition", "part"),
    [
        ("CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_KEY_SIZE", "restore the state folder from a copy"),
        ("CANNOT_LOAD_STATE_STORE.HDFS_STORE_PROVIDER_OUT_OF_MEMORY", "Java ran out of memory"),
        ("STDS_FAILED_TO_READ_STATE_SCHEMA", "restore the state folder from a copy"),
    ],
)
def test_a_state_that_cannot_be_read_says_what_to_do(condition: str, part: str) -> None:
    assert part in one_line(from_spark(condition, "java.io.EOFException"))


def test_a_lack_of_threads_is_no_lack_of_memory() -> None:
    assert "raise ulimit -u" in one_line(
        from_java("x", "java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory")
    )


def test_a_library_that_cannot_be_loaded_says_where_from() -> None:
    line = one_line(from_java("x", "java.lang.UnsatisfiedLinkError: /t/x.so: failed to map segment from shared object"))

    assert "noexec" in line
    assert "set TMPDIR to another folder" in line
