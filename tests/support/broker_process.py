"""A broker in a process of this machine."""

import base64
import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from streaming.spark.environment import make_cache_folder
from streaming.spark.java import find_java
from streaming.spark.maven import fetch
from tests.support.broker_settings import (
    JAVA_OPTIONS,
    START_SECONDS,
    STARTED,
    VERSION,
    PortTakenError,
    free_ports,
    jars,
    properties,
    wait_for_start,
)
from tests.support.zookeeper import ZooKeeper

_WITHOUT_ZOOKEEPER = "3.3"  # the first version that does without
#: Ends the broker with this process, also if this process is killed; only Linux can do that.
_ENDS_WITH_US = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
_LOG4J_2 = """\
rootLogger.level = warn
rootLogger.appenderRef.c.ref = c
appender.c.type = Console
appender.c.name = c
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n
logger.s.name = kafka.server.KafkaRaftServer
logger.s.level = info
logger.t.name = kafka.coordinator.transaction
logger.t.level = info
"""
_LOG4J_1 = """\
log4j.rootLogger = WARN, c
log4j.logger.kafka.server.KafkaRaftServer = INFO
log4j.logger.kafka.server.KafkaServer = INFO
log4j.appender.c = org.apache.log4j.ConsoleAppender
log4j.appender.c.layout = org.apache.log4j.PatternLayout
log4j.appender.c.layout.ConversionPattern = %d{HH:mm:ss} %p %c{1}: %m%n
"""


def new_cluster_id() -> str:
    """Return an id for a new cluster. One in 64 ids would begin with a hyphen, and be taken for an option."""
    return "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]


class ProcessBroker:
    """A broker in a process of this machine, run from Kafka's own jars, which are fetched once.

    Args:
        folder: where its data, settings and log go.
        certificates: the folder of the certificates, as ``make_certificates`` returns it.
        version: the version of Kafka.
        settings: what differs from a cluster of one, as in server.properties.
        ports: its four ports, if others have to know them before.
        cluster_id: the id of the cluster that it belongs to, if others do too.
    """

    def __init__(
        self,
        folder: Path,
        certificates: Path,
        *,
        version: str = VERSION,
        settings: Mapping[str, str] | None = None,
        ports: Sequence[int] | None = None,
        cluster_id: str | None = None,
    ) -> None:
        self.certificates = certificates
        ports = list(ports or free_ports(4))
        self.servers, self.secure_servers = f"127.0.0.1:{ports[0]}", f"localhost:{ports[1]}"
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0
        self._java = find_java(os.environ)
        self._jars = fetch(self._java, jars(version), make_cache_folder() / f"kafka-{version}")
        (folder / "log4j2.properties").write_text(_LOG4J_2)
        (folder / "log4j.properties").write_text(_LOG4J_1)
        all_settings = properties("127.0.0.1", ports, str(certificates / "broker.pem"), str(self.data))
        all_settings.update(settings or {})
        self._zookeeper = ZooKeeper(folder, self._command) if version < _WITHOUT_ZOOKEEPER else None
        self._ready = self._zookeeper.started if self._zookeeper else STARTED
        if self._zookeeper:
            all_settings = self._zookeeper.broker_settings(all_settings)
        self._settings = folder / "server.properties"
        self._settings.write_text("".join(f"{key}={value}\n" for key, value in all_settings.items()))
        if self._zookeeper is None:
            formatting = ("format", "-t", cluster_id or new_cluster_id(), "-c", str(self._settings))
            subprocess.run(self._command("kafka.tools.StorageTool", *formatting), check=True, capture_output=True)

    def start(self) -> None:
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it without waiting for it: the first of a cluster is ready when a second one is there."""
        self._started = self.log().count(self._ready)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("kafka.Kafka", str(self._settings)), stdout=log, stderr=log, start_new_session=True
            )

    def wait(self) -> None:
        """Wait until it answers."""

        def ready() -> bool:
            assert self._process is not None
            if self._process.poll() is not None and "Address already in use" in self.log():
                raise PortTakenError(self.log())
            assert self._process.poll() is None, self.log()
            return self.log().count(self._ready) > self._started

        wait_for_start(ready, self)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def restore(self) -> None:
        if self._process is None or self._process.poll() is not None:
            self.start()
        else:
            self.resume()

    def remove(self) -> None:
        self.kill()
        if self._zookeeper:
            self._zookeeper.end()
        shutil.rmtree(self._folder)

    def log(self) -> str:
        return (self._folder / "log").read_text() if (self._folder / "log").exists() else ""

    def _send(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def _command(self, *arguments: str) -> list[str]:
        return [
            *_ENDS_WITH_US, str(self._java.executable), "-XX:+UseSerialGC", *JAVA_OPTIONS,
            f"-Dlog4j2.configurationFile={(self._folder / 'log4j2.properties').as_uri()}",
            f"-Dlog4j.configuration={(self._folder / 'log4j.properties').as_uri()}",
            "-cp", ":".join(map(str, self._jars)), *arguments,
        ]  # fmt: skip
