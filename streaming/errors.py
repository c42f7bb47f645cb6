"""Errors that only Spark and Java cause, and how any error becomes one line (see ``producer.common.errors``)."""

import os
import re

import producer.common.errors
from producer.common.errors import UsageError, WordCountError, foreign
from streaming.java_errors import DATA_LOSS, MALFORMED_TIME, OUT_OF_RANGE, TRUNCATED, JavaCause, java_causes


class JavaError(UsageError):
    """There is no Java that Spark runs on, or Java does not start."""


class StateError(UsageError):
    """The state folder holds other counts than those asked for, or is damaged."""


#: What using JSON may raise that any damage has gone through: a number may be infinite, and lists nested without end.
UNUSABLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
OUT_OF_MEMORY = (
    "Java ran out of memory; give it more with --conf spark.driver.memory=8g, or let a stream keep its counts on disk"
    " with --state-store rocksdb; the same command then continues"
)
OUT_OF_THREADS = (
    "Java could not start another thread; raise ulimit -u, ulimit -v or the container's limit of processes, or set the"
    " machine's vm.overcommit_memory to 0; the same command then"
    " continues"
)
_JAVA_GONE = "Java ended; run the same command again: nothing is lost (--debug shows what Java says)"
_OUT_OF_STACK = (
    "a pattern of --regex, --match, --not-match or --time-regex goes too deep for Java on a long line; do not let it"
    ' backtrack, with *+ for * and ++ for +, as in "((?:[^"\\\\]|\\\\.)*+)", or give Java more stack with'
    " --conf spark.driver.extraJavaOptions=-Xss1g; the same command then continues"
)
_NOEXEC = (
    "the temporary folder is mounted noexec, and Java must load a library from it for Parquet, zstd or RocksDB;"
    " set TMPDIR to another folder"
)
_FEW_TASKS = (
    "Spark cannot run all tasks of real time at once: the topics have more partitions than when the stream started, or"
    " the cluster has fewer cores; run the same command again, or give it more cores: nothing is lost"
)
_NO_BROKER = "the Kafka brokers have stopped answering; run the same command again once they answer: nothing is lost"
_TOO_LARGE = (
    "a count is larger than the output topic takes; raise max.message.bytes of the topic, and let this user"
    " DESCRIBE_CONFIGS of it, so that the count is left out"
)
_DELETED = "a topic that the stream uses was deleted; run the same command again, which names it"
_NO_STATE = (
    "the counts in the checkpoint of the state cannot be read: files in its folder state are missing or damaged;"
    " restore the state folder from a copy, or remove it to count everything again"
)
_NO_MASTER = "Spark's master does not answer, or has ended the application; check --master"
_NO_TOPIC = "org.apache.kafka.common.errors.UnknownTopicOrPartitionException"
_NO_KEY = (
    "Java cannot read the certificate or the key of ssl.keystore.location in --kafka-config; encrypt the key as every"
    " Java reads it, with openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES, or leave it unencrypted where only you may read it"
)
#: What the user reads instead of an error of Java, by its class.
_MEANINGS = {
    "java.lang.OutOfMemoryError": OUT_OF_MEMORY,
    "java.lang.StackOverflowError": _OUT_OF_STACK,
    "org.apache.kafka.common.errors.RecordTooLargeException": _TOO_LARGE,
    _NO_TOPIC: _DELETED,
}
#: The right that a user lacks, by the class of Kafka's error; the text of the error names what it is for.
_RIGHTS = {
    "TopicAuthorizationException": "this user lacks the right READ or WRITE on Topic {}; grant it",
    "GroupAuthorizationException": "this user lacks the right READ on Group {}; grant it",
    # A user who may WRITE to any topic needs no right on the cluster, but before Kafka 3.0.
    "ClusterAuthorizationException": (
        "this user lacks the right WRITE on the output topic, or IDEMPOTENT_WRITE on Cluster before Kafka 3.0; grant it"
    ),
}
_TIMED_OUT = "org.apache.kafka.common.errors.TimeoutException"
_NAMED = re.compile(r"(?:topics|group): \[?([^\]\s]+)")
#: The same by the beginning of Spark's condition.
_CONDITIONS = {
    "CANNOT_LOAD_STATE_STORE.HDFS_STORE_PROVIDER_OUT_OF_MEMORY": OUT_OF_MEMORY,
    "CANNOT_LOAD_STATE_STORE.ROCKSDB_STORE_PROVIDER_OUT_OF_MEMORY": OUT_OF_MEMORY,
    "CANNOT_LOAD_STATE_STORE": _NO_STATE,
    "STDS_FAILED_TO_READ": _NO_STATE,
    "STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY": _NO_STATE,
}
#: Conditions that only say that something below them failed.
_WRAPPERS = re.compile(r"STREAM_FAILED|FAILED_READ_FILE|TASK_WRITE_FAILED|INTERNAL_ERROR|.*UNCATEGORIZED|_LEGACY_ERROR")
_PARTITION = re.compile(r"([\w.-]+)-(\d+)")
#: The operating system's own words, and Spark's own where it has no condition.
_SIGNS = {
    "unable to create native thread": OUT_OF_THREADS,
    "failed to map segment": _NOEXEC,
    "pipelined stage group": _FEW_TASKS,
    "No active or default Spark session": _NO_MASTER,  # of what is asked for after the end of Spark's context
}
#: What Hadoop's client adds to the operating system's words: the address.
_CALL = re.compile(r"Call From \S+ to (\S+) failed on .*?: [\w.$]+: (.*?); For more details see")
_STOPPED = "stopped SparkContext"
_NOT_RUN = re.compile(r'Cannot run program "([^"]+)".*error[=:] ?(\d+)')


def one_line(error: BaseException) -> str:
    """Return the message of an error as one line for the user.

    An error of Java is described by the innermost error that explains it: one with a condition of Spark's, else the
    root cause.

    >>> one_line(OSError(28, "No space left on device", "/out/counts.txt"))
    '/out/counts.txt: No space left on device; make room and run the same command again: nothing is lost'
    """
    if isinstance(error, (WordCountError, OSError)):
        return producer.common.errors.one_line(error)
    causes = java_causes(error)
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  # the JVM that has the text is gone
        return _JAVA_GONE
    if line := producer.common.errors.limit_reached([cause.text for cause in causes] or [text]):
        return line
    for cause in reversed(causes):
        if meaning := _meaning(cause):
            return meaning
    if not causes:
        return producer.common.errors.one_line(error)
    named = [cause for cause in causes if cause.condition and not _WRAPPERS.match(cause.condition)]
    cause = named[-1] if named else causes[-1]
    return producer.common.errors.one_line(WordCountError(foreign(cause.text.split("\n")[0] or cause.kind)))


def is_data_loss(error: BaseException) -> bool:
    """Return whether Spark failed because records of a topic are gone."""
    return any(_is_data_loss(cause) for cause in java_causes(error))


def is_missing_topic(error: BaseException) -> bool:
    """Return whether Spark failed because a topic does not exist."""
    return any(cause.kind == _NO_TOPIC for cause in java_causes(error))


def _is_data_loss(cause: JavaCause) -> bool:
    return cause.condition.startswith(DATA_LOSS) or cause.kind in {OUT_OF_RANGE, TRUNCATED}


def _meaning(cause: JavaCause) -> str | None:
    if cause.condition == MALFORMED_TIME:
        at = cause.parameters
        return (
            f"the record at offset {at.get('offset')} of partition {at.get('partition')} of the topic {at.get('topic')}"
            f" has the time {at.get('timestamp')}, which is not in milliseconds and which Spark cannot hold;"
            " --after-loss continue passes over it, in batches (--trigger 0s)"
        )
    if _is_data_loss(cause):
        return _lost_records(cause)
    if cause.kind == "java.lang.IllegalStateException" and _STOPPED in cause.text:
        return _NO_MASTER
    if cause.kind == "org.apache.kafka.common.errors.InvalidConfigurationException" and "PEM" in cause.text:
        return _NO_KEY
    if signs := [meaning for sign, meaning in _SIGNS.items() if sign in cause.text]:
        return signs[0]
    by_condition = (meaning for start, meaning in _CONDITIONS.items() if cause.condition.startswith(start))
    return (
        _MEANINGS.get(cause.kind)
        or next(by_condition, None)
        or _not_run(cause)
        or _refused_by_kafka(cause)
        or _unanswered(cause)
    )


def _unanswered(cause: JavaCause) -> str | None:
    if (call := _CALL.search(cause.text)) is None:
        return None
    return (
        f"{call[1]} does not answer Hadoop ({call[2]}); start it, or let HADOOP_CONF_DIR name the right configuration"
    )


def _not_run(cause: JavaCause) -> str | None:
    if (program := _NOT_RUN.search(cause.text)) is None:
        return None
    reason = os.strerror(int(program[2]))
    return f"Hadoop cannot start the program {program[1]}: {reason}; let PATH have its folder, such as /usr/bin"


def _refused_by_kafka(cause: JavaCause) -> str | None:
    if (right := _RIGHTS.get(cause.kind.rpartition(".")[2])) is not None:
        named = _NAMED.search(cause.text)
        return right.format(named[1] if named else "")
    if cause.kind != _TIMED_OUT:
        return None
    if "node assignment" in cause.text:  # no broker was reached
        return _NO_BROKER
    return (
        f"the Kafka brokers have not done in time what they were asked: {foreign(cause.text)};"
        " run the same command again: nothing is lost"
    )


def _lost_records(cause: JavaCause) -> str:
    named = " ".join(cause.parameters.get(name, "") for name in ("topicPartition", "partitions"))
    if cause.kind == TRUNCATED:
        return (
            f"{_partitions(named)} lost its end, as after an unclean leader election; run the same command again,"
            " or give --after-loss continue to go on at once: counting goes on from the last checkpoint"
        )
    return (
        f"the brokers deleted records of {_partitions(named)} before they were counted; give --after-loss continue to"
        " keep the counts and go on with what is left, and let the brokers keep records for longer"
    )


def _partitions(text: str) -> str:
    """Return the partitions in a parameter of Spark's.

    >>> _partitions("Set(lines-0, my-words-12)")
    'the topic lines (partition 0), the topic my-words (partition 12)'
    """
    found = _PARTITION.findall(text)
    return ", ".join(f"the topic {topic} (partition {number})" for topic, number in found) or "a topic"
