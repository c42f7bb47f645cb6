"""A real Kafka broker: in a container where a Docker engine answers, otherwise in a process of this machine."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker import DockerClient
from docker.errors import DockerException
from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from tests.support.broker_container import ContainerBroker
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import PASSWORD, USER, Broker, make_certificates


def docker_answers() -> bool:
    """Return whether containers can be used; WORDCOUNT_TEST_BROKER=container insists on them, =process forbids them."""
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
