"""Topics as source and output of a stream: the cluster is asked before Spark asks it, and tells late what is amiss."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from producer.common.errors import UsageError, WordCountError
from producer.kafka.address import KafkaEndpoint, kafka_endpoint
from producer.kafka.client_config import Client

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

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
    from producer.kafka import admin as kafka_cluster  # noqa: PLC0415  # 0.2 s that a folder does not need

    cluster = kafka_cluster.find(endpoint, client.settings)
    if missing := [name for name in endpoint.topics if name not in cluster.topics]:
        raise WordCountError(
            f"{endpoint.address} has no topic {missing[0]}; make it, or let wordcount-producer make it"
        )
    names = sorted(endpoint.topics)
    ids = ", ".join(f"{name} {cluster.topics[name].id}" for name in names)
    return Found(f"kafka://{','.join(names)} of cluster {cluster.id}", ids)


def prepare_output(text: str, source_ids: str | None, client: Client, say: Callable[[str], None]) -> OutputTopic:
    """Return the topic to write to; one that is missing is made, to be compacted.

    Args:
        text: its address.
        source_ids: those of the topics that are read, as ``find_source`` returns them; None where none is.
        client: how to reach the brokers.
        say: shows a message to the person at the terminal.

    Raises:
        UsageError: it is no single topic, or one that is read.
        WordCountError: the brokers do not answer, refuse us, or cannot make it.
    """
    from producer.kafka import admin as kafka_cluster  # noqa: PLC0415  # 0.2 s that a folder does not need

    endpoint = kafka_endpoint(text)
    (topic, *more) = endpoint.topics
    if more:
        raise UsageError(f"--output {text}: counts go to one topic; name one")

    def question(admin: "KafkaAdminClient") -> tuple[kafka_cluster.Topic, bool]:
        made = kafka_cluster.ensure(admin, endpoint, topic, configs={"cleanup.policy": "compact"})
        return made, kafka_cluster.is_compacted(admin, topic)

    found, compacted = kafka_cluster.ask(endpoint, client.settings, question)
    ids = f"{topic} {found.id}"
    if source_ids is not None and ids in source_ids.split(", "):
        raise UsageError(f"--output {text}: the topic {topic} is the source; give another")
    if not compacted:
        say(f"warning: the topic {topic} is not compacted, and keeps all counts that ever were; cleanup.policy=compact")
    return OutputTopic(endpoint, client, ids)


class Watch:
    """Asks, in a thread of its own, whether topics are still the same: Spark reads one made anew as if it went on.

    Args:
        endpoint: the brokers, and the topics that are read or written to.
        client: how to reach them.
        ids: those of the topics, as ``find_source`` returns them.
        warn: told when the brokers do not answer, which Spark waits for without a word, and when they do again.
    """

    def __init__(self, endpoint: KafkaEndpoint, client: Client, ids: str, warn: Callable[[str], None]) -> None:
        self.error: BaseException | None = None
        self._endpoint = endpoint
        self._client = client
        self._ids = ids
        self._warn = warn
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="topics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stop.set()

    def _run(self) -> None:
        try:
            self._watch()
        except BaseException as error:  # noqa: BLE001  # the main thread raises it
            self.error = error

    def _watch(self) -> None:
        from producer.kafka import admin as kafka_cluster  # noqa: PLC0415  # as above

        warned, gone = False, False
        while not self._stop.wait(_WATCH_SECONDS):
            try:
                cluster = kafka_cluster.find(self._endpoint, self._client.settings)
            except WordCountError as error:
                if not warned and not self._stop.is_set():
                    self._warn(f"warning: {error}; waiting for it, and Spark ends the stream after some minutes")
                warned = True
                continue
            if warned:
                self._warn(f"{self._endpoint.address} answers again")
            warned = False
            now = {name: topic.id for name, topic in cluster.topics.items()}
            amiss = changed(self._ids, now)
            if amiss is not None and (gone or "anew" in str(amiss)):
                raise amiss
            gone = amiss is not None  # a broker that just started may not know a topic yet: it is asked once more


def watches(source: object, output: OutputTopic | None, warn: Callable[[str], None]) -> list[Watch]:
    """Return what watches the topics that are read and written to; those of the same brokers are watched together."""
    watched = [topics for topics in (source, output) if isinstance(topics, (Topics, OutputTopic))]
    if len(watched) == 2 and watched[0].endpoint.servers == watched[1].endpoint.servers:  # noqa: PLR2004  # both
        first, second = watched
        both = first.endpoint._replace(topics=first.endpoint.topics + second.endpoint.topics)
        return [Watch(both, first.client, f"{first.ids}, {second.ids}", warn)]
    return [Watch(topics.endpoint, topics.client, topics.ids, warn) for topics in watched]


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
