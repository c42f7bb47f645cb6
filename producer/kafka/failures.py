"""Why brokers do not do what they are asked: kafka-python's errors, and the failures it only logs, as one line."""

import logging
import re
import time
from collections.abc import Mapping
from typing import Any, Self

from kafka.errors import (
    AuthorizationError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidRecordError,
    InvalidTopicError,
    InvalidTransactionTimeoutError,
    KafkaConfigurationError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    TransactionalIdAuthorizationFailedError,
    UnknownError,
    UnsupportedVersionError,
)  # fmt: skip

from producer.common.errors import UsageError, WordCountError, foreign, one_line
from producer.kafka.address import KafkaEndpoint, is_topic

#: A broker that hangs up this often during the login refuses it.
_HANG_UPS = 3
#: Answers of healthy brokers, which they would repeat.
_REFUSALS = (
    AuthorizationError, InvalidRecordError, InvalidTopicError, InvalidTransactionTimeoutError, MessageSizeTooLargeError,
    PolicyViolationError, RecordListTooLargeError, UnsupportedVersionError,
)  # fmt: skip

#: What a right is for, by the error of a user who lacks it; for any other error it is a topic.
_RESOURCES = {
    ClusterAuthorizationFailedError: "Cluster",
    GroupAuthorizationFailedError: "Group",
    TransactionalIdAuthorizationFailedError: "TransactionalId",
}
_CODE = re.compile(r"^\[Error \d+\] ")  # kafka-python's number of an error, before its name
_MESSAGE = re.compile(r"""error_message=(?:'([^']+)'|"([^"]+)")""")  # in Python's quotes
_UNKNOWN_NAME = re.compile(r"DNS lookup failed for (\S+:\d+)")

_NO_ANSWER = "no answer"
#: A request.timeout.ms of less than this may be why there is no answer.
_SHORT_TIMEOUT_MS = 5_000
#: Signs in kafka-python's log of failures that no waiting mends, and what they mean. The class of an error is part of
#: its text, and some errors have no class of their own.
_FINAL = {
    "SaslAuthenticationFailed": "refuses the login; check sasl.mechanism, user and password in --kafka-config",
    "CERTIFICATE_VERIFY_FAILED": "has a certificate that is not trusted; check ssl.truststore in --kafka-config",
    **dict.fromkeys(
        ("ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE_", "ALERT_UNKNOWN_CA"),  # what OpenSSL calls a broker's refusals
        "asks for a client certificate that it trusts; check ssl.keystore in --kafka-config",
    ),
    "UnsupportedSaslMechanism": "does not offer this sasl.mechanism; check it in --kafka-config",
    "WRONG_VERSION_NUMBER": "speaks no TLS at this port; check security.protocol in --kafka-config and the port",
    "'MetadataRequest'": "is the port of a controller, which serves no clients; give a broker's",
    "Invalid frame length": "speaks another protocol at this port; check security.protocol in --kafka-config",
}
#: Signs that no broker is there, and what they mean.
_UNREACHABLE = {
    "DNS": "its name is not known",
    "ECONNREFUSED": "nothing listens there",
}
#: Signs of failures that may pass, and what they mean; of several in one message, the last counts.
_PASSING = {
    "disconnected": "it hangs up: it is starting or stopping, or expects another security.protocol",
    "timed out": _NO_ANSWER,
    "NotEnoughReplicas": "fewer replicas are in sync than min.insync.replicas asks for",
    "LeaderNotAvailable": "a partition has no leader",
} | _UNREACHABLE
#: The loggers that warn of connections, and what they say of a healthy broker too.
_LOGGERS = ("kafka.net", "kafka.producer")
_HARMLESS = ("in the clear", "deprecated")
#: What kafka-python says of a broker that makes a client wait because of a quota; its answers come late then.
_THROTTLED, _THROTTLES = "throttled by broker", "it throttles this client"


class RefusedError(WordCountError):
    """The brokers refuse the client; no waiting mends that."""


class FailureLog(logging.Handler):
    """Why connections fail, which kafka-python only logs. As a context manager, it listens.

    Args:
        settings: kafka-python's settings of the connections.

    Attributes:
        last: when something last failed, by ``time.monotonic``; None if nothing did.
        final: the failure that no waiting mends; None if there is none.
        passing: the last failure that may pass.
        is_throttled: a broker has said that it makes the client wait.
        given: the addresses, HOST:PORT, that the brokers give as their own, as far as they are known.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(logging.WARNING)
        self._logs_in = str(settings.get("security_protocol")).startswith("SASL")
        timeout = settings.get("request_timeout_ms", _SHORT_TIMEOUT_MS)
        is_short = timeout < _SHORT_TIMEOUT_MS
        self._no_answer = (
            f"no answer within the request.timeout.ms={timeout} of --kafka-config" if is_short else _NO_ANSWER
        )
        self.is_throttled = False
        self._hang_ups = 0
        self._timed_out = False
        self.last: float | None = None
        self.final: str | None = None
        self.passing = self._no_answer
        self.given: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take in a message."""
        message = record.getMessage()
        if not record.name.startswith(_LOGGERS) or any(sign in message for sign in _HARMLESS):
            return
        if _THROTTLED in message:
            self.is_throttled = True
            self.note_throttling()
            return
        self.last = time.monotonic()
        for sign, meaning in _FINAL.items():
            if sign in message:
                self.final = meaning
        for sign, meaning in _PASSING.items():
            # After a timeout the client itself disconnects, which is not the reason.
            if sign in message and not (self._timed_out and sign == "disconnected"):
                self.passing = self._no_answer if meaning is _NO_ANSWER else meaning
        self._timed_out = self.passing == self._no_answer
        self.given += _UNKNOWN_NAME.findall(message)
        # A broker answers a wrong password and hangs up at once; kafka-python mostly notices only the latter.
        self._hang_ups += "Bootstrap connection" in message and "disconnected" in message
        if self._logs_in and self._hang_ups >= _HANG_UPS:
            self.final = _FINAL["SaslAuthenticationFailed"]

    def note_throttling(self) -> None:
        """Note that a quota may be why there is no answer."""
        self.passing = self._no_answer = _THROTTLES

    @property
    def is_unreachable(self) -> bool:
        """Whether no broker is there, as far as is known."""
        return self.passing in _UNREACHABLE.values()

    def __enter__(self) -> Self:
        logging.getLogger("kafka").addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        logging.getLogger("kafka").removeHandler(self)


def explained(error: BaseException | None, endpoint: KafkaEndpoint, failures: FailureLog) -> BaseException:
    """Return an error that says in one line what went wrong; an error that Kafka did not cause is returned as it is.

    Args:
        error: what kafka-python raised; None if it did not answer in time.
        endpoint: the brokers.
        failures: why connections failed meanwhile.
    """
    if isinstance(error, (KafkaConfigurationError, OSError, ValueError, AssertionError)):
        reason = one_line(error).removeprefix("KafkaConfigurationError: ")
        return UsageError(f"--kafka-config: kafka-python rejects the settings: {reason}; correct the file")
    if error is not None and not isinstance(error, KafkaError):
        return error
    if failures.final is not None:
        return RefusedError(f"{endpoint.address} {failures.final}")
    if error is None or isinstance(error, (KafkaTimeoutError, KafkaConnectionError)):
        return _unanswered(endpoint, failures)
    kind = RefusedError if isinstance(error, _REFUSALS) else WordCountError
    return kind(f"Kafka at {endpoint.address}: {reason_of(error)}")


def _unanswered(endpoint: KafkaEndpoint, failures: FailureLog) -> WordCountError:
    """Return the error for brokers that have not answered in time."""
    if failures.passing == _THROTTLES:
        return WordCountError(
            f"{endpoint.address} throttles this client, and does in time only a part of what it is asked; raise the"
            " quota of the client (producer_byte_rate, request_percentage), or wait for longer, with more --patience"
        )
    if elsewhere := sorted(set(failures.given) - set(endpoint.servers)):
        return WordCountError(
            f"the Kafka broker at {endpoint.address} answers, and gives {', '.join(elsewhere)} as the address to"
            f" use, where none answers ({failures.passing}); correct advertised.listeners of the broker, or let"
            " this machine reach that address"
        )
    return WordCountError(
        f"no Kafka broker answers at {endpoint.address} ({failures.passing}); check the address, or start the broker"
    )


def lacking(error: AuthorizationError, right: str, name: str) -> str:
    """Return which right a user lacks.

    Args:
        error: the refusal.
        right: the operation that the user may not do.
        name: what it is done to, unless the error names it.

    >>> lacking(TransactionalIdAuthorizationFailedError(), "WRITE", "wordcount.lines.host")
    'this user lacks the right WRITE on TransactionalId wordcount.lines.host; grant it'
    """
    resource = next((known for kind, known in _RESOURCES.items() if isinstance(error, kind)), "Topic")
    named = error.args[0] if error.args and resource == "Topic" else name
    topics = sorted(named) if isinstance(named, set) else [named if is_topic(str(named)) else name]
    return f"this user lacks the right {right} on {resource} {', '.join(topics)}; grant it"


def reason_of(error: BaseException) -> str:
    """Return what a broker answered, without the request that it refused."""
    if isinstance(error, UnknownError):
        return "the broker failed, and its log alone says why"
    text = _CODE.sub("", " ".join(str(error).split()))
    message = _MESSAGE.search(text)
    return foreign((message[1] or message[2] if message else text.partition(": Request '")[0][:300]).rstrip("."))
