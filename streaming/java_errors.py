"""Errors of Java as Spark gives them: the chain of their causes.

An error of Java is known by its class, and one of Spark by its condition, such as ``KAFKA_DATA_LOSS``: both have names
that stay, while their texts change from one version to the next.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

OUT_OF_RANGE = "org.apache.kafka.clients.consumer.OffsetOutOfRangeException"
TRUNCATED = "org.apache.kafka.clients.consumer.LogTruncationException"
DATA_LOSS = "KAFKA_DATA_LOSS"
MALFORMED_TIME = "KAFKA_MALFORMED_RECORD_TIMESTAMP"
_MALFORMED = re.compile(
    r"Record at topic (?P<topic>\S+) partition (?P<partition>\d+) offset (?P<offset>\d+) has timestamp value"
    r" (?P<timestamp>-?\d+)"
)
#: What the connector says of lost records, which has no condition in its text; and the partition it names.
_LOST = "Some data may have been lost"
_LOST_PARTITION = re.compile(r"(?:partition |offsets \{|, )([\w.-]+-\d+)\b(?!,)")
_CLASS = re.compile(r"((?:[\w$]+\.)+[\w$]+)(?:: |$)")
_CONDITION = re.compile(r"\[([A-Z0-9_.]+)\] ")
_NAMES = re.compile(rf"^{_CONDITION.pattern}|\s*SQLSTATE: \w+$")


class JavaCause(NamedTuple):
    """One error in a chain of Java's errors.

    Attributes:
        kind: the name of its class; '' if it is not known.
        condition: Spark's name of the error; '' if it is not one of Spark's.
        parameters: what Spark puts into the text of the condition.
        text: what it says, without the names.
    """

    kind: str
    condition: str
    parameters: Mapping[str, str]
    text: str


class TaskFailedError(Exception):
    r"""A task has failed, and Spark keeps no more than the text of its error.

    >>> error = TaskFailedError("a.b.OuterException: one\n\tat a.b.C.d(C.java:1)\nCaused by: a.b.InnerException: two")
    >>> [(cause.kind, cause.text) for cause in error.causes]
    [('a.b.OuterException', 'one'), ('a.b.InnerException', 'two')]
    """

    def __init__(self, trace: str) -> None:
        super().__init__(trace)
        # A text may have several lines; those of the stack begin with a tab.
        lines = (line.removeprefix("Caused by: ") for line in re.split(r"\n(?=Caused by: |\t)", trace))
        self.causes = [_parsed_cause(line, match) for line in lines if (match := _CLASS.match(line))]


def java_causes(error: BaseException) -> list[JavaCause]:
    """Return the chain of an error from the JVM, the root cause last; it is empty for any other error."""
    if isinstance(error, TaskFailedError):
        return error.causes
    own = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    java = own or getattr(getattr(error, "_cause", None), "_origin", None)  # the error of a query has a cause only
    causes = []
    try:
        while java is not None:
            causes.append(_cause(java))
            java = java.getCause()
    except Exception:  # noqa: BLE001  # the JVM may be gone; then the error has only its own message
        return []
    return causes


def _cause(java: Any) -> JavaCause:
    text = str(java.toString())
    match = _CLASS.match(text)
    kind = match[1] if match else ""
    parameters = dict(_ask(java, "getMessageParameters") or {})
    if kind == OUT_OF_RANGE:
        parameters = {"partitions": _ask(_ask(java, "partitions"), "toString")}
    elif kind == TRUNCATED:
        parameters = _lost_partitions(text)
    return JavaCause(
        kind=kind,
        condition=str(_ask(java, "getCondition") or ""),
        parameters={str(name): str(value) for name, value in parameters.items()},
        text=_NAMES.sub("", text[match.end() :] if match else text),
    )


def _parsed_cause(line: str, start: re.Match[str]) -> JavaCause:
    text = line[start.end() :]
    parameters = _lost_partitions(text)
    if at := _MALFORMED.search(text):
        condition, parameters = MALFORMED_TIME, at.groupdict()
    elif named := _CONDITION.match(text):
        condition = named[1]
    else:
        condition = DATA_LOSS if text.startswith(_LOST) else ""
    return JavaCause(start[1], condition, parameters, _NAMES.sub("", text))


def _lost_partitions(text: str) -> dict[str, str]:
    return {"partitions": " ".join(_LOST_PARTITION.findall(text))}


def _ask(java: Any, method: str) -> Any:
    """Return what a method returns that only Spark's errors have; None for another error."""
    try:
        return getattr(java, method)()
    except Exception:  # noqa: BLE001  # py4j has several errors for a method that does not exist
        return None
