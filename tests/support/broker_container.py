"""A broker in a container."""

import os
from pathlib import Path

from docker.errors import APIError
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from tests.support.broker_settings import (
    JAVA_OPTIONS,
    STARTED,
    VERSION,
    PortTakenError,
    free_ports,
    make_certificates,
    properties,
    secure_host,
    wait_for_start,
)
from tests.support.engine import labels

IMAGE = os.environ.get("KAFKA_IMAGE", f"apache/kafka:{VERSION}")
_SECRETS = "/etc/kafka/secrets"  # where the container finds the certificate
_TAKEN = ("port is already allocated", "address already in use")


class ContainerBroker:
    """A broker in a container of the image that KAFKA_IMAGE names, at an engine on this machine or another.

    The host's ports are chosen here and not by Docker, which would choose others when the container starts again.
    """

    def __init__(self, folder: Path) -> None:
        # Another image, Ryuk's, would remove the container of a run that is killed; here the next run does that.
        testcontainers_config.ryuk_disabled = True
        self._container = DockerContainer(IMAGE).with_kwargs(labels=labels())
        found = self._container.get_docker_client().host()
        is_here = found in {"localhost", "127.0.0.1"}
        host = "127.0.0.1" if is_here else found
        self.certificates = make_certificates(folder / "certificates", host)
        ports = free_ports(4)
        self.servers, self.secure_servers = f"{host}:{ports[0]}", f"{secure_host(host)}:{ports[1]}"
        settings = properties("0.0.0.0", ports, f"{_SECRETS}/broker.pem", "/tmp/kafka-data", host)
        for key, value in settings.items():
            # As the official image has it: a dot is one underscore, an underscore two, a hyphen three.
            name = key.replace("_", "__").replace("-", "___").replace(".", "_").upper()
            self._container.with_env(f"KAFKA_{name}", value)
        self._container.with_env("KAFKA_HEAP_OPTS", " ".join(JAVA_OPTIONS))
        self._container.with_env("CLUSTER_ID", "MkU3OEVBNTcwNTJENDM2Qg")
        self._container.with_copy_into_container(self.certificates / "broker.pem", f"{_SECRETS}/broker.pem")
        for port in ports[:2]:
            self._container.ports[str(port)] = ("127.0.0.1", port) if is_here else port  # type: ignore[assignment]
        self._created = False

    def start(self) -> None:
        started = self.log().count(STARTED) if self._created else 0
        if self._created:
            self._container.get_wrapped_container().start()
        else:
            self._create()

        def ready() -> bool:
            assert self._status() in {"created", "running"}, self.log()
            return self.log().count(STARTED) > started

        wait_for_start(ready, self)

    def _create(self) -> None:
        try:
            self._container.start()
        except APIError as error:
            if any(taken in str(error) for taken in _TAKEN):
                raise PortTakenError(str(error)) from error
            raise
        self._created = True

    def stop(self) -> None:
        self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def pause(self) -> None:
        self._container.get_wrapped_container().pause()

    def resume(self) -> None:
        self._container.get_wrapped_container().unpause()

    def restore(self) -> None:
        if self._status() == "paused":
            self.resume()
        elif self._status() != "running":
            self.start()

    def _status(self) -> str:
        container = self._container.get_wrapped_container()
        container.reload()
        return container.status

    def log(self) -> str:
        out, err = self._container.get_logs()
        return (out + err).decode("utf-8", "replace")

    def remove(self) -> None:
        self._container.stop()
