"""A broker that checks rights, and gives an address that nobody knows: one line names what is missing."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from tests.support.broker import started_at_free_ports
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import free_ports, make_certificates
from tests.support.client_files import write_login
from tests.support.in_process import InProcess
from tests.support.processes import PATIENCE, run
from tests.support.refusals import assert_refused
from tests.support.topics import lines_in, make_topic, table
from tests.support.warm import run_warm

_USER, _PASSWORD = "bob", "builder-1"
_UNKNOWN = "kafka.invalid:9092"
FAILED = 1


class StrictBroker(ProcessBroker):
    """A broker where a user may only do what he is allowed to, unless he comes from inside without a login."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(4)
        self.inside = f"localhost:{ports[2]}"
        settings = {
            "advertised.listeners": f"OUTSIDE://{_UNKNOWN},SECURE://localhost:{ports[1]},INSIDE://{self.inside}",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }
        super().__init__(folder, make_certificates(folder / "certificates"), settings=settings, ports=ports)

    def grant(self, kind: str, name: str, operation: str) -> None:
        pattern = ResourcePattern(ResourceType[kind], name, ACLResourcePatternType.LITERAL)
        right = ACL(f"User:{_USER}", "*", ACLOperation[operation], ACLPermissionType.ALLOW, pattern)
        with closing(KafkaAdminClient(bootstrap_servers=self.inside)) as admin:
            assert admin.create_acls([right])["failed"] == []


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StrictBroker]:
    with started_at_free_ports(StrictBroker, tmp_path_factory.mktemp("strict")) as broker:
        with closing(KafkaAdminClient(bootstrap_servers=broker.inside)) as admin:
            admin.alter_user_scram_credentials(
                [UserScramCredentialUpsertion(_USER, ScramMechanism.SCRAM_SHA_256, _PASSWORD.encode())]
            )
        yield broker


@pytest.fixture
def config(strict: StrictBroker, tmp_path: Path) -> Path:
    return write_login(tmp_path / "client.properties", strict.certificates, _USER, _PASSWORD)


@pytest.mark.parametrize("name", ["wordcount-producer", "wordcount"])
def test_an_address_that_nobody_knows_is_named(
    in_process: InProcess, strict: StrictBroker, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    at = f"kafka://{strict.servers}/lines"
    arguments = ["stream", at, "--once"] if name == "wordcount" else [tmp_path / "a.txt", "--to", at]
    result = in_process(*arguments, name=name)
    parts = [strict.servers, _UNKNOWN, "its name is not known", "advertised.listeners"]
    assert_refused(result, *parts, status=FAILED)


def test_the_producer_names_each_right_that_is_missing(
    strict: StrictBroker, topic: str, tmp_path: Path, config: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\n")
    positions = f"wordcount.{topic}.n"
    arguments = [tmp_path / "a.txt", "--to", f"kafka://{strict.secure_servers}/{topic}", "--name", "n"]
    named = set()
    succeeded = 0
    while succeeded < 2:  # only the second run has positions to read
        result = run(*arguments, "--kafka-config", config, name="wordcount-producer")
        if result.returncode == 0:
            succeeded += 1
            continue
        missing = re.search(r"this user lacks the right (\w+) on (\w+) (\S+); grant it", result.stderr)
        assert missing is not None, result.stderr
        assert missing[0] not in named
        assert_refused(
            result, f"Kafka at {strict.secure_servers}: " if missing[1] != "CREATE" else topic, status=FAILED
        )
        named.add(missing[0])
        strict.grant({"TransactionalId": "TRANSACTIONAL_ID"}.get(missing[2], "TOPIC"), missing[3], missing[1])
    assert named == {
        f"this user lacks the right {right}; grant it"
        for right in (
            *(f"{operation} on Topic {topic}" for operation in ("DESCRIBE", "CREATE", "WRITE")),
            *(f"{operation} on Topic {positions}" for operation in ("DESCRIBE", "CREATE", "READ", "WRITE")),
            f"WRITE on TransactionalId {positions}",
        )
    }
    assert lines_in(strict.inside, topic) == {b"one": 1}


def test_the_stream_names_each_right_that_is_missing(
    strict: StrictBroker, topic: str, tmp_path: Path, config: Path
) -> None:
    make_topic(strict.inside, topic)
    with closing(KafkaProducer(bootstrap_servers=strict.inside)) as producer:
        producer.send(topic, b"one").get(timeout=PATIENCE)
    output = f"{topic}-counts"
    at = f"kafka://{strict.secure_servers}"
    arguments = [
        f"{at}/{topic}", "--output", f"{at}/{output}", "--checkpoint", tmp_path / "state", "--once",
        "--kafka-config", config,
    ]  # fmt: skip
    strict.grant("TOPIC", topic, "DESCRIBE_CONFIGS")  # without it, a warning says what is not known
    steps = [
        (f" DESCRIBE on Topic {topic};", topic, "DESCRIBE"),
        (f" DESCRIBE on Topic {output};", output, "DESCRIBE"),
        (f" CREATE on Topic {output};", output, "CREATE"),
        (f" READ or WRITE on Topic {topic};", topic, "READ"),
        (" WRITE on ", output, "WRITE"),  # Kafka names the cluster if the user may write to no topic at all
    ]
    for missing, name, operation in steps:
        result = run_warm("stream", *arguments)
        assert_refused(result, "this user lacks the right", missing, "grant it", status=FAILED)
        strict.grant("TOPIC", name, operation)
    result = run_warm("stream", *arguments)
    assert result.returncode == 0, result.stderr
    assert table(strict.inside, output) == {"one": 1}
