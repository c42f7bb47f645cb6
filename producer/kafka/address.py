"""Parse the addresses of Kafka topics."""

import re
from typing import NamedTuple

from producer.common.errors import UsageError

_SCHEME = "kafka://"
_SERVER = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s:/@\[\]]+):(\d{1,5})")
_TOPIC = re.compile(r"[a-zA-Z0-9._-]{1,249}")  # the brokers' own rule


def is_topic(name: str) -> bool:
    """Tell whether a topic can have this name.

    >>> is_topic("lines"), is_topic("a/b"), is_topic("..")
    (True, False, False)
    """
    return _TOPIC.fullmatch(name) is not None and name not in {".", ".."}


class KafkaEndpoint(NamedTuple):
    """Topics of a Kafka cluster, and the brokers to connect to first, each as ``HOST:PORT``."""

    servers: tuple[str, ...]
    topics: tuple[str, ...]

    @property
    def address(self) -> str:
        """The brokers in the form that Kafka's clients take."""
        return ",".join(self.servers)


def is_kafka(text: str) -> bool:
    """Tell whether an address is meant for a Kafka topic.

    >>> is_kafka("kafka://localhost:9092/lines"), is_kafka("Kafka:/localhost"), is_kafka("inbox")
    (True, True, False)
    """
    return text.lower().startswith("kafka:")


def kafka_endpoint(text: str) -> KafkaEndpoint:
    """Return what ``kafka://HOST:PORT[,HOST:PORT]/TOPIC[,TOPIC]`` names.

    Raises:
        UsageError: the address has another form.

    >>> kafka_endpoint("kafka://a:9092,b:9092/lines")
    KafkaEndpoint(servers=('a:9092', 'b:9092'), topics=('lines',))
    """
    if "@" in text:  # the message does not repeat the address, which may contain a password
        raise UsageError("a kafka:// address takes no user and no password; put them in --kafka-config FILE")
    if not text.startswith(_SCHEME):
        raise UsageError(f"{text}: write kafka://HOST:PORT/TOPIC")
    servers, _, topics = text.removeprefix(_SCHEME).partition("/")
    for server in servers.split(","):
        match = _SERVER.fullmatch(server)
        if match is None or not 0 < int(match[2]) <= 65535:  # noqa: PLR2004  # the range of ports
            raise UsageError(f"{text}: {server!r} is not HOST:PORT; write kafka://HOST:PORT/TOPIC")
    for topic in topics.split(","):
        if not is_topic(topic):
            raise UsageError(
                f"{text}: {topic!r} is not a topic name (letters, digits, '.', '_' and '-');"
                " write kafka://HOST:PORT/TOPIC"
            )
        if topic.startswith("__"):
            raise UsageError(f"{text}: {topic} is one of Kafka's own topics; give another")
    if len(set(topics.split(","))) < len(topics.split(",")):
        raise UsageError(f"{text}: a topic is named twice; name it once")
    return KafkaEndpoint(tuple(servers.split(",")), tuple(topics.split(",")))
