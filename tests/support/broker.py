"""A real Kafka broker: in a container where a Docker engine answers, otherwise in a process of this machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol, TypeVar

from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from tests.support.broker_container import ContainerBroker
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import PASSWORD, USER, Broker, PortTakenError, make_certificates
from tests.support.engine import docker_answers, remove_leftovers

_ATTEMPTS = 5  # at finding ports that are still free when they are used


class Startable(Protocol):
    """What can be started, and be removed with all that it wrote."""

    def start(self) -> None:
        """Start it, and wait until it answers."""

    def remove(self) -> None:
        """End it, and remove what it wrote."""


AnyBroker = TypeVar("AnyBroker", bound=Startable)


@contextmanager
def running_broker(folder: Path) -> Iterator[Broker]:
    """Start a broker, with a user to log in as, for the block."""
    make: Callable[[Path], ContainerBroker | ProcessBroker] = process_broker
    if docker_answers():
        remove_leftovers()
        make = ContainerBroker
    with started_at_free_ports(make, folder) as broker:
        add_user(broker.servers)
        yield broker


def process_broker(folder: Path) -> ProcessBroker:
    """Return a broker that keeps all it has in a folder, certificates too."""
    return ProcessBroker(folder, make_certificates(folder / "certificates"))


@contextmanager
def started_at_free_ports(make: Callable[[Path], AnyBroker], folder: Path) -> Iterator[AnyBroker]:
    """Run what is made in a folder for the block. If another process takes one of its ports first, make another."""
    broker = _start_at_free_ports(make, folder)
    try:
        yield broker
    finally:
        broker.remove()


def _start_at_free_ports(make: Callable[[Path], AnyBroker], folder: Path) -> AnyBroker:
    for attempt in count(1):
        own_folder = folder / str(attempt)
        own_folder.mkdir()
        broker = make(own_folder)
        try:
            broker.start()
        except BaseException as error:
            broker.remove()
            if not isinstance(error, PortTakenError) or attempt == _ATTEMPTS:
                raise
        else:
            return broker
    raise AssertionError


def add_user(servers: str) -> None:
    """Let the user of the tests log in."""
    admin = KafkaAdminClient(bootstrap_servers=servers)
    admin.alter_user_scram_credentials(
        [UserScramCredentialUpsertion(USER, ScramMechanism.SCRAM_SHA_256, PASSWORD.encode())]
    )
    admin.close()
