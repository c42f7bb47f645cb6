"""What the brokers of the tests have in common: Kafka's version, its settings, ports, certificates and the login.

Both brokers have the same listeners. OUTSIDE is for the tests. SECURE is for the tests too, with TLS and a login. The
broker reaches itself by INSIDE: with only one listener, which advertises the host's port, a transaction in a container
would wait for ever for a coordinator that the container cannot dial.
"""

import random
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import trustme
from cryptography.hazmat.primitives import serialization

from tests.support.processes import PATIENCE, wait_until

VERSION, OLDEST_VERSION = "4.4.0", "2.4.1"  #: of Kafka: the newest, and the oldest that works
USER, PASSWORD = "alice", "wonderland-1"
STARTED = "Kafka Server started"  #: what a broker logs once it has
#: Options of the broker's JVM: little memory, and a quick start rather than speed later.
JAVA_OPTIONS = ("-Xmx256m", "-XX:TieredStopAtLevel=1")
START_SECONDS = PATIENCE  #: after a kill a broker first reads again what all tests before have written
_LOG_END = 20_000  # characters of its log that a failure shows


class Broker(Protocol):
    """A broker that a test can end and start again. It keeps its topics."""

    servers: str  #: HOST:PORT without a login
    secure_servers: str  #: HOST:PORT with TLS and a login
    certificates: Path  #: folder of ca.pem, which the broker's certificate is signed by

    def start(self) -> None:
        """Start it, and wait until it answers."""

    def stop(self) -> None:
        """End it in an orderly way."""

    def kill(self) -> None:
        """End it at once."""

    def pause(self) -> None:
        """Freeze it: it answers no more, and all connections stay open."""

    def resume(self) -> None:
        """Let it go on."""

    def restore(self) -> None:
        """Let it run again, whatever a test that failed has left it in: paused, stopped or killed."""

    def log(self) -> str:
        """Return what it wrote."""


class PortTakenError(Exception):
    """Another process took a port between its choice and its use: choose others."""


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on.

    They are below those that Linux gives to outgoing connections, which are many, so that a port stays free until it is
    used, and while a broker is stopped, but for another such choice.
    """
    ports: list[int] = []
    for port in random.sample(range(15_000, 32_000), 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.append(port)
        if len(ports) == count:
            return ports
    raise AssertionError(f"no {count} free ports")


def jars(version: str = VERSION) -> list[str]:
    """Return the coordinates of a broker's jars: Kafka 4 logs with Log4j 2, Kafka 3 with reload4j."""
    log = "org.slf4j:slf4j-reload4j:1.7.36" if version < "4" else "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"
    return [f"org.apache.kafka:kafka_2.13:{version}", log]


def make_certificates(folder: Path, host: str = "127.0.0.1") -> Path:
    """Write ca.pem, and broker.pem and client.pem with a key and a certificate each, and return the folder."""
    authority = trustme.CA()
    folder.mkdir()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name, issued in (
        ("broker", authority.issue_cert("localhost", host)),
        ("client", authority.issue_cert("client@wordcount.test")),
    ):
        key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
        pkcs8 = key.private_bytes(  # the one form that Kafka reads
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{name}.pem").write_bytes(pkcs8 + b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    return folder


def lock_key(file: Path, locked: Path, password: str) -> None:
    """Write the key and the certificate of a file anew, with the key encrypted."""
    content = file.read_bytes()
    encrypted = serialization.load_pem_private_key(content, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode()),
    )
    locked.write_bytes(encrypted + content.partition(b"-----END PRIVATE KEY-----\n")[2])


def properties(bind: str, ports: list[int], certificate: str, data: str, host: str = "127.0.0.1") -> dict[str, str]:
    """Return the settings of a cluster of one.

    Args:
        bind: the address that the two listeners of the tests are bound to.
        ports: those of OUTSIDE, SECURE, INSIDE and the controller.
        certificate: the file of the broker's key and certificate.
        data: the folder for topics.
        host: the name or address that the tests reach the broker by.
    """
    outside, secure, inside, controller = ports
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@localhost:{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"OUTSIDE://{bind}:{outside},SECURE://{bind}:{secure},"
        f"INSIDE://localhost:{inside},CONTROLLER://localhost:{controller}",
        "advertised.listeners": f"OUTSIDE://{host}:{outside},SECURE://{secure_host(host)}:{secure},"
        f"INSIDE://localhost:{inside}",
        "inter.broker.listener.name": "INSIDE",
        "listener.security.protocol.map": "OUTSIDE:PLAINTEXT,SECURE:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listener.name.secure.ssl.keystore.type": "PEM",
        "listener.name.secure.ssl.keystore.location": certificate,
        "listener.name.secure.sasl.enabled.mechanisms": "SCRAM-SHA-256",
        "listener.name.secure.scram-sha-256.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "log.dirs": data,
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "group.initial.rebalance.delay.ms": "0",
        "auto.create.topics.enable": "false",
        # Started again after a kill, it is taken for another than itself until its session ends, 9 s by default.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "log.cleaner.backoff.ms": "200",  # so that a test sees a topic compacted
        "log.retention.check.interval.ms": "500",  # and records thrown away
        "log.initial.task.delay.ms": "500",
        "log.segment.delete.delay.ms": "100",
    }


def secure_host(host: str) -> str:
    """Return the name by which the listener with TLS is reached, which its certificate is for."""
    return "localhost" if host == "127.0.0.1" else host


def wait_for_start(ready: Callable[[], bool], broker: Broker) -> None:
    """Wait until a broker is ready; a failure shows the end of its log."""
    try:
        wait_until(ready, "the broker", START_SECONDS, pause=0.1)
    except AssertionError as error:
        raise AssertionError(f"{error}; its log ends with:\n{broker.log()[-_LOG_END:]}") from error
