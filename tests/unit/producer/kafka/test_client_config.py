"""Kafka's client file for kafka-python and for Java's clients."""

from pathlib import Path

import pytest

from producer.common.errors import UsageError
from producer.kafka.client_config import for_kafka_python, open_client, read, secrets


def written(folder: Path, text: str) -> str:
    (folder / "client.properties").write_text(text, "latin-1")
    return str(folder / "client.properties")


def test_the_file_is_read_as_java_reads_it(tmp_path: Path) -> None:
    path = written(tmp_path, "! a comment\nclient.id : me\nsasl.jaas.config=a \\\n    b\nlinger.ms 5\nx=\\u00e9\n")

    assert read(path, {}) == {"client.id": "me", "sasl.jaas.config": "a b", "linger.ms": "5", "x": "\u00e9"}


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"ssl.key.password=p\xe4ss\n", "p\xe4ss"),  # Latin-1, as Java's properties are
        ("ssl.key.password=p\xe4ss\n".encode(), "p\xc3\xa4ss"),  # UTF-8, which Java does not know here
        (b"ssl.key.password=p\\u00e4ss\\u20ac\n", "p\xe4ss\u20ac"),
        (b"\xef\xbb\xbfssl.key.password=p\n", "p"),
        (b"# a\r\nssl.key.password=p\r\nclient.id=x\r\n", "p"),
        (b"ssl.key.password=p\rclient.id=x\r", "p"),
        (b"ssl.key.password=on\\\r\n   e\\\n\ttwo\r\n", "onetwo"),
        (b"ssl.key.password = a\\=b\\:c\\#\\\\d \n", "a=b:c#\\d"),
        (b"  ssl.key.password:p=q # no comment", "p=q # no comment"),
        (b"ssl.key.password=first\nssl.key.password=last\n", "last"),
    ],
)
def test_the_file_is_read_as_java_reads_it_however_it_was_saved(tmp_path: Path, content: bytes, password: str) -> None:
    path = tmp_path / "client.properties"
    path.write_bytes(content)

    assert read(str(path), {})["ssl.key.password"] == password


def test_the_address_in_the_file_is_ignored(tmp_path: Path) -> None:
    assert read(written(tmp_path, "bootstrap.servers=elsewhere:9092\n"), {}) == {}


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "client.properties"
    path.write_bytes("security.protocol=SSL\n".encode("utf-8-sig"))
    assert read(str(path), {}) == {"security.protocol": "SSL"}

    path.write_bytes("security.protocol=SSL\n".encode("utf-16"))
    with pytest.raises(UsageError, match="is UTF-16, which Kafka does not read; save it as UTF-8"):
        read(str(path), {})


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("sasl.mechanisms", "sasl.mechanism"),
        ("sasl.username", "sasl.jaas.config=…LoginModule required"),
        ("sasl.password", "sasl.jaas.config=…LoginModule required"),
        ("ssl.ca.location", "ssl.truststore.location, with ssl.truststore.type=PEM"),
        ("ssl.key.location", "ssl.keystore.location, with ssl.keystore.type=PEM"),
    ],
)
def test_a_login_for_another_client_is_refused(tmp_path: Path, name: str, own: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is a setting of librdkafka; give {own}"):
        read(written(tmp_path, f"{name}=x\n"), {})


@pytest.mark.parametrize("text", ['{"security.protocol": "SSL"}', '\n{\n  "security.protocol": "SSL"\n}\n'])
def test_json_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="this is JSON, which Kafka does not read; give one NAME=VALUE a line"):
        read(written(tmp_path, text), {})


def test_a_file_for_two_clients_is_taken(tmp_path: Path) -> None:
    path = written(tmp_path, "sasl.mechanisms=PLAIN\nsasl.mechanism=PLAIN\n")

    assert read(path, {})["sasl.mechanism"] == "PLAIN"


def test_an_environment_variable_is_replaced_by_its_value(tmp_path: Path) -> None:
    path = written(tmp_path, "ssl.key.password=${env:SECRET}\n")

    assert read(path, {"SECRET": "a\\b$1"}) == {"ssl.key.password": "a\\b$1"}
    with pytest.raises(UsageError, match="SECRET is not set"):
        read(path, {})


@pytest.mark.parametrize("name", ["acks", "isolation.level", "transactional.id", "enable.idempotence"])
def test_settings_that_the_guarantees_depend_on_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is set by this command"):
        read(written(tmp_path, f"{name}=1\n"), {})


def test_settings_that_agree_with_the_fixed_ones_are_accepted(tmp_path: Path) -> None:
    text = "acks=all\nenable.idempotence=True\nisolation.level=read_committed\nlinger.ms=5\n"
    text += "max.in.flight.requests.per.connection=1\nenable.auto.commit=false\nconfig.providers=env\n"

    assert read(written(tmp_path, text), {}) == {"linger.ms": "5"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("acks=1", "acks is set by this command to all, and the file says '1'; remove it from the file"),
        ("max.in.flight.requests.per.connection=6", "connection is set by this command to 5, and the file says '6'"),
        ("group.id=mine", "group.id is set by this command; remove it from the file"),
    ],
)
def test_a_setting_that_contradicts_a_fixed_one_is_named_with_both_values(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read(written(tmp_path, f"{text}\n"), {})


def test_settings_are_translated_for_kafka_python() -> None:
    properties = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": 'org.example.Module required username="me" password="it\'s \\"mine\\"";',
        "request.timeout.ms": "9000",
        "linger.ms": "7",
        "compression.type": "none",
        "fetch.min.bytes": "1",
        "ssl.endpoint.identification.algorithm": "",
    }
    shared = {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "me",
        "sasl_plain_password": 'it\'s "mine"',
        "request_timeout_ms": 9000,
        "ssl_check_hostname": False,
    }

    assert for_kafka_python(properties, "file") == shared
    tuned = for_kafka_python(properties, "file", producer=True)
    assert tuned == shared | {"linger_ms": 7, "compression_type": None}


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER"}, "OAUTHBEARER is not supported"),
        ({"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}, "has no username and password"),
        ({"ssl.truststore.location": "store.jks"}, "ssl.truststore.type=PEM"),
        ({"ssl.keystore.location": "none.pem", "ssl.keystore.type": "PEM"}, "none.pem: no such file"),
        ({"ssl.keystore.key": "x"}, "ssl.keystore.key contains"),
        ({"request.timeout.ms": "soon"}, "'soon' is not a whole number"),
    ],
)
def test_settings_that_kafka_python_cannot_use_are_refused(properties: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        for_kafka_python(properties, "file")


def test_secrets_are_passwords_and_the_values_that_contain_them() -> None:
    jaas = 'org.example.Module required username="me" password="mine";'

    assert secrets({"sasl.jaas.config": jaas, "client.id": "x", "ssl.key.password": "key"}) == [jaas, "mine", "key"]


def test_a_compression_that_kafka_lacks_is_refused() -> None:
    with pytest.raises(UsageError, match="use one of none, gzip"):
        for_kafka_python({"compression.type": "lzo"}, "file", producer=True)


def test_the_options_of_a_login_by_ticket_are_no_secrets() -> None:
    jaas = 'Krb5LoginModule required useKeyTab=true serviceName="kafka" password="mine";'

    assert secrets({"sasl.jaas.config": jaas}) == [jaas, "mine"]


@pytest.mark.parametrize("line", ["ssl.key.password=dom\\user1", "hunter2"])
def test_no_message_contains_part_of_a_password(tmp_path: Path, line: str) -> None:
    said: list[str] = []
    try:
        open_client(written(tmp_path, f"{line}\n"), said.append, lambda _: None)
    except UsageError as error:
        said.append(str(error))
    assert len(said) == 1
    assert "user1" not in said[0]
    assert "hunter2" not in said[0]


def test_a_password_without_quotes_is_a_secret() -> None:
    jaas = "org.example.Module required username=me password=it-is-mine;"

    assert secrets({"sasl.jaas.config": jaas}) == [jaas, "it-is-mine"]
