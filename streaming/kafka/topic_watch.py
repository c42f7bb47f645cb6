"""Notice when a topic is deleted or recreated while a stream uses it.

Spark reads a recreated topic as if it were the old one, and waits for a missing broker without a word.
"""

import itertools
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from producer.common.errors import WordCountError
from streaming.kafka.losses import RecordsLostError
from streaming.kafka.topics import ChangeKind, KafkaTopics, TopicChange, ask_for_change

#: How often the cluster is asked whether the topics are still the same, in seconds.
POLL_SECONDS = 5.0


class TopicWatch:
    """Polls the brokers, in a thread of its own, for changed topics, from ``start`` to ``stop``.

    As a context manager it starts when entered and stops when left.

    Args:
        topics: the topics to watch.
        warn: shows a warning: when the brokers do not answer, and when they answer again.
        check: looks for what the topics have lost, and raises RecordsLostError.

    Attributes:
        error: what ended the watch; None while all is well. The main thread raises it.
        away: why the brokers do not answer; None while they do.
    """

    def __init__(
        self, topics: KafkaTopics, warn: Callable[[str], None], check: Callable[[], None] = lambda: None
    ) -> None:
        self.error: BaseException | None = None
        self.away: str | None = None
        self._topics = topics
        self._warn = warn
        self._check = check
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="topics", daemon=True)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def stop(self) -> None:
        """Poll no more. A poll that awaits an answer may still end after this returns."""
        self._stop.set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            self._poll()
        except BaseException as error:  # noqa: BLE001  # the main thread raises it
            self.error = error

    def _poll(self) -> None:
        is_away = False
        last_change: TopicChange | None = None
        while not self._stop.wait(POLL_SECONDS):
            try:
                change = ask_for_change(self._topics)
            except WordCountError as error:
                if not is_away and not self._stop.is_set():
                    self._warn(f"warning: {error}; waiting for it, but Spark ends the stream after some minutes")
                is_away, last_change = True, None
                self.away = str(error)
                continue
            if is_away:
                self._warn(f"{self._topics.endpoint.address} answers again")
            is_away, self.away = False, None
            # A broker that has just started may not know a topic yet, so a missing topic is asked for once more.
            if change is not None and (change.kind is ChangeKind.RECREATED or change == last_change):
                raise change.error(is_output=change.topic == self._topics.output)
            last_change = change
            if change is None:
                self._check_losses()

    def _check_losses(self) -> None:
        try:
            self._check()
        except RecordsLostError:
            raise
        except WordCountError:
            pass  # brokers that have gone away meanwhile; the next poll says so


def topic_watches(
    watched: Iterable[KafkaTopics], warn: Callable[[str], None], check: Callable[[], None] = lambda: None
) -> list[TopicWatch]:
    """Return the watches of all topics that a stream reads or writes: one watch for all topics of the same brokers.

    Args:
        watched: the topics; those that are read come first.
        warn: shows a warning.
        check: looks for what the topics that are read have lost.
    """
    by_servers: dict[tuple[str, ...], KafkaTopics] = {}
    for topics in watched:
        servers = topics.endpoint.servers
        by_servers[servers] = by_servers[servers].joined(topics) if servers in by_servers else topics
    checks = itertools.chain([check], itertools.repeat(lambda: None))
    return [TopicWatch(topics, warn, each) for topics, each in zip(by_servers.values(), checks, strict=False)]
