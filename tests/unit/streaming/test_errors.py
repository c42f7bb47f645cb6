import pytest

from producer.common.errors import WordCountError
from streaming.errors import OUT_OF_MEMORY, JavaError, StateError, one_line


class JavaException:
    """What py4j keeps of an exception in the JVM."""

    def __init__(self, text: str, cause: "JavaException | None" = None) -> None:
        self._text, self._cause = text, cause

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


def test_an_error_of_java_is_the_first_line_of_its_root_cause() -> None:
    error = from_java("SparkException: Job aborted", "java.io.IOException: broken\nmore")

    assert one_line(error) == "broken"


def test_java_out_of_memory_says_what_to_do() -> None:
    assert one_line(from_java("x", "java.lang.OutOfMemoryError: Java heap space")) == OUT_OF_MEMORY


def test_java_out_of_stack_says_what_to_do() -> None:
    line = one_line(from_java("Job aborted: java.lang.StackOverflowError", "java.lang.StackOverflowError"))

    for part in ("--not-match or --time-regex", r'"((?:[^"\\]|\\.)*+)"', "extraJavaOptions=-Xss1g", "then continues"):
        assert part in line


def test_a_full_disk_in_java_says_what_to_do() -> None:
    line = one_line(from_java("x", "java.io.IOException: No space left on device"))

    assert "make room and run the same command again" in line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("TopicAuthorizationException: Not authorized to access topics: [lines]", "READ or WRITE on Topic lines"),
        ("GroupAuthorizationException: Not authorized to access group: spark-1", "READ on Group spark-1"),
        ("ClusterAuthorizationException: Cluster authorization failed.", "IDEMPOTENT_WRITE on Cluster"),
    ],
)
def test_a_right_that_the_user_lacks_is_named(text: str, line: str) -> None:
    message = one_line(from_java("Job aborted", f"org.apache.kafka.common.errors.{text}"))

    assert message == f"this user lacks the right {line}; grant it"


def test_a_time_out_says_of_what() -> None:
    text = "org.apache.kafka.common.errors.TimeoutException: Expiring 3 record(s) for words-0:120000 ms has passed"

    assert "in time what they were asked: Expiring 3 record(s) for words-0" in one_line(from_java("x", text))


def test_a_record_that_is_too_large_is_named_as_such() -> None:
    text = "org.apache.kafka.common.errors.RecordTooLargeException: The message is 1500095 bytes"

    assert "max.message.bytes" in one_line(from_java("x", text))
