"""What messages say of brokers that do not answer, or refuse the client."""

import logging
import threading
import time

import pytest
from kafka.errors import KafkaError, KafkaTimeoutError, TopicAuthorizationFailedError, for_code

from producer.common.errors import UsageError, WordCountError
from producer.kafka.address import kafka_endpoint
from producer.kafka.calls import PatientCalls
from producer.kafka.failures import FailureLog, RefusedError, explained, lacking
from producer.kafka.topic_options import TopicOptions

_AT = kafka_endpoint("kafka://here:9092/lines")


def heard(*messages: str, login: bool = False) -> FailureLog:
    failures = FailureLog({"security_protocol": "SASL_SSL"} if login else {})
    with failures:
        for message in messages:
            logging.getLogger("kafka.net.manager").warning(message)
    return failures


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ("[Error 58] SaslAuthenticationFailedError: invalid credentials", "here:9092 refuses the login"),
        ("Handshake failed: [SSL: CERTIFICATE_VERIFY_FAILED]", "is not trusted"),
        ("[SSL: SSLV3_ALERT_BAD_CERTIFICATE] sslv3 alert bad certificate", "asks for a client certificate"),
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert", "asks for a client certificate"),
        ("[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca", "asks for a client certificate"),
        ("[Error 35] Kafka broker does not support the 'MetadataRequest' Kafka protocol.", "the port of a controller"),
        ("Abort (InvalidReceiveError: Invalid frame length: 352518912)", "speaks another protocol"),
    ],
)
def test_a_failure_that_no_waiting_mends_is_final(message: str, meaning: str) -> None:
    failures = heard(message)
    assert failures.final is not None
    assert meaning in str(explained(None, _AT, failures))


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ("Connection failed: KafkaConnectionError: 111 ECONNREFUSED", "nothing listens there"),
        ("DNS lookup failed for here:9092", "its name is not known"),
        ("nothing of interest", "no answer"),
    ],
)
def test_a_failure_that_may_pass_is_not_final(message: str, meaning: str) -> None:
    failures = heard(message)
    assert failures.final is None
    error = explained(KafkaTimeoutError("Unable to bootstrap from here:9092"), _AT, failures)
    assert f"no Kafka broker answers at here:9092 ({meaning})" in str(error)


def test_a_short_time_for_an_answer_is_named() -> None:
    short = FailureLog({"request_timeout_ms": 1})
    assert "no answer within the request.timeout.ms=1 of --kafka-config" in str(explained(None, _AT, short))
    assert "request.timeout.ms" not in str(explained(None, _AT, FailureLog({"request_timeout_ms": 30_000})))


def test_a_broker_that_throttles_the_client_is_no_broker_that_is_away() -> None:
    failures = heard("(paused)>: ProduceResponse throttled by broker (224 ms)", "ProduceRequest timed out after 30 s")
    text = str(explained(None, _AT, failures))
    for part in ("here:9092 throttles this client", "producer_byte_rate", "--patience"):
        assert part in text


def test_a_broker_that_throttles_the_client_may_still_go_away() -> None:
    failures = heard(
        "ProduceResponse throttled by broker (224 ms)", "Connection failed: KafkaConnectionError: ECONNREFUSED"
    )
    assert "nothing listens there" in str(explained(None, _AT, failures))


def test_a_broker_that_fails_without_a_reason() -> None:
    assert str(explained(for_code(-1)(), _AT, heard())).endswith("the broker failed, and its log alone says why")


def test_a_broker_that_sends_clients_to_an_address_where_none_answers() -> None:
    failures = heard("DNS lookup failed for kafka:29092, gaierror(-2, 'Name or service not known')")
    text = str(explained(None, _AT, failures))
    for part in ("here:9092 answers", "gives kafka:29092", "its name is not known", "advertised.listeners"):
        assert part in text


def test_a_number_of_an_error_is_not_shown() -> None:
    error = for_code(53)("Transactional Id authorization failed.")
    assert "Error 53" not in str(explained(error, _AT, heard()))


def test_a_right_that_a_user_lacks_is_named() -> None:
    error = TopicAuthorizationFailedError({"b", "a"})
    assert lacking(error, "WRITE", "c") == "this user lacks the right WRITE on Topic a, b; grant it"


def test_a_transaction_that_may_stay_open_for_longer_than_brokers_allow() -> None:
    def refuse() -> None:
        raise KafkaError("Unexpected error in InitProducerIdResponse: [Error 50] InvalidTransactionTimeoutError")

    with pytest.raises(RefusedError, match=r"as --patience 60s asks for; raise transaction\.max\.timeout\.ms"):
        calls(patience=60).run(refuse, time.monotonic() + 10)


def calls(patience: float) -> PatientCalls:
    options = TopicOptions(
        name="n", lines_per_record=1, partitions=None, replication=None, patience=patience, kafka_config=None
    )
    return PatientCalls(_AT, {}, options, print)


def test_what_a_broker_says_of_throttling_is_about_the_next_call_too() -> None:
    throttled, over = calls(patience=1), threading.Event()
    throttled.run(
        lambda: logging.getLogger("kafka.net").warning("throttled by broker (5115 ms)"), time.monotonic() + 10
    )
    with pytest.raises(WordCountError, match="here:9092 throttles this client"):
        throttled.run(lambda: over.wait(10) and None, time.monotonic())
    with pytest.raises(WordCountError, match="no Kafka broker answers"):
        throttled.run(lambda: over.wait(10) and None, time.monotonic())
    over.set()


def test_a_broker_that_keeps_hanging_up_refuses_the_login() -> None:
    hangs_up = "Bootstrap connection to bootstrap-0 failed: KafkaConnectionError: socket disconnected"
    assert heard(hangs_up, hangs_up, login=True).final is None
    assert heard(hangs_up, hangs_up, hangs_up, login=True).final is not None
    assert heard(hangs_up, hangs_up, hangs_up).final is None


@pytest.mark.parametrize("message", ["Too many copies.", "Topic 'a_b' collides with existing topics: a.b"])
def test_a_message_has_what_the_broker_says_without_the_request(message: str) -> None:
    error = KafkaError(f"Request 'CreateTopics(...)' failed with response '... error_message={message!r}, more'")
    assert str(explained(error, _AT, heard())) == f"Kafka at here:9092: {message.rstrip('.')}"


def test_errors_that_the_brokers_did_not_cause() -> None:
    own = WordCountError("ours")
    assert explained(own, _AT, heard()) is own
    assert isinstance(explained(FileNotFoundError(2, "No such file", "ca.pem"), _AT, heard()), UsageError)
