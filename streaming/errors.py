"""Errors that only Spark and Java cause, and how any error becomes one line (see ``producer.common.errors``)."""

import re

import producer.common.errors
from producer.common.errors import UsageError, WordCountError


class JavaError(UsageError):
    """There is no Java that Spark runs on, or Java does not start."""


class StateError(UsageError):
    """The state folder holds other counts than those asked for, or is damaged."""


OUT_OF_MEMORY = (
    "Java ran out of memory; give it more with --conf spark.driver.memory=8g,"
    " or keep the counts on disk with --state-store rocksdb; the same command then continues"
)
_OUT_OF_STACK = (
    "a pattern of --regex, --match, --not-match or --time-regex goes too deep for Java on a long line; do not let it"
    ' backtrack, with *+ for * and ++ for +, as in "((?:[^"\\\\]|\\\\.)*+)", or give Java more stack with'
    " --conf spark.driver.extraJavaOptions=-Xss1g; the same command then continues"
)
_NO_BROKER = "the Kafka brokers have stopped answering; run the same command again once they answer: nothing is lost"
#: What Java says, and the message for the user.
_MEANINGS = (
    ("OutOfMemoryError", OUT_OF_MEMORY),
    ("StackOverflowError", _OUT_OF_STACK),
    ("node assignment", _NO_BROKER),
    ("org.apache.kafka.common.errors.TimeoutException", _NO_BROKER),
    ("stopped SparkContext", "Spark's master does not answer, or has ended the application; check --master"),
)
_JAVA_CLASS = re.compile(r"^([\w$]+\.)+[\w$]+: ")
#: As Kafka's client says it, and as Spark does.
_DELETED_RECORDS = re.compile(
    r"out of range for partition (\S+)-\d+|data (?:may have been|was) lost.*?topic.?.?(\S*)", re.DOTALL
)
_FULL = "No space left on device"


def one_line(error: BaseException) -> str:
    """Return the message of an error as one line for the user. An error from Java is described by its root cause.

    >>> one_line(OSError(28, "No space left on device", "/out/counts.txt"))
    '/out/counts.txt: No space left on device; make room and run the same command again: nothing is lost'
    """
    if isinstance(error, (WordCountError, OSError)):
        return producer.common.errors.one_line(error)
    cause = _java_cause(error)
    text = cause or str(error)
    if _FULL in text:
        return f"output, state or temporary folder: {_FULL}; make room and run the same command again: nothing is lost"
    if lost := _DELETED_RECORDS.search(text):
        return (
            f"the brokers deleted records of the topic {lost[1] or lost[2]} before they were counted; give another"
            " --output or --checkpoint to count what is left, and let the brokers keep records for longer"
        )
    for sign, meaning in _MEANINGS:
        if sign in text:
            return meaning
    return producer.common.errors.one_line(
        WordCountError(_JAVA_CLASS.sub("", cause.splitlines()[0])) if cause else error
    )


def _java_cause(error: BaseException) -> str:
    """Return the message of the root cause of an error from the JVM, or '' for any other error."""
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    if java is None:
        return ""
    try:
        while (cause := java.getCause()) is not None:
            java = cause
        return str(java.toString())
    except Exception:  # noqa: BLE001  # the JVM may be gone; then the error has only its own message
        return ""
