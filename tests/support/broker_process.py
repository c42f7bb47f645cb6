"""A broker in a process of this machine."""

import base64
import os
import signal
import subprocess
import uuid
from pathlib import Path

from streaming.spark.environment import make_cache_folder
from streaming.spark.java import find_java
from streaming.spark.maven import fetch
from tests.support.broker_settings import (
    JARS,
    JAVA_OPTIONS,
    START_SECONDS,
    STARTED,
    VERSION,
    free_ports,
    properties,
    wait_for_start,
)


class ProcessBroker:
    """A broker in a process of this machine, run from Kafka's own jars, which are fetched once."""

    def __init__(self, folder: Path, certificates: Path) -> None:
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
        # One in 64 ids would begin with a hyphen, and be taken for an option.
        cluster = "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
        subprocess.run(
            self._command("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(folder / "server.properties")),
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        started = self.log().count(STARTED)
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
            return self.log().count(STARTED) > started

        wait_for_start(ready, self)

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
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def _command(self, *arguments: str) -> list[str]:
        return [
            str(self._java.executable), "-XX:+UseSerialGC", *JAVA_OPTIONS,
            f"-Dlog4j2.configurationFile={(self._folder / 'log4j2.properties').as_uri()}",
            "-cp", ":".join(map(str, self._jars)), *arguments,
        ]  # fmt: skip
