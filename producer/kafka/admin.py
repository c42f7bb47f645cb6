"""What a Kafka cluster says of itself: is it there, may we in, which topics has it; and make one that is missing."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError

from producer.common.errors import WordCountError
from producer.kafka.address import KafkaEndpoint
from producer.kafka.calls import Call, reason_of

#: How long a cluster may take to answer before it is taken for one that is not there.
_ANSWER_SECONDS = 10.0
#: The same where it is told that nobody is there, which may pass while a broker starts.
_NOBODY_SECONDS = 3.0
#: What a broker takes by default in one record batch, in bytes (its ``message.max.bytes``).
_DEFAULT_LIMIT = 1_048_588
_UNKNOWN_TOPIC = 3  # as Kafka's protocol numbers errors

T = TypeVar("T")


class Topic(NamedTuple):
    """A topic; one deleted and made anew under its name has another ``id``."""

    name: str
    id: str
    partitions: int


class Cluster(NamedTuple):
    """A cluster's id, and those of the topics asked for that it has."""

    id: str
    topics: dict[str, Topic]


def find(endpoint: KafkaEndpoint, settings: Mapping[str, Any]) -> Cluster:
    """Return the cluster, and which of the endpoint's topics it has.

    Raises:
        WordCountError: it does not answer, refuses us, or a topic may not be looked at.
    """

    def question(admin: KafkaAdminClient) -> Cluster:
        return Cluster(admin.describe_cluster()["cluster_id"], _topics(admin, endpoint))

    return ask(endpoint, settings, question)


def _topics(admin: KafkaAdminClient, endpoint: KafkaEndpoint) -> dict[str, Topic]:
    described = admin.describe_topics(list(endpoint.topics))
    for topic in described:
        if topic["error_code"] not in {0, _UNKNOWN_TOPIC}:
            raise WordCountError(
                f"the topic {topic['name']} of {endpoint.address} cannot be looked at (Kafka's error"
                f" {topic['error_code']}); check that this user may describe it"
            )
    there = [topic for topic in described if topic["error_code"] == 0]
    return {topic["name"]: Topic(topic["name"], str(topic["topic_id"]), len(topic["partitions"])) for topic in there}


def exists(admin: KafkaAdminClient, endpoint: KafkaEndpoint, topic: str) -> bool:
    """Tell whether a cluster has a topic. Asked within ``ask``."""
    return topic in _topics(admin, endpoint._replace(topics=(topic,)))


def ensure(  # each is used
    admin: KafkaAdminClient,
    endpoint: KafkaEndpoint,
    topic: str,
    *,
    partitions: int | None = None,
    replication: int | None = None,
    configs: Mapping[str, str] | None = None,
) -> Topic:
    """Return a topic of the cluster, made if it is missing; None is the cluster's own default then.

    To be asked within ``ask``.

    Raises:
        WordCountError: the topic may not be looked at, or cannot be made.
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
        pass  # another made it meanwhile, which is as good
    except KafkaError as error:
        raise WordCountError(
            f"the topic {topic} is missing at {endpoint.address} and cannot be made: {reason_of(error)};"
            " make it by hand"
            + (f", with {', '.join(f'{name}={value}' for name, value in configs.items())}" if configs else "")
            + ", or ask for what the cluster has"
        ) from error
    return _topics(admin, only)[topic]


def record_limit(admin: KafkaAdminClient, topic: str) -> int:
    """Return how many bytes a record batch of a topic may have: its ``max.message.bytes``. Asked within ``ask``."""
    return int(_config(admin, topic, "max.message.bytes") or _DEFAULT_LIMIT)


def is_compacted(admin: KafkaAdminClient, topic: str) -> bool:
    """Tell whether a topic keeps the last value of each key, as far as may be asked. Asked within ``ask``."""
    return "compact" in (_config(admin, topic, "cleanup.policy") or "compact")


def _config(admin: KafkaAdminClient, topic: str, name: str) -> str | None:
    try:
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
        return str(found["topic"][topic][name]["value"])
    except (KafkaError, KeyError):  # it may not be asked
        return None


def ask(endpoint: KafkaEndpoint, settings: Mapping[str, Any], question: Callable[[KafkaAdminClient], T]) -> T:
    """Return what a cluster answers.

    Raises:
        WordCountError: it does not answer in time, or refuses us.
    """
    answers: list[T] = []

    def work() -> None:
        admin = KafkaAdminClient(
            bootstrap_servers=list(endpoint.servers), bootstrap_timeout_ms=round(_ANSWER_SECONDS * 1000), **settings
        )
        try:
            answers.append(question(admin))
        finally:
            admin.close()

    call = Call(work, settings)
    if not call.wait(lambda: call.seconds < (_NOBODY_SECONDS if call.causes.nobody else 2 * _ANSWER_SECONDS)):
        raise call.failure(endpoint)
    return answers[0]
