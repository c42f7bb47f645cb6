import errno

import pytest

import producer.common.errors
import streaming.errors
from producer.common.errors import LockedError, UsageError, WordCountError
from streaming.errors import OUT_OF_MEMORY, JavaError, StateError


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


@pytest.mark.parametrize(
    ("error", "status"), [(WordCountError, 1), (LockedError, 1), (UsageError, 2), (JavaError, 2), (StateError, 2)]
)
def test_the_exit_status(error: type[WordCountError], status: int) -> None:
    assert error("x").exit_status == status


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_says_what_to_do(number: int) -> None:
    line = producer.common.errors.one_line(OSError(number, "No room", "/out/a"))

    assert line == "/out/a: No room; make room and run the same command again: nothing is lost"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(5, "Input/output error", "/a"), "/a: Input/output error"),
        (OSError(5, "Input/output error"), "output: Input/output error"),
        (WordCountError("a\n b"), "a b"),
        (ValueError(), "ValueError"),
    ],
)
def test_any_error_is_one_line(error: Exception, line: str) -> None:
    assert producer.common.errors.one_line(error) == line
    assert streaming.errors.one_line(error) == line


def test_an_error_of_java_is_told_by_the_first_line_of_its_root_cause() -> None:
    error = from_java("SparkException: Job aborted", "java.io.IOException: broken\nmore")

    assert streaming.errors.one_line(error) == "broken"


def test_javas_memory() -> None:
    assert streaming.errors.one_line(from_java("x", "java.lang.OutOfMemoryError: Java heap space")) == OUT_OF_MEMORY


def test_javas_stack() -> None:
    line = streaming.errors.one_line(
        from_java("Job aborted: java.lang.StackOverflowError", "java.lang.StackOverflowError")
    )

    for part in ("--not-match or --time-regex", r'"((?:[^"\\]|\\.)*+)"', "extraJavaOptions=-Xss1g", "goes on"):
        assert part in line


def test_javas_disk() -> None:
    line = streaming.errors.one_line(from_java("x", "java.io.IOException: No space left on device"))

    assert "make room and run the same command again" in line
