"""ZooKeeper, which brokers before Kafka 3.3 need."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.support.broker_settings import free_ports
from tests.support.processes import wait_until

_STARTED = "[KafkaServer id=1] started"
_END_SECONDS = 30.0


class ZooKeeper:
    """A ZooKeeper in a process of this machine, for one broker.

    Args:
        folder: where its data and log go.
        command: returns the command line that runs a Java class with arguments.
    """

    started = _STARTED  #: what its broker logs once it has started

    def __init__(self, folder: Path, command: Callable[..., list[str]]) -> None:
        (port,) = free_ports(1)
        self._address = ("127.0.0.1", port)
        with (folder / "zookeeper.log").open("ab") as log:
            self._process = subprocess.Popen(
                command("org.apache.zookeeper.server.ZooKeeperServerMain", str(port), str(folder / "zookeeper")),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, "ZooKeeper")

    def broker_settings(self, settings: dict[str, str]) -> dict[str, str]:
        """Return the settings of a broker for a version that has neither controllers nor keys in PEM files."""
        kept = {
            name: value
            for name, value in settings.items()
            if not name.startswith(("process.", "node.", "controller.", "broker.", "listener.name.secure."))
        }
        for name in ("listeners", "advertised.listeners", "listener.security.protocol.map"):
            listeners = settings[name].split(",")
            kept[name] = ",".join(one for one in listeners if one.startswith(("OUTSIDE", "INSIDE")))
        host, port = self._address
        return {
            **kept,
            "broker.id": "1",
            "zookeeper.connect": f"{host}:{port}",
            "zookeeper.session.timeout.ms": "3000",  # until then a broker that was killed is taken for alive
        }

    def end(self) -> None:
        self._process.kill()
        self._process.wait(timeout=_END_SECONDS)

    def _answers(self) -> bool:
        assert self._process.poll() is None, "ZooKeeper has ended"
        with socket.socket() as probe:
            return probe.connect_ex(self._address) == 0
