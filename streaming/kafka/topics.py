"""The topics that a stream reads and writes: what the brokers know of them, and how they change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from producer.common.errors import UsageError, WordCountError
from producer.kafka.address import KafkaEndpoint, kafka_endpoint
from producer.kafka.client_config import Client
from streaming.kafka.compaction import is_compacted

if TYPE_CHECKING:
    from kafka import KafkaAdminClient


@dataclass(frozen=True)
class KafkaTopics:
    """Topics of one cluster, each with the id it had when the stream started.

    Attributes:
        endpoint: the brokers and the topics.
        client: how to reach the brokers.
        ids: the id of each topic, by its name. A topic that is deleted and recreated gets another id. It is empty if
            the brokers give none.
        record_limit: the most bytes of a record batch of a topic to write to.
        output: the one of the topics that is written to; '' if all are read.
        partitions: how many partitions the topics had when the stream started.
    """

    endpoint: KafkaEndpoint
    client: Client
    ids: Mapping[str, str]
    record_limit: int = 0
    output: str = ""
    partitions: int = 0

    def joined(self, other: "KafkaTopics") -> "KafkaTopics":
        """Return these topics and others of the same brokers."""
        names = self.endpoint.topics + other.endpoint.topics
        return replace(
            self,
            endpoint=self.endpoint._replace(topics=names),
            ids={**self.ids, **other.ids},
            output=self.output or other.output,
        )


def find_topics(endpoint: KafkaEndpoint, client: Client, say: Callable[[str], None]) -> tuple[KafkaTopics, str]:
    """Return the topics to read, and what a state knows them by: their names and their cluster.

    Args:
        endpoint: the brokers and the topics.
        client: how to reach the brokers.
        say: shows a message to the user.

    Raises:
        WordCountError: the brokers do not answer, refuse the client, or lack a topic.
    """
    from producer.kafka import admin  # noqa: PLC0415  # takes 0.2 s, which a stream of a folder does not need

    cluster = admin.find(endpoint, client.settings)
    if missing := [name for name in endpoint.topics if name not in cluster.topics]:
        raise WordCountError(
            f"{endpoint.address} has no topic {missing[0]}; create it, or let wordcount-producer create it"
        )
    names = sorted(endpoint.topics)
    ids = {name: cluster.topics[name].id for name in names}
    partitions = sum(cluster.topics[name].partitions for name in names)
    topics = KafkaTopics(endpoint, client, ids, partitions=partitions)
    if "" in topics.ids.values():
        say(
            f"warning: {endpoint.address} gives topics no ids, as Kafka before 2.8; if a topic is deleted and"
            " recreated, that is not noticed, and its counts are wrong from then on"
        )
    return topics, f"kafka://{','.join(names)} of cluster {cluster.id}"


def prepare_output(text: str, source: KafkaTopics | None, client: Client, say: Callable[[str], None]) -> KafkaTopics:
    """Return the topic to write to. A missing topic is created as a compacted one.

    Args:
        text: the address of the topic.
        source: the topics that the stream reads; None if it reads none.
        client: how to reach the brokers.
        say: shows a message to the user.

    Raises:
        UsageError: the address names more than one topic, or one that the stream reads.
        WordCountError: the brokers do not answer, refuse the client, or cannot create the topic.
    """
    from producer.kafka import admin  # noqa: PLC0415  # takes 0.2 s, which a stream of a folder does not need

    endpoint = kafka_endpoint(text)
    (topic, *more) = endpoint.topics
    if more:
        raise UsageError(f"--output {text}: counts go to one topic; name one")

    def question(broker: "KafkaAdminClient") -> tuple[admin.Topic, str, int]:
        ensured = admin.ensure(broker, endpoint, topic, configs={"cleanup.policy": "compact"})
        admin.check_format(broker, endpoint, topic)
        return ensured, admin.cleanup_policy(broker, topic) or "compact", admin.record_limit(broker, topic)

    found, policy, record_limit = admin.ask(endpoint, client.settings, question)
    if source is not None and source.ids.get(topic) == found.id:
        raise UsageError(f"--output {text}: the stream reads the topic {topic}; give another topic")
    if not is_compacted(policy):
        say(
            f"warning: the topic {topic} is not compacted, so it keeps every count ever written;"
            " set cleanup.policy=compact"
        )
    elif policy != "compact":
        say(
            f"warning: the topic {topic} has cleanup.policy={policy}, so counts that do not change are lost from it"
            " with time; set cleanup.policy=compact"
        )
    return KafkaTopics(endpoint, client, {topic: found.id}, record_limit, output=topic)


class ChangeKind(Enum):
    """What happened to a topic. The value is how a message says it."""

    DELETED = "deleted"
    RECREATED = "deleted and recreated"


class TopicChange(NamedTuple):
    """A topic that is no longer the one the stream started with."""

    topic: str
    kind: ChangeKind

    def error(self, *, is_output: bool = False) -> WordCountError:
        """Return the error that ends the stream."""
        if is_output:
            return WordCountError(
                f"the output topic {self.topic} was {self.kind.value}; run the same command again, which creates it if"
                " it is missing and writes all counts to it"
            )
        go_on = ", or --after-loss continue to keep the counts and go on" if self.kind is ChangeKind.RECREATED else ""
        return WordCountError(
            f"the topic {self.topic} was {self.kind.value};"
            f" give another --output or --checkpoint to count it from its beginning{go_on}"
        )


def find_change(ids: Mapping[str, str], current_ids: Mapping[str, str]) -> TopicChange | None:
    """Return the first topic that is not what it was, or None if all are.

    Args:
        ids: the id that each topic had, by its name; an empty one is not known.
        current_ids: the id that each topic has now; a topic that is not in it does not exist.

    >>> find_change({"lines": "1", "words": "2"}, {"lines": "1", "words": "2"})
    >>> find_change({"lines": "1"}, {"lines": "2"})
    TopicChange(topic='lines', kind=<ChangeKind.RECREATED: 'deleted and recreated'>)
    >>> find_change({"lines": "1"}, {})
    TopicChange(topic='lines', kind=<ChangeKind.DELETED: 'deleted'>)
    """
    for name, id_ in ids.items():
        if name not in current_ids:
            return TopicChange(name, ChangeKind.DELETED)
        if "" not in {id_, current_ids[name]} and current_ids[name] != id_:
            return TopicChange(name, ChangeKind.RECREATED)
    return None


def ask_for_change(topics: KafkaTopics) -> TopicChange | None:
    """Ask the brokers which topic is not what it was; return None if all are. See ``find_change``.

    Raises:
        WordCountError: the brokers do not answer, or refuse the client.
    """
    from producer.kafka import admin  # noqa: PLC0415  # takes 0.2 s, which a stream of a folder does not need

    there = admin.find(topics.endpoint, topics.client.settings).topics
    return find_change(topics.ids, {name: topic.id for name, topic in there.items()})
