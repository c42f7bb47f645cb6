"""Describe a Kafka cluster and its topics, and create a topic that is missing."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)

from producer.common.errors import WordCountError
from producer.kafka.address import KafkaEndpoint
from producer.kafka.calls import Call
from producer.kafka.failures import RefusedError, lacking, reason_of

#: A cluster that takes longer to answer than this is not there.
_ANSWER_SECONDS = 10.0
#: The same if the connection is refused, or the name unknown, which may pass while a broker starts.
_UNREACHABLE_SECONDS = 3.0
#: The most bytes of a record batch by default: the brokers' ``message.max.bytes``.
_DEFAULT_LIMIT = 1_048_588
_FIRST_WITH_TRANSACTIONS = 11  # Kafka 0.11
TRANSACTION_LOG = "__transaction_state"  #: the topic that the brokers keep transactions in
_UNKNOWN_TOPIC = 3  # its number in Kafka's protocol

T = TypeVar("T")


class Topic(NamedTuple):
    """A topic. One that is deleted and recreated under the same name has another ``id``.

    The id is empty if the brokers have none, as before Kafka 2.8.
    """

    name: str
    id: str
    partitions: int


class Cluster(NamedTuple):
    """A cluster's id, and those of the requested topics that exist, by name."""

    id: str
    topics: dict[str, Topic]


def find(endpoint: KafkaEndpoint, settings: Mapping[str, Any]) -> Cluster:
    """Return the cluster, with those of the endpoint's topics that exist.

    Raises:
        WordCountError: the cluster does not answer, refuses the client, or does not let it describe a topic.
    """

    def question(admin: KafkaAdminClient) -> Cluster:
        return Cluster(admin.describe_cluster()["cluster_id"], _topics(admin, endpoint))

    return ask(endpoint, settings, question)


def _topics(admin: KafkaAdminClient, endpoint: KafkaEndpoint) -> dict[str, Topic]:
    described = admin.describe_topics(list(endpoint.topics))
    for topic in described:
        if topic["error_code"] in {0, _UNKNOWN_TOPIC}:
            continue
        error = for_code(topic["error_code"])
        if error is TopicAuthorizationFailedError:
            raise RefusedError(f"Kafka at {endpoint.address}: {lacking(error(), 'DESCRIBE', topic['name'])}")
        raise WordCountError(f"the topic {topic['name']} of {endpoint.address} cannot be described: {error.__name__}")
    there = [topic for topic in described if topic["error_code"] == 0]
    return {topic["name"]: Topic(topic["name"], topic_id(topic), len(topic["partitions"])) for topic in there}


def topic_id(topic: Mapping[str, Any]) -> str:
    """Return the id in the description of a topic; empty if the brokers give none."""
    id_ = str(topic.get("topic_id") or "")  # Kafka before 2.8 has none
    return id_ if id_.strip("0-") else ""


def exists(admin: KafkaAdminClient, endpoint: KafkaEndpoint, topic: str) -> bool:
    """Tell whether a topic exists. To be called within ``ask``."""
    return topic in _topics(admin, endpoint._replace(topics=(topic,)))


def has_transaction_log(endpoint: KafkaEndpoint, settings: Mapping[str, Any]) -> bool:
    """Tell whether the brokers have the topic that they keep transactions in; if they do not say so, they have it.

    They make it for the first transaction, and cannot if it is to have more replicas than there are brokers. A producer
    then waits for a coordinator without a word.
    """
    try:
        return ask(endpoint, settings, lambda client: exists(client, endpoint, TRANSACTION_LOG))
    except WordCountError:
        return True


def ensure(
    admin: KafkaAdminClient,
    endpoint: KafkaEndpoint,
    topic: str,
    *,
    partitions: int | None = None,
    replication: int | None = None,
    configs: Mapping[str, str] | None = None,
) -> Topic:
    """Return a topic, which is created if it is missing. To be called within ``ask``.

    Args:
        admin: the client.
        endpoint: the brokers, for messages.
        topic: its name.
        partitions: the partitions of a topic that is created; None is the brokers' default.
        replication: the replicas of a topic that is created; None is the brokers' default.
        configs: the settings of a topic that is created.

    Raises:
        WordCountError: this user may not describe the topic, or it cannot be created.
    """
    only = endpoint._replace(topics=(topic,))
    if (there := _topics(admin, only).get(topic)) is not None:
        return there
    wanted = {
        "num_partitions": partitions or -1,
        "replication_factor": replication or -1,
        "configs": dict(configs or {}),
    }
    try:
        admin.create_topics({topic: wanted}, wait_for_metadata=True)
    except TopicAlreadyExistsError:
        pass  # another process has created it meanwhile
    except AuthorizationError as error:
        raise RefusedError(
            f"the topic {topic} is missing at {endpoint.address}, and {lacking(error, 'CREATE', topic)}, or create it"
            " by hand"
        ) from error
    except KafkaError as error:
        raise WordCountError(
            f"the topic {topic} is missing at {endpoint.address} and cannot be created: {reason_of(error)};"
            " create it by hand"
            + (f", with {', '.join(f'{name}={value}' for name, value in configs.items())}" if configs else "")
            + ", or ask for what the cluster has"
        ) from error
    return _topics(admin, only)[topic]


def record_limit(admin: KafkaAdminClient, topic: str) -> int:
    """Return the most bytes of a topic's record batch: its ``max.message.bytes``. To be called within ``ask``."""
    return int(_config(admin, topic, "max.message.bytes") or _DEFAULT_LIMIT)


def cleanup_policy(admin: KafkaAdminClient, topic: str) -> str | None:
    """Return how a topic loses old records; None if this user may not read it. To be called within ``ask``.

    It is empty for a topic that does not exist.
    """
    return _config(admin, topic, "cleanup.policy")


def check_format(admin: KafkaAdminClient, endpoint: KafkaEndpoint, topic: str) -> None:
    """Check that a topic keeps records in a format that has transactions. To be called within ``ask``.

    Brokers before Kafka 4.0 may still keep those of before 0.11, and refuse a transaction without a reason.

    Raises:
        RefusedError: it keeps them in an older format.
    """
    version = _config(admin, topic, "message.format.version") or ""
    if (match := re.match(r"0\.(\d+)", version)) is not None and int(match[1]) < _FIRST_WITH_TRANSACTIONS:
        raise RefusedError(
            f"the topic {topic} of {endpoint.address} has message.format.version={version}, in which nothing can be"
            " written exactly once; set it to 0.11.0 or later, for this topic or as log.message.format.version of the"
            " brokers"
        )


def _config(admin: KafkaAdminClient, topic: str, name: str) -> str | None:
    try:
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
        return str(found["topic"][topic][name]["value"])
    except UnknownTopicOrPartitionError:
        return ""
    except (KafkaError, KeyError):  # this user may not read the settings
        return None


def ask(endpoint: KafkaEndpoint, settings: Mapping[str, Any], question: Callable[[KafkaAdminClient], T]) -> T:
    """Return the answer to a question about a cluster.

    Args:
        endpoint: the brokers.
        settings: kafka-python's settings of the connections.
        question: uses the client to find the answer.

    Raises:
        WordCountError: the cluster does not answer in time, or refuses the client.
    """

    def asked(client: KafkaAdminClient) -> T:
        try:
            return question(client)
        finally:
            client.close()

    return ask_first(endpoint, settings, asked)[1]


def ask_first(
    endpoint: KafkaEndpoint, settings: Mapping[str, Any], question: Callable[[KafkaAdminClient], T]
) -> tuple[KafkaAdminClient, T]:
    """Return a client that can be asked more, and the answer to its first question. See ``ask``."""
    answers: list[tuple[KafkaAdminClient, T]] = []

    def work() -> None:
        client = KafkaAdminClient(
            bootstrap_servers=list(endpoint.servers), bootstrap_timeout_ms=round(_ANSWER_SECONDS * 1000), **settings
        )
        try:
            brokers = client._manager.cluster.brokers()  # noqa: SLF001  # what asks for them needs them to answer
            call.failures.given += [f"{broker.host}:{broker.port}" for broker in brokers]
            answers.append((client, question(client)))
        except BaseException:
            client.close()
            raise

    def may_go_on() -> bool:
        return call.seconds < (_UNREACHABLE_SECONDS if call.failures.is_unreachable else 2 * _ANSWER_SECONDS)

    call = Call(work, settings)
    if not call.start().wait(may_go_on):
        raise call.failure(endpoint)
    return answers[0]
