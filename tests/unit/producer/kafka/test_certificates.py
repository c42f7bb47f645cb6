"""Certificates in a client file: what a client could not use is refused when the file is read."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from producer.common.errors import UsageError
from producer.kafka.client_config import for_kafka_python
from tests.support.broker_settings import lock_key, make_certificates

_PASSWORD = "opens-the-key-1"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_certificates(tmp_path_factory.mktemp("made") / "certificates")
    lock_key(folder / "client.pem", folder / "locked.pem", _PASSWORD)
    key = serialization.load_pem_private_key((folder / "client.pem").read_bytes(), None)
    traditional = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    certificate = (folder / "client.pem").read_bytes().partition(b"-----END PRIVATE KEY-----\n")[2]
    (folder / "traditional.pem").write_bytes(traditional + certificate)
    return folder


def settings(store: str, file: Path, password: str | None = None) -> dict[str, object]:
    properties = {f"ssl.{store}.type": "PEM", f"ssl.{store}.location": str(file)}
    if password is not None:
        properties["ssl.key.password"] = password
    return for_kafka_python(properties, "client.properties")


@pytest.mark.parametrize(("name", "password"), [("client.pem", None), ("locked.pem", _PASSWORD)])
def test_a_certificate_with_its_key_is_taken(certificates: Path, name: str, password: str | None) -> None:
    file = str(certificates / name)

    assert settings("keystore", certificates / name, password) == {
        "ssl_certfile": file,
        "ssl_keyfile": file,
        "ssl_password": password,
    }


@pytest.mark.parametrize(
    ("store", "name", "password", "parts"),
    [
        ("keystore", "locked.pem", None, ["ssl.key.password opens"]),
        ("keystore", "locked.pem", "another-one", ["ssl.key.password opens"]),
        ("keystore", "ca.pem", None, ["a certificate, and its key"]),
        ("keystore", "traditional.pem", None, ["openssl pkcs8 -topk8"]),
        ("truststore", "empty.pem", None, ["give a PEM file with a certificate"]),
    ],
)
def test_a_file_that_no_client_could_use_is_refused(
    certificates: Path, store: str, name: str, password: str | None, parts: list[str]
) -> None:
    (certificates / "empty.pem").touch()

    with pytest.raises(UsageError) as caught:
        settings(store, certificates / name, password)

    for part in (f"ssl.{store}.location {certificates / name}: ", *parts):
        assert part in str(caught.value)
    assert "another-one" not in str(caught.value)
