"""A broker that asks for the certificate of its client: one client.properties serves the producer and Spark."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broker import started_at_free_ports
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import lock_key, make_certificates
from tests.support.client_files import write_client_file
from tests.support.processes import run
from tests.support.refusals import assert_refused
from tests.support.topics import make_topic, table

_PASSWORD = "opens-the-key-1"
_TYPE = "ssl.keystore.type=PEM"
_REFUSED = "a client certificate"


class CertifyingBroker(ProcessBroker):
    """A broker that only talks to clients whose certificate it can check."""

    def __init__(self, folder: Path) -> None:
        certificates = make_certificates(folder / "certificates")
        secure = "listener.name.secure.ssl"
        settings = {
            "listener.security.protocol.map": "OUTSIDE:PLAINTEXT,SECURE:SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
            f"{secure}.client.auth": "required",
            f"{secure}.truststore.type": "PEM",
            f"{secure}.truststore.location": f"{certificates}/ca.pem",
        }
        super().__init__(folder / "broker", certificates, settings=settings)
        lock_key(certificates / "client.pem", certificates / "locked.pem", _PASSWORD)


@pytest.fixture(scope="module")
def certifying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CertifyingBroker]:
    with started_at_free_ports(CertifyingBroker, tmp_path_factory.mktemp("certifying")) as broker:
        yield broker


def test_producer_and_stream_show_their_certificate(certifying: CertifyingBroker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"to be or\nnot to be\n")
    config = write_client_file(
        tmp_path / "client.properties", certifying.certificates, "SSL", _TYPE,
        f"ssl.keystore.location={certifying.certificates}/client.pem",
    )  # fmt: skip
    at = f"kafka://{certifying.secure_servers}/{topic}"
    make_topic(certifying.servers, f"{topic}-counts", cleanup_policy="compact")
    for name, arguments in (
        ("wordcount-producer", [tmp_path / "a.txt", "--to", at]),
        ("wordcount", ["stream", at, "--once", "--output", f"{at}-counts", "--checkpoint", tmp_path / "state"]),
    ):
        result = run(*arguments, "--kafka-config", config, name=name)
        assert result.returncode == 0, result.stderr
    assert table(certifying.servers, f"{topic}-counts") == {"to": 2, "be": 2, "or": 1, "not": 1}


def test_a_key_that_is_encrypted_in_a_way_that_java_17_lacks(
    certifying: CertifyingBroker, topic: str, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\n")
    config = write_client_file(
        tmp_path / "client.properties", certifying.certificates, "SSL", _TYPE,
        f"ssl.keystore.location={certifying.certificates}/locked.pem", "ssl.key.password=${env:KEY_PASSWORD}",
    )  # fmt: skip
    at = f"kafka://{certifying.secure_servers}/{topic}"
    options = ["--kafka-config", config]
    env = {"KEY_PASSWORD": _PASSWORD}
    published = run(tmp_path / "a.txt", "--to", at, *options, "--debug", name="wordcount-producer", env=env)
    assert published.returncode == 0, published.stderr
    assert _PASSWORD not in published.stderr

    counted = run("stream", at, "--once", *options, env=env)

    if counted.returncode == 0:  # a Java that has learnt it
        assert counted.stdout.split() == ["one:", "1"]
    else:
        assert_refused(counted, "ssl.keystore.location", "openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES", status=1)
    assert _PASSWORD not in counted.stderr


@pytest.mark.parametrize(
    ("settings", "status", "parts"),
    [
        ([], 1, [_REFUSED, "ssl.keystore"]),
        ([_TYPE, "ssl.keystore.location={}/client-of-another.pem"], 1, [_REFUSED, "ssl.keystore"]),
        ([_TYPE, "ssl.keystore.location={}/locked.pem", "ssl.key.password=wrong-one"], 2, ["ssl.key.password"]),
    ],
)
@pytest.mark.parametrize("name", ["wordcount-producer", "wordcount"])
def test_a_certificate_that_does_not_fit_is_refused(
    certifying: CertifyingBroker, tmp_path: Path, settings: list[str], status: int, parts: list[str], name: str
) -> None:
    other = make_certificates(tmp_path / "other")
    (other / "client.pem").replace(certifying.certificates / "client-of-another.pem")
    config = write_client_file(
        tmp_path / "client.properties", certifying.certificates, "SSL",
        *(setting.format(certifying.certificates) for setting in settings),
    )  # fmt: skip
    (tmp_path / "a.txt").write_bytes(b"a\n")
    at = f"kafka://{certifying.secure_servers}/lines"
    arguments = ["stream", at, "--once"] if name == "wordcount" else [tmp_path / "a.txt", "--to", at]
    result = run(*arguments, "--kafka-config", config, name=name)
    assert_refused(result, *parts, status=status)
    assert "wrong-one" not in result.stderr
