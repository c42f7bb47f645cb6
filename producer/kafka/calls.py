"""Calls to kafka-python, which may wait without end and tells its log alone why: how long, and what to make of it."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from kafka.errors import (
    AuthorizationError,
    InvalidRecordError,
    InvalidTopicError,
    InvalidTransactionTimeoutError,
    KafkaConfigurationError,
    KafkaError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    UnsupportedVersionError,
)  # fmt: skip

from producer.common.errors import UsageError, WordCountError, one_line
from producer.kafka.address import KafkaEndpoint

_LOOK_SECONDS = 0.05
#: So often a broker hangs up during the login before that is taken for its answer.
_HANGUPS = 3
_NO_ANSWER = "no answer"


#: What brokers answer that are well, and answer again.
_REFUSALS = (
    AuthorizationError, InvalidRecordError, InvalidTopicError, InvalidTransactionTimeoutError, MessageSizeTooLargeError,
    PolicyViolationError, RecordListTooLargeError, UnsupportedVersionError,
)  # fmt: skip


class RefusedError(WordCountError):
    """The brokers refuse us, which no waiting mends."""


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
        ("disconnected", "it hangs up: it starts or ends just now, or expects another security.protocol"),
        ("timed out", _NO_ANSWER),
    )
    #: Who warns of connections, and what a broker that is well is warned of, too.
    _LOGGERS = ("kafka.net", "kafka.producer")
    _HARMLESS = ("throttled by broker", "in the clear", "deprecated")

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(logging.WARNING)
        self._logs_in = str(settings.get("security_protocol")).startswith("SASL")
        self._hangups = 0
        self.heard: float | None = None  #: when something last failed, by ``time.monotonic``
        self.final: str | None = None  #: what no waiting mends
        self.passing = _NO_ANSWER  #: what may pass
        self._timed_out = False

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a message."""
        message = record.getMessage()
        if not record.name.startswith(self._LOGGERS) or any(sign in message for sign in self._HARMLESS):
            return
        self.heard = time.monotonic()
        for sign, meaning in self._FINAL:
            if sign in message:
                self.final = meaning
        for sign, meaning in self._PASSING:
            if sign in message and not (self._timed_out and sign == "disconnected"):  # by us, when we waited in vain
                self.passing = meaning
        self._timed_out = self.passing == _NO_ANSWER
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


class Call:
    """Something that asks the brokers, under way in a thread of its own, which can be left behind.

    Args:
        action: what to do.
        settings: those of kafka-python's connections.

    Attributes:
        causes: why connections fail meanwhile.
        error: what ended it, None where nothing did.
    """

    def __init__(self, action: Callable[[], None], settings: Mapping[str, Any]) -> None:
        self.causes = Causes(settings).__enter__()  # until it has been waited for
        self.error: BaseException | None = None
        self._begun = time.monotonic()
        self._action = action
        self._thread = threading.Thread(target=self._work, name="kafka", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self._action()
        except BaseException as error:  # noqa: BLE001  # for the one who waits to raise
            self.error = error

    @property
    def seconds(self) -> float:
        """How long ago it was begun."""
        return time.monotonic() - self._begun

    def wait(self, patient: Callable[[], bool]) -> bool:
        """Wait until it has ended, is refused, or ``patient``, asked again and again, says no.

        Returns:
            Whether it was done.
        """
        with self.causes:
            while self._thread.is_alive() and self.causes.final is None and patient():
                self._thread.join(_LOOK_SECONDS)
        return not self._thread.is_alive() and self.error is None

    def failure(self, endpoint: KafkaEndpoint) -> BaseException:
        """Return why it was not done, as ``told`` has it."""
        return told(self.error, endpoint, self.causes)


def told(error: BaseException | None, endpoint: KafkaEndpoint, causes: Causes) -> BaseException:
    """Return what went wrong as a line for the person at the terminal; what is no matter of Kafka stays as it is."""
    if isinstance(error, (KafkaConfigurationError, OSError, ValueError, AssertionError)):
        reason = one_line(error).removeprefix("KafkaConfigurationError: ")
        return UsageError(f"--kafka-config: Kafka's client does not take it: {reason}; check what the file names")
    if error is not None and not isinstance(error, KafkaError):
        return error
    servers = endpoint.address
    if causes.final is not None:
        return RefusedError(f"{servers} {causes.final}")
    if error is None or "bootstrap" in str(error):
        return WordCountError(
            f"no Kafka broker answers at {servers} ({causes.passing}); check the address, or start the broker"
        )
    kind = RefusedError if isinstance(error, _REFUSALS) else WordCountError
    return kind(f"Kafka at {servers}: {reason_of(error)}")


def reason_of(error: BaseException) -> str:
    """Return what a broker said, without the whole of the request that it refused."""
    text = " ".join(str(error).split())
    _, found, message = text.partition("error_message='")
    return (message.partition("'")[0] if found else text.partition(": Request '")[0][:300]).rstrip(".")
