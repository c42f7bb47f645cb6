"""Calls to brokers, with a timeout. kafka-python has none for many calls, and brokers may be away for a while."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from kafka.errors import AuthorizationError, ProducerFencedError

from producer.common.errors import WordCountError
from producer.kafka.address import KafkaEndpoint
from producer.kafka.failures import FailureLog, RefusedError, explained, lacking
from producer.kafka.position_topic import position_topic_name
from producer.kafka.topic_options import TopicOptions

_POLL_SECONDS = 0.05
#: A producer that has not gone on this long after the last failure in its log is stuck.
_STUCK_SECONDS = 10.0
#: How long a broker may be silent before that is worth a message.
_SILENT_SECONDS = 2.0
#: The same if nothing has failed: over a slow line a transaction takes some time.
_SLOW_SECONDS = 5.0


class Call:
    """A call to the brokers in a thread of its own, which can be left behind.

    Args:
        action: makes the call.
        settings: kafka-python's settings of the connections.

    Attributes:
        failures: why connections fail during the call.
        error: what the call raised; None if it did not.
    """

    def __init__(self, action: Callable[[], None], settings: Mapping[str, Any]) -> None:
        self.failures = FailureLog(settings)
        self.error: BaseException | None = None
        self._action = action
        self._started = 0.0
        self._thread = threading.Thread(target=self._run, name="kafka", daemon=True)

    def start(self) -> Self:
        """Start the call, and return it."""
        self._started = time.monotonic()
        self._thread.start()
        return self

    def _run(self) -> None:
        with self.failures:
            try:
                self._action()
            except BaseException as error:  # noqa: BLE001  # the thread that waits raises it
                self.error = error

    @property
    def seconds(self) -> float:
        """How long ago the call was started."""
        return time.monotonic() - self._started

    def wait(self, may_go_on: Callable[[], bool]) -> bool:
        """Wait until the call ends, is refused, or ``may_go_on``, which is asked again and again, answers no.

        Returns:
            Whether the call succeeded.
        """
        while self._thread.is_alive() and self.failures.final is None and may_go_on():
            self._thread.join(_POLL_SECONDS)
        return not self._thread.is_alive() and self.error is None

    def wait_for(self, seconds: float) -> bool:
        """Wait for at most ``seconds``; see ``wait``."""
        return self.wait(lambda: self.seconds < seconds)

    def failure(self, endpoint: KafkaEndpoint) -> BaseException:
        """Return why the call did not succeed; see ``explained``."""
        return explained(self.error, endpoint, self.failures)


class PatientCalls:
    """Calls of one producer, each awaited until a deadline, with a message if that takes long.

    Args:
        endpoint: the brokers.
        settings: kafka-python's settings of the connections.
        options: the name of the producer, and its patience, for messages.
        say: shows a message to the user.
    """

    def __init__(
        self, endpoint: KafkaEndpoint, settings: Mapping[str, Any], options: TopicOptions, say: Callable[[str], None]
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._options = options
        self._say = say
        self._is_throttled = False
        self._has_warned = False  # that a broker does not answer

    def start(self, action: Callable[[], None]) -> Call:
        """Start a call."""
        call = Call(action, self._settings)
        if self._is_throttled:  # what the brokers have announced in answers to the call before
            call.failures.note_throttling()
        return call.start()

    def run(self, action: Callable[[], None], deadline: float) -> None:
        """Start a call, and wait for it; see ``wait``."""
        self.wait(self.start(action), deadline)

    def wait(self, call: Call, deadline: float) -> None:
        """Wait until a call has ended, seems to be stuck, or the deadline has passed.

        Raises:
            RefusedError: no waiting mends the failure.
            WordCountError: the call failed, or did not end.
        """

        def may_go_on() -> bool:
            last = call.failures.last
            if not self._has_warned and call.seconds > (_SLOW_SECONDS if last is None else _SILENT_SECONDS):
                self._has_warned = True
                self._say(
                    f"{self._endpoint.address} does not answer ({call.failures.passing});"
                    f" waiting for it, at most {self._options.patience:g} s"
                )
            is_stuck = last is not None and time.monotonic() - last > _STUCK_SECONDS
            return not is_stuck and time.monotonic() < deadline

        succeeded = call.wait(may_go_on)
        self._is_throttled = call.failures.is_throttled
        if succeeded:
            return
        if isinstance(call.error, ProducerFencedError):
            name = self._options.name
            raise WordCountError(f"another producer with the name {name!r} has started; give each its own --name")
        if "InvalidTransactionTimeout" in str(call.error):  # kafka-python has no class for it in every answer
            raise RefusedError(
                f"{self._endpoint.address} does not let a transaction stay open for as long as --patience"
                f" {self._options.patience:g}s asks for; raise transaction.max.timeout.ms of the brokers, or give less"
            )
        if isinstance(call.error, AuthorizationError):
            own = position_topic_name(self._endpoint.topics[0], self._options.name)
            raise RefusedError(f"Kafka at {self._endpoint.address}: {lacking(call.error, 'WRITE', own)}")
        raise call.failure(self._endpoint)

    def forget_warning(self) -> None:
        """Warn again if a broker does not answer from now on."""
        self._has_warned = False

    def say_answered(self) -> None:
        """Tell the user that the brokers answer, if a warning said that they do not."""
        if self._has_warned:
            self._say(f"{self._endpoint.address} answers again")
