"""Topics as source and output of a stream: the cluster is asked before Spark asks it, which tells late what is wrong."""

import logging
from collections.abc import Mapping
from typing import NamedTuple

from producer import client_properties, kafka_cluster
from producer.endpoints import KafkaEndpoint, kafka_endpoint
from producer.errors import UsageError, WordCountError
from producer.terminal import hide


class Found(NamedTuple):
    """Topics that are there: what the state's manifest knows them by."""

    source: str
    ids: str


class Client(NamedTuple):
    """Kafka's ``client.properties``, as Java and as kafka-python take them."""

    properties: Mapping[str, str]
    settings: Mapping[str, object]


def read_client(path: str | None, *, debug: bool) -> Client:
    """Return what is in Kafka's client file; its secrets are shown in no message from then on.

    Raises:
        UsageError: it cannot be read, or does not hold.
    """
    if not debug:
        logging.getLogger("kafka").propagate = False
    properties = client_properties.read(path) if path else {}
    hide(client_properties.secrets(properties))
    return Client(properties, client_properties.for_kafka_python(properties, path or ""))


def find_source(endpoint: KafkaEndpoint, client: Client) -> Found:
    """Return the topics to read.

    Raises:
        WordCountError: the brokers do not answer, refuse us, or lack a topic.
    """
    cluster = kafka_cluster.find(endpoint, client.settings)
    if missing := kafka_cluster.missing(endpoint, cluster):
        raise WordCountError(
            f"{','.join(endpoint.servers)} has no topic {missing[0]}; make it, or let wordcount-producer make it"
        )
    names = sorted(endpoint.topics)
    ids = ", ".join(f"{name} {cluster.topics[name].id}" for name in names)
    return Found(f"kafka://{cluster.id}/{','.join(names)}", ids)


def prepare_output(text: str, source: KafkaEndpoint | None, client: Client) -> KafkaEndpoint:
    """Return the topic to write to; one that is missing is made, to be compacted.

    Raises:
        UsageError: it is no single topic, or one that is read.
        WordCountError: the brokers do not answer, refuse us, or cannot make it.
    """
    endpoint = kafka_endpoint(text)
    (topic, *more) = endpoint.topics
    if more:
        raise UsageError(f"--output {text}: counts go to one topic; name one")
    if source is not None and topic in source.topics:
        raise UsageError(f"--output {text}: the topic {topic} is the source; give another")
    if kafka_cluster.missing(endpoint, kafka_cluster.find(endpoint, client.settings)):
        kafka_cluster.make(endpoint, client.settings, topic, configs={"cleanup.policy": "compact"})
    return endpoint
