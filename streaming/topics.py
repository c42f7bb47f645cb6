"""Topics as source and output of a stream: the cluster is asked before Spark asks it, and tells late what is amiss."""

import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

from producer.client_properties import Client
from producer.endpoints import KafkaEndpoint, kafka_endpoint
from producer.errors import UsageError, WordCountError

#: How often a cluster is asked whether a topic is still the same.
_WATCH_SECONDS = 5.0


class Found(NamedTuple):
    """What the state's manifest knows topics by; one deleted and made anew has another id."""

    source: str
    ids: str


class Topics(NamedTuple):
    """Topics to read.

    Attributes:
        endpoint: the brokers and the topics.
        client: how to reach them.
        ids: those of the topics, as ``find_source`` returns them.
        start: ``earliest`` or ``latest``, where a first run begins; a later one goes on where the former ended.
        max_per_batch: how many records a batch takes at most.
    """

    endpoint: KafkaEndpoint
    client: Client
    ids: str
    start: str
    max_per_batch: int


class OutputTopic(NamedTuple):
    """The topic that counts go to; ``ids`` as those of ``Topics``."""

    endpoint: KafkaEndpoint
    client: Client
    ids: str


def find_source(endpoint: KafkaEndpoint, client: Client) -> Found:
    """Return the topics to read.

    Raises:
        WordCountError: the brokers do not answer, refuse us, or lack a topic.
    """
    from producer import kafka_cluster  # noqa: PLC0415  # 0.2 s that a folder does not need

    cluster = kafka_cluster.find(endpoint, client.settings)
    if missing := [name for name in endpoint.topics if name not in cluster.topics]:
        raise WordCountError(
            f"{endpoint.address} has no topic {missing[0]}; make it, or let wordcount-producer make it"
        )
    names = sorted(endpoint.topics)
    ids = ", ".join(f"{name} {cluster.topics[name].id}" for name in names)
    return Found(f"kafka://{','.join(names)} of cluster {cluster.id}", ids)


def prepare_output(text: str, source: KafkaEndpoint | None, client: Client) -> OutputTopic:
    """Return the topic to write to; one that is missing is made, to be compacted.

    Raises:
        UsageError: it is no single topic, or one that is read.
        WordCountError: the brokers do not answer, refuse us, or cannot make it.
    """
    from producer import kafka_cluster  # noqa: PLC0415  # 0.2 s that a folder does not need

    endpoint = kafka_endpoint(text)
    (topic, *more) = endpoint.topics
    if more:
        raise UsageError(f"--output {text}: counts go to one topic; name one")
    if source is not None and topic in source.topics:
        raise UsageError(f"--output {text}: the topic {topic} is the source; give another")
    found = kafka_cluster.ask(
        endpoint,
        client.settings,
        lambda admin: kafka_cluster.ensure(admin, endpoint, topic, configs={"cleanup.policy": "compact"}),
    )
    return OutputTopic(endpoint, client, f"{topic} {found.id}")


class Watch:
    """Asks, in a thread of its own, whether topics are still the same: Spark reads one made anew as if it went on.

    Args:
        topics: those that are read, or the one that is written to.
        warn: told when the brokers do not answer, which Spark waits for without a word.
    """

    def __init__(self, topics: Topics | OutputTopic, warn: Callable[[str], None]) -> None:
        self.error: WordCountError | None = None
        self._topics = topics
        self._warn = warn
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="topics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stop.set()

    def _run(self) -> None:
        from producer import kafka_cluster  # noqa: PLC0415  # as above

        warned = False
        while self.error is None and not self._stop.wait(_WATCH_SECONDS):
            try:
                cluster = kafka_cluster.find(self._topics.endpoint, self._topics.client.settings)
            except WordCountError as error:
                if not warned and not self._stop.is_set():
                    self._warn(f"{error}; waiting for it")
                warned = True
                continue
            warned = False
            now = {name: topic.id for name, topic in cluster.topics.items()}
            self.error = changed(self._topics.ids, now)


def changed(ids: str, now: Mapping[str, str]) -> WordCountError | None:
    """Return the error where topics are not those with ``ids`` any more, as ``find_source`` returned them.

    >>> changed("lines 1, words 2", {"lines": "1", "words": "2"})
    >>> changed("lines 1", {"lines": "2"})
    WordCountError('the topic lines was deleted and made anew; give another --output or --checkpoint to count it anew')
    """
    for entry in ids.split(", "):
        name, _, id_ = entry.partition(" ")
        if now.get(name) != id_:
            what = "deleted and made anew" if name in now else "deleted"
            return WordCountError(
                f"the topic {name} was {what}; give another --output or --checkpoint to count it anew"
            )
    return None
