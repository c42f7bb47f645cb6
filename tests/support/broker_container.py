"""A broker in a container."""

import os
from pathlib import Path

from testcontainers.core.container import DockerContainer

from tests.support.broker_settings import JAVA_OPTIONS, STARTED, VERSION, free_ports, properties, wait_for_start

IMAGE = os.environ.get("KAFKA_IMAGE", f"apache/kafka:{VERSION}")
_SECRETS = "/etc/kafka/secrets"  # where the container finds the certificate


class ContainerBroker:
    """A broker in a container of the image that KAFKA_IMAGE names."""

    def __init__(self, certificates: Path) -> None:
        self.certificates = certificates
        ports = free_ports(4)
        self.servers, self.secure_servers = f"127.0.0.1:{ports[0]}", f"localhost:{ports[1]}"
        settings = properties("0.0.0.0", ports, f"{_SECRETS}/broker.pem", "/tmp/kafka-data")
        self._container = DockerContainer(IMAGE).with_volume_mapping(str(certificates), _SECRETS, "ro")
        for key, value in settings.items():
            # As the official image has it: a dot is one underscore, an underscore two, a hyphen three.
            name = key.replace("_", "__").replace("-", "___").replace(".", "_").upper()
            self._container.with_env(f"KAFKA_{name}", value)
        self._container.with_env("KAFKA_HEAP_OPTS", " ".join(JAVA_OPTIONS))
        self._container.with_env("CLUSTER_ID", "MkU3OEVBNTcwNTJENDM2Qg")
        for port in ports[:2]:
            self._container.ports[port] = ("127.0.0.1", port)
        self._created = False

    def start(self) -> None:
        started = self.log().count(STARTED) if self._created else 0
        if self._created:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._created = True

        def ready() -> bool:
            container = self._container.get_wrapped_container()
            container.reload()
            assert container.status in {"created", "running"}, self.log()
            return self.log().count(STARTED) > started

        wait_for_start(ready, self)

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
