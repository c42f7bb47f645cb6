"""A stream ends when one of its topics is deleted or recreated, and not because a broker has just come back."""

import threading
from collections.abc import Callable, Iterator

import pytest

from producer.common.errors import WordCountError
from producer.kafka import admin
from producer.kafka.address import kafka_endpoint
from producer.kafka.client_config import Client
from streaming.kafka import topic_watch
from streaming.kafka.losses import RecordsLostError
from streaming.kafka.topic_watch import TopicWatch, topic_watches
from streaming.kafka.topics import ChangeKind, KafkaTopics, TopicChange, find_change
from tests.support.processes import wait_until

#: What the brokers answer to one poll: the id of each topic, or that nobody answers.
Answer = dict[str, str] | WordCountError
Watched = Callable[..., TopicWatch]


def topics(ids: dict[str, str], servers: str = "a:9092", output: str = "") -> KafkaTopics:
    return KafkaTopics(
        kafka_endpoint(f"kafka://{servers}/{','.join(ids)}"), Client({}, {}, {}), ids, record_limit=7, output=output
    )


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """Return a function that watches the topic ``lines``, of id 1, while the brokers give the answers.

    The watch is returned when it has taken in all answers, or has ended with an error.
    """
    monkeypatch.setattr(topic_watch, "POLL_SECONDS", 0)
    is_over = threading.Event()

    def watch(*answers: Answer, warnings: list[str] | None = None) -> TopicWatch:
        left = list(answers)
        is_asked_for_more = threading.Event()

        def find(*_: object) -> admin.Cluster:
            if not left:
                is_asked_for_more.set()
                is_over.wait()
                return admin.Cluster("cluster", {"lines": admin.Topic("lines", "1", 1)})
            answer = left.pop(0)
            if isinstance(answer, WordCountError):
                raise answer
            return admin.Cluster("cluster", {name: admin.Topic(name, id_, 1) for name, id_ in answer.items()})

        monkeypatch.setattr(admin, "find", find)
        watching = TopicWatch(topics({"lines": "1"}), [].append if warnings is None else warnings.append)
        watching.start()
        wait_until(lambda: is_asked_for_more.is_set() or watching.error is not None, "the answers to be taken in")
        watching.stop()
        return watching

    yield watch
    is_over.set()


_SAME, _RECREATED, _MISSING = {"lines": "1"}, {"lines": "2"}, dict[str, str]()


def test_a_topic_that_stays_the_same_ends_nothing(watched: Watched) -> None:
    assert watched(_SAME, _SAME).error is None


def test_a_topic_that_is_missing_once_is_asked_for_again(watched: Watched) -> None:
    assert watched(_SAME, _MISSING, _SAME, _MISSING, _SAME).error is None


def test_a_topic_that_is_missing_twice_was_deleted(watched: Watched) -> None:
    error = watched(_SAME, _MISSING, _MISSING).error

    assert isinstance(error, WordCountError)
    assert str(error).startswith("the topic lines was deleted; ")


def test_a_topic_with_another_id_ends_the_stream_at_once(watched: Watched) -> None:
    error = watched(_SAME, _RECREATED, _SAME).error

    assert isinstance(error, WordCountError)
    assert "the topic lines was deleted and recreated" in str(error)


@pytest.mark.parametrize(
    ("output", "part", "other"),
    [
        ("lines", "the output topic lines was deleted and recreated; run the same command again", "--after-loss"),
        ("counts", "the topic lines was deleted and recreated; give another --output", "output topic"),
    ],
)
def test_what_to_do_is_another_thing_for_an_output_topic(
    monkeypatch: pytest.MonkeyPatch, output: str, part: str, other: str
) -> None:
    monkeypatch.setattr(topic_watch, "POLL_SECONDS", 0)
    monkeypatch.setattr(admin, "find", lambda *_: admin.Cluster("cluster", {"lines": admin.Topic("lines", "2", 1)}))
    with TopicWatch(topics({"lines": "1"}, output=output), print) as watch:
        wait_until(lambda: watch.error is not None, "the error")

    assert part in str(watch.error)
    assert other not in str(watch.error)


def test_a_broker_that_has_come_back_is_asked_twice(watched: Watched) -> None:
    warnings: list[str] = []
    away = WordCountError("no Kafka broker answers at a:9092")

    assert watched(_MISSING, away, away, _MISSING, _SAME, warnings=warnings).error is None
    assert [warning.partition(";")[0] for warning in warnings] == [
        "warning: no Kafka broker answers at a:9092", "a:9092 answers again",
    ]  # fmt: skip


def test_a_watch_does_nothing_before_it_starts_and_ends_with_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_watch, "POLL_SECONDS", 0)
    polled = threading.Event()
    others = set(threading.enumerate())  # one of an earlier test may still end

    def find(*_: object) -> admin.Cluster:
        polled.set()
        return admin.Cluster("cluster", {"lines": admin.Topic("lines", "1", 1)})

    monkeypatch.setattr(admin, "find", find)
    watch = TopicWatch(topics(_SAME), print)
    assert set(threading.enumerate()) <= others
    with watch:
        assert polled.wait(10)
    wait_until(lambda: set(threading.enumerate()) <= others, "the thread to end")
    assert watch.error is None


def test_topics_of_the_same_brokers_are_watched_together() -> None:
    assert len(topic_watches([topics({"a": "1"}), topics({"b": "2"})], print)) == 1
    assert len(topic_watches([topics({"a": "1"}), topics({"b": "2"}, "other:9092")], print)) == 2
    assert topic_watches([], print) == []
    joined = topics({"a": "1"}).joined(topics({"b": "2"}, output="b"))
    assert (joined.endpoint.topics, joined.ids, joined.output) == (("a", "b"), {"a": "1", "b": "2"}, "b")


@pytest.mark.parametrize(
    ("current", "change"),
    [
        ({"a": "1", "b": "2", "c": "3"}, None),
        ({"a": "1"}, TopicChange("b", ChangeKind.DELETED)),
        ({"a": "1", "b": "3"}, TopicChange("b", ChangeKind.RECREATED)),
    ],
)
def test_what_changed(current: dict[str, str], change: TopicChange | None) -> None:
    assert find_change({"a": "1", "b": "2"}, current) == change


def test_of_topics_whose_ids_are_not_known_none_is_said_to_be_deleted() -> None:
    assert find_change({}, {"lines": "1"}) is None


@pytest.mark.parametrize(
    ("raised", "ends"), [(RecordsLostError("lost"), True), (WordCountError("no Kafka broker answers"), False)]
)
def test_a_loss_ends_the_stream_and_brokers_that_go_away_do_not(
    monkeypatch: pytest.MonkeyPatch, raised: WordCountError, *, ends: bool
) -> None:
    monkeypatch.setattr(topic_watch, "POLL_SECONDS", 0)
    monkeypatch.setattr(admin, "find", lambda *_: admin.Cluster("cluster", {"lines": admin.Topic("lines", "1", 1)}))
    asked = threading.Semaphore(0)

    def check() -> None:
        asked.release()
        raise raised

    with TopicWatch(topics(_SAME), print, check) as watch:
        assert asked.acquire(timeout=10)
        wait_until(
            lambda: watch.error is raised if ends else asked.acquire(blocking=False), "the next poll or the error"
        )
    assert (watch.error is raised) == ends
