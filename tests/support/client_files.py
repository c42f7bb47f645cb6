"""Kafka's client files, as a user writes them."""

from pathlib import Path


def write_client_file(path: Path, certificates: Path, protocol: str, *more: str) -> Path:
    """Write a client file for a broker with TLS, and return it.

    Args:
        path: the file.
        certificates: the folder of ca.pem, which the broker's certificate is signed by.
        protocol: ``SSL``, or ``SASL_SSL`` with a login.
        more: the lines of other settings.
    """
    lines = [
        "# what kafka-console-consumer would take, too",
        f"security.protocol={protocol}",
        "ssl.truststore.type=PEM",
        f"ssl.truststore.location={certificates}/ca.pem",
        *more,
    ]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def write_login(path: Path, certificates: Path, user: str, password: str) -> Path:
    """Write a client file with a login, and return it; see ``write_client_file``."""
    return write_client_file(
        path,
        certificates,
        "SASL_SSL",
        "sasl.mechanism=SCRAM-SHA-256",
        "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\",
        f'    username="{user}" password="{password}";',
    )
