"""What was asked for a Kafka topic that lines are published to."""

import re
import socket
from dataclasses import dataclass

from producer.common.errors import UsageError

#: The host names of containers, each of which has another: an id, or the name of a pod that is replaced under another
#: name, which ends with five of these letters and digits.
_OF_CONTAINERS = re.compile(
    r"[0-9a-f]{12}|[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|.+-[bcdfghjklmnpqrstvwxz2456789]{5}"
)


@dataclass(frozen=True, kw_only=True)
class TopicOptions:
    """How lines are published to a topic.

    Attributes:
        name: tells this producer from others that write to the topic.
        lines_per_record: how many lines a record holds, with a line feed between them.
        partitions: the partitions of a topic that is created; None is the brokers' default.
        replication: the replicas of a topic that is created; None is the brokers' default.
        patience: how long to wait for a broker that does not answer, in seconds.
        kafka_config: path of Kafka's client file; None without one.
        is_named: the user gave the name, and it is not this machine's.
    """

    name: str
    lines_per_record: int
    partitions: int | None
    replication: int | None
    patience: float
    kafka_config: str | None
    is_named: bool = True


def host_name() -> str:
    """Return this machine's name, by which a producer without a name of its own is known.

    Raises:
        UsageError: the name looks like a container's. The next container has another, and would publish all again.
    """
    name = socket.gethostname()
    if is_of_container(name):
        raise UsageError(
            f"--name is missing: this machine's name, {name}, looks like a container's, and the next container would"
            " publish all lines again; give --name NAME, the same each time"
        )
    return name


def is_of_container(name: str) -> bool:
    """Tell whether a host name looks like that of a container, or of a pod that does not keep its name.

    >>> [is_of_container(name) for name in ("4f1c2a9b8e7d", "app-7d4b9c6f5d-x2x9k", "app-0", "web-1.example.org")]
    [True, True, False, False]
    """
    return _OF_CONTAINERS.fullmatch(name) is not None
