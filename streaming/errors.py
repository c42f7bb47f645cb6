"""What only Spark and Java can cause, and how any error becomes one line (see ``producer.common.errors``)."""

import re

import producer.common.errors
from producer.common.errors import UsageError, WordCountError


class JavaError(UsageError):
    """No Java that Spark runs on was found, or it does not start."""


class StateError(UsageError):
    """The state folder does not fit what is asked of it."""


OUT_OF_MEMORY = (
    "Java ran out of memory; give it more with --conf spark.driver.memory=8g,"
    " or keep the counts on disk with --state-store rocksdb; the same command then goes on"
)
_OUT_OF_STACK = (
    "a pattern of --regex, --match, --not-match or --time-regex goes too deep for Java on a long line; one that gives"
    ' nothing back does not, with *+ for * and ++ for +, as "((?:[^"\\\\]|\\\\.)*+)"; or give Java more stack, with'
    " --conf spark.driver.extraJavaOptions=-Xss1g: the same command then goes on"
)
_NO_BROKER = "no Kafka broker answers any more; the same command goes on once one does"
#: Signs in what Java says, and what to tell instead.
_MEANINGS = (
    ("OutOfMemoryError", OUT_OF_MEMORY),
    ("StackOverflowError", _OUT_OF_STACK),
    ("node assignment", _NO_BROKER),
    ("org.apache.kafka.common.errors.TimeoutException", _NO_BROKER),
    ("stopped SparkContext", "Spark's master does not answer, or has ended the application; check --master"),
)
_JAVA_CLASS = re.compile(r"^([\w$]+\.)+[\w$]+: ")
#: As Kafka's client says it, and as Spark does.
_THROWN_AWAY = re.compile(
    r"out of range for partition (\S+)-\d+|data (?:may have been|was) lost.*?topic.?.?(\S*)", re.DOTALL
)
_FULL = "No space left on device"


def one_line(error: BaseException) -> str:
    """Return what went wrong as one line for the person at the terminal; what came from Java, by its root cause.

    >>> one_line(OSError(28, "No space left on device", "/out/counts.txt"))
    '/out/counts.txt: No space left on device; make room and run the same command again: nothing is lost'
    """
    if isinstance(error, (WordCountError, OSError)):
        return producer.common.errors.one_line(error)
    cause = _java_cause(error)
    text = cause or str(error)
    if _FULL in text:
        return f"output, state or temporary folder: {_FULL}; make room and run the same command again: nothing is lost"
    if lost := _THROWN_AWAY.search(text):
        return (
            f"records of the topic {lost[1] or lost[2]} were thrown away by the brokers before they were counted; give"
            " another --output or --checkpoint to count what is left, and let the brokers keep records for longer"
        )
    for sign, meaning in _MEANINGS:
        if sign in text:
            return meaning
    return producer.common.errors.one_line(
        WordCountError(_JAVA_CLASS.sub("", cause.splitlines()[0])) if cause else error
    )


def _java_cause(error: BaseException) -> str:
    """Return the message at the root of an error that came from the JVM, '' for any other."""
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    if java is None:
        return ""
    try:
        while (cause := java.getCause()) is not None:
            java = cause
        return str(java.toString())
    except Exception:  # noqa: BLE001  # the JVM may be gone; the message the error came with is what is left
        return ""
