"""What a Kafka cluster says of itself: is it there, may we in, which topics has it; and make one that is missing."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self, TypeVar

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError

from producer.endpoints import KafkaEndpoint
from producer.errors import UsageError, WordCountError

#: How long a cluster may take to answer before it is taken for one that is not there.
_ANSWER_SECONDS = 10.0
#: The same where it is told that nobody is there, which may pass while a broker starts.
_NOBODY_SECONDS = 3.0
#: What a broker takes by default in one record batch, in bytes (its ``message.max.bytes``).
_DEFAULT_LIMIT = 1_048_588
_LOOK_SECONDS = 0.02
#: So often a broker hangs up during the login before that is taken for its answer.
_HANGUPS = 3
_UNKNOWN_TOPIC = 3  # as Kafka's protocol numbers errors

T = TypeVar("T")


class RefusedError(WordCountError):
    """The brokers refuse us, which no waiting mends."""


class Topic(NamedTuple):
    """A topic; one deleted and made anew under its name has another ``id``."""

    name: str
    id: str
    partitions: int


class Cluster(NamedTuple):
    """A cluster's id, and those of the topics asked for that it has."""

    id: str
    topics: dict[str, Topic]


class Causes(logging.Handler):
    """Why connections fail, which kafka-python tells its log alone; as a context, it listens."""

    #: Signs in its log of what no waiting mends, and what to tell of it.
    _FINAL = (
        ("SaslAuthenticationFailed", "refuses the login; check sasl.mechanism, user and password in --kafka-config"),
        ("CERTIFICATE_VERIFY_FAILED", "has a certificate that is not trusted; check ssl.truststore in --kafka-config"),
        ("UnsupportedSaslMechanism", "does not offer this sasl.mechanism; check it in --kafka-config"),
        ("WRONG_VERSION_NUMBER", "speaks no TLS at this port; check security.protocol in --kafka-config and the port"),
        ("Invalid frame length", "speaks another protocol at this port; check security.protocol in --kafka-config"),
    )
    _NOBODY = (
        ("DNS", "its name is not known"),
        ("ECONNREFUSED", "nothing listens there"),
    )
    _PASSING = (
        *_NOBODY,
        ("disconnected", "it hangs up, as one does that expects another security.protocol"),
    )

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(logging.WARNING)
        self._logs_in = str(settings.get("security_protocol")).startswith("SASL")
        self._hangups = 0
        self.heard: float | None = None  #: when something last failed, by ``time.monotonic``
        self.final: str | None = None  #: what no waiting mends
        self.passing = "no answer"  #: what may pass

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a message."""
        message = record.getMessage()
        self.heard = time.monotonic()
        for sign, meaning in self._FINAL:
            if sign in message:
                self.final = meaning
        for sign, meaning in self._PASSING:
            if sign in message:
                self.passing = meaning
        # A broker answers a wrong password, and hangs up at once; kafka-python mostly sees the latter only.
        self._hangups += "Bootstrap connection" in message and "disconnected" in message
        if self._logs_in and self._hangups >= _HANGUPS:
            self.final = self._FINAL[0][1]

    @property
    def nobody(self) -> bool:
        """Nobody is there, as far as is heard."""
        return self.passing in dict(self._NOBODY).values()

    def __enter__(self) -> Self:
        logging.getLogger("kafka").addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        logging.getLogger("kafka").removeHandler(self)


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


def ensure(  # noqa: PLR0913  # each is used
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
            f"the topic {topic} is missing at {endpoint.address} and cannot be made: {_reason(error)};"
            " make it by hand, or allow it"
        ) from error
    return _topics(admin, only)[topic]


def record_limit(admin: KafkaAdminClient, topic: str) -> int:
    """Return how many bytes a record batch of a topic may have: its ``max.message.bytes``. Asked within ``ask``."""
    try:
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
        return int(found["topic"][topic]["max.message.bytes"]["value"])
    except (KafkaError, KeyError, ValueError):  # it may not be asked
        return _DEFAULT_LIMIT


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

    with Causes(settings) as causes:
        worker, errors = started(work)
        asked = time.monotonic()

        def patient() -> bool:
            return time.monotonic() - asked < (_NOBODY_SECONDS if causes.nobody else 2 * _ANSWER_SECONDS)

        while worker.is_alive() and causes.final is None and patient():
            worker.join(_LOOK_SECONDS)
    if answers:
        return answers[0]
    raise told(errors[0] if errors else None, endpoint, causes)


def started(action: Callable[[], None]) -> tuple[threading.Thread, list[BaseException]]:
    """Do something in a thread that can be left behind, as kafka-python may wait without end.

    Returns:
        The thread, and where it puts the error that ended it.
    """
    errors: list[BaseException] = []

    def work() -> None:
        try:
            action()
        except BaseException as error:  # noqa: BLE001  # for the one who waits to raise
            errors.append(error)

    thread = threading.Thread(target=work, name="kafka", daemon=True)
    thread.start()
    return thread, errors


def told(error: BaseException | None, endpoint: KafkaEndpoint, causes: Causes) -> BaseException:
    """Return what went wrong as a line for the person at the terminal; what is no matter of Kafka stays as it is."""
    if error is not None and not isinstance(error, KafkaError):
        return error if isinstance(error, WordCountError) else _of_the_settings(error)
    servers = endpoint.address
    if causes.final is not None:
        return RefusedError(f"{servers} {causes.final}")
    if error is None or "bootstrap" in str(error):
        return WordCountError(
            f"no Kafka broker answers at {servers} ({causes.passing}); check the address, or start the broker"
        )
    return WordCountError(f"Kafka at {servers}: {_reason(error)}")


def _of_the_settings(error: BaseException) -> BaseException:
    if isinstance(error, (OSError, ValueError, AssertionError)):
        return UsageError(f"--kafka-config: {type(error).__name__}: {error}; check what the file names")
    return error


def _reason(error: BaseException) -> str:
    """Return what a broker said, without the whole of the request that it refused."""
    text = " ".join(str(error).split())
    _, found, message = text.partition("error_message='")
    return (message.partition("'")[0] if found else text.partition(": Request '")[0][:300]).rstrip(".")
