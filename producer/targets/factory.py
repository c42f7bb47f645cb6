"""Open the target of a producer: a watched directory, or a Kafka topic."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from producer.common.errors import UsageError, hide
from producer.common.folders import PRIVATE, check_separate, output_folder
from producer.common.lock import lock
from producer.kafka.address import is_topic, kafka_endpoint
from producer.kafka.client_config import open_client
from producer.kafka.topic_options import TopicOptions
from producer.positions.sqlite_store import PositionStore
from producer.targets.base import Target
from producer.targets.directory import DirectoryTarget

#: The folder of a directory that has what the producer knows.
_OWN = ".wordcount-producer"
_LONGEST_NAME = 249  # the brokers' own limit for a topic's name


def open_directory(to: str, sources: Iterable[str], stack: ExitStack) -> Target:
    """Return a directory as the target, which no other producer may use until ``stack`` closes it.

    The directory is created if it is missing.

    Raises:
        LockedError: another producer publishes to the directory.
        UsageError: the directory cannot be written to, or is not separate from a source.
    """
    if "://" in to:
        raise UsageError(f"--to {to!r} is neither a directory nor kafka://HOST:PORT/TOPIC")
    for source in sources:
        check_separate(source, to, "--to")
    directory = output_folder(to, "--to")
    own = directory / _OWN
    own.mkdir(PRIVATE, exist_ok=True)
    stack.enter_context(lock(own / "lock", f"the target {directory}"))
    positions = PositionStore(own / "positions.db")
    stack.callback(positions.close)
    target = DirectoryTarget(directory, positions)
    stack.callback(target.close)
    return target


def set_aside_folder(to: str) -> Path:
    """Return the folder of a directory that has what its producer sets aside."""
    return Path(to) / _OWN / "set-aside"


def open_topic(to: str, options: TopicOptions, say: Callable[[str], None], stack: ExitStack) -> Target:
    """Return a topic as the target, which is created if it is missing; ``stack`` closes it.

    Raises:
        UsageError: the address, the producer's name or the client file is wrong.
        WordCountError: the brokers do not answer, or refuse the client.
    """
    from producer.kafka.position_topic import position_topic_name  # noqa: PLC0415  # takes 0.2 s
    from producer.targets.kafka import KafkaTarget  # noqa: PLC0415  # as above

    endpoint = kafka_endpoint(to)
    if len(endpoint.topics) != 1:
        raise UsageError(f"--to {to}: a producer publishes to one topic; name one")
    if not is_topic(options.name):
        raise UsageError(f"--name {options.name!r}: give letters, digits, '.', '_' and '-'")
    if len(position_topic_name(endpoint.topics[0], options.name)) > _LONGEST_NAME:
        raise UsageError(
            f"--to {to}: the name of the position topic would have more than {_LONGEST_NAME} characters;"
            " give a shorter --name or topic"
        )
    client = open_client(options.kafka_config, say, hide)
    target = KafkaTarget.open(endpoint, client, options, say)
    stack.callback(target.close)
    stack.push(lambda error, *_: None if error else target.check())
    return target
