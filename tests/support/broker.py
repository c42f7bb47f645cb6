"""A real Kafka broker: in a container where a Docker engine answers, else a process made of Kafka's own jars.

Both have the same listeners. OUTSIDE is for the tests. SECURE is for them too, with TLS and a login. INSIDE is what the
broker reaches itself by: with one listener that advertises the host's port, a transaction in a container would wait for
ever for a coordinator that it cannot dial.
"""

import base64
import os
import shutil
import signal
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import trustme
from cryptography.hazmat.primitives import serialization
from docker import DockerClient
from docker.errors import DockerException
from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion
from testcontainers.core.container import DockerContainer

from streaming.spark.cache_folder import make_cache_folder
from streaming.spark.java import find_java
from streaming.spark.maven import fetch
from tests.support.processes import PATIENCE, wait_until

VERSION = "4.4.0"
IMAGE = os.environ.get("KAFKA_IMAGE", f"apache/kafka:{VERSION}")
USER, PASSWORD = "alice", "wonderland-1"
JARS = [f"org.apache.kafka:kafka_2.13:{VERSION}", "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"]
_SECRETS = "/etc/kafka/secrets"  # where the container finds the certificate
_START_SECONDS = PATIENCE  # after a kill it first reads again what all tests before have written
_LOG_END = 20_000  # characters of its log that a failure shows
_STARTED = "Kafka Server started"  # what it writes then


class Broker(Protocol):
    """A broker that a test can end and start again; what it holds stays."""

    kind: str  #: what it runs in
    servers: str  #: HOST:PORT without a login
    secure_servers: str  #: HOST:PORT with TLS and a login
    certificates: Path  #: folder of ca.pem, which the broker's certificate is signed by

    def start(self) -> None:
        """Start it, and wait until it answers."""

    def stop(self) -> None:
        """End it in order."""

    def kill(self) -> None:
        """End it at once."""

    def pause(self) -> None:
        """Let it answer no more, with all connections open."""

    def resume(self) -> None:
        """Let it go on."""

    def log(self) -> str:
        """Return what it wrote."""


def docker_answers() -> bool:
    """Tell whether containers can be used; WORDCOUNT_TEST_BROKER says ``container`` where they must, or ``process``."""
    if (wanted := os.environ.get("WORDCOUNT_TEST_BROKER")) is not None:
        return wanted == "container"
    try:
        if "DOCKER_HOST" not in os.environ:  # the client leaves its socket open where nobody listens
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect("/var/run/docker.sock")
        client = DockerClient.from_env(timeout=5)
        client.ping()
        client.close()
    except (DockerException, OSError):
        return False
    return True


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def make_certificates(folder: Path) -> Path:
    """Write ca.pem, and broker.pem with the broker's key and certificate, and return the folder."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    pkcs8 = key.private_bytes(  # the one form that Kafka reads
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    folder.mkdir()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    (folder / "broker.pem").write_bytes(pkcs8 + b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    return folder


def properties(bind: str, ports: list[int], certificate: str, data: str) -> dict[str, str]:
    """Return the settings of a cluster of one."""
    outside, secure, inside, controller = ports
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@localhost:{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"OUTSIDE://{bind}:{outside},SECURE://{bind}:{secure},"
        f"INSIDE://localhost:{inside},CONTROLLER://localhost:{controller}",
        "advertised.listeners": f"OUTSIDE://127.0.0.1:{outside},SECURE://localhost:{secure},"
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


class ProcessBroker:
    """A broker in a process of this machine, from Kafka's own jars, which are fetched once."""

    def __init__(self, folder: Path, certificates: Path) -> None:
        self.kind = f"a process of Kafka {VERSION} on this machine"
        self.certificates = certificates
        ports = free_ports(4)
        self.servers, self.secure_servers = f"127.0.0.1:{ports[0]}", f"localhost:{ports[1]}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._java = find_java(os.environ)
        self._jars = fetch(self._java, JARS, make_cache_folder() / f"kafka-{VERSION}")
        settings = properties("127.0.0.1", ports, str(certificates / "broker.pem"), str(folder / "data"))
        (folder / "server.properties").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        (folder / "log4j2.properties").write_text(
            "rootLogger.level = warn\nrootLogger.appenderRef.c.ref = c\nappender.c.type = Console\n"
            "logger.s.name = kafka.server.KafkaRaftServer\nlogger.s.level = info\n"
            "appender.c.name = c\nappender.c.layout.type = PatternLayout\n"
            "appender.c.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n\n"
        )
        # With a hyphen in front, which one in 64 would have, it were an option.
        cluster = "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
        subprocess.run(
            self._command("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(folder / "server.properties")),
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        started = self.log().count(_STARTED)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("kafka.Kafka", str(self._folder / "server.properties")),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

        def ready() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self.log()
            return self.log().count(_STARTED) > started

        _wait_for_start(ready, self)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def log(self) -> str:
        return (self._folder / "log").read_text() if (self._folder / "log").exists() else ""

    def _send(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=_START_SECONDS)
            self._process = None

    def _command(self, *arguments: str) -> list[str]:
        return [
            str(self._java.executable), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            f"-Dlog4j2.configurationFile={(self._folder / 'log4j2.properties').as_uri()}",
            "-cp", ":".join(map(str, self._jars)), *arguments,
        ]  # fmt: skip


class ContainerBroker:
    """A broker in a container of the image that KAFKA_IMAGE names."""

    def __init__(self, certificates: Path) -> None:
        self.kind = f"a container of {IMAGE}"
        self.certificates = certificates
        ports = free_ports(4)
        self.servers, self.secure_servers = f"127.0.0.1:{ports[0]}", f"localhost:{ports[1]}"
        settings = properties("0.0.0.0", ports, f"{_SECRETS}/broker.pem", "/tmp/kafka-data")
        self._container = DockerContainer(IMAGE).with_volume_mapping(str(certificates), _SECRETS, "ro")
        for key, value in settings.items():
            # As the official image has it: a dot is one underscore, an underscore two, a hyphen three.
            name = key.replace("_", "__").replace("-", "___").replace(".", "_").upper()
            self._container.with_env(f"KAFKA_{name}", value)
        self._container.with_env("KAFKA_HEAP_OPTS", "-Xmx256m").with_env("CLUSTER_ID", "MkU3OEVBNTcwNTJENDM2Qg")
        for port in ports[:2]:
            self._container.ports[port] = ("127.0.0.1", port)
        self._made = False

    def start(self) -> None:
        started = self.log().count(_STARTED) if self._made else 0
        if self._made:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._made = True

        def ready() -> bool:
            container = self._container.get_wrapped_container()
            container.reload()
            assert container.status in {"created", "running"}, self.log()
            return self.log().count(_STARTED) > started

        _wait_for_start(ready, self)

    def stop(self) -> None:
        self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def pause(self) -> None:
        self._container.get_wrapped_container().pause()

    def resume(self) -> None:
        self._container.get_wrapped_container().unpause()

    def log(self) -> str:
        out, err = self._container.get_logs()
        return (out + err).decode("utf-8", "replace")

    def remove(self) -> None:
        self._container.stop()


def _wait_for_start(ready: Callable[[], bool], broker: Broker) -> None:
    try:
        wait_until(ready, "the broker", _START_SECONDS)
    except AssertionError as error:
        raise AssertionError(f"{error}; its log ends with:\n{broker.log()[-_LOG_END:]}") from error


@contextmanager
def running_broker(folder: Path) -> Iterator[Broker]:
    """Start a broker, with a user to log in as, for the block."""
    certificates = make_certificates(folder / "certificates")
    os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"  # its image is one more to fetch; what is made here is removed
    broker: ContainerBroker | ProcessBroker = (
        ContainerBroker(certificates) if docker_answers() else ProcessBroker(folder, certificates)
    )
    try:
        broker.start()
        admin = KafkaAdminClient(bootstrap_servers=broker.servers)
        admin.alter_user_scram_credentials(
            [UserScramCredentialUpsertion(USER, ScramMechanism.SCRAM_SHA_256, PASSWORD.encode())]
        )
        admin.close()
        yield broker
    finally:
        if isinstance(broker, ContainerBroker):
            broker.remove()
        else:
            broker.kill()
            shutil.rmtree(folder, ignore_errors=True)
