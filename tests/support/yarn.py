"""YARN on this machine: a ResourceManager and one NodeManager, run from Hadoop's own jars, which are fetched once."""

import getpass
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self
from xml.sax.saxutils import escape

import psutil

from streaming.spark.environment import make_cache_folder
from streaming.spark.install import find_jar
from streaming.spark.java import find_java
from streaming.spark.maven import fetch
from tests.support.broker_settings import free_ports
from tests.support.processes import PATIENCE, wait_until

_EXECUTOR = "org.apache.spark.executor.YarnCoarseGrainedExecutorBackend"
_PACKAGE = "org.apache.hadoop.yarn.server"
_DAEMONS = (f"{_PACKAGE}.resourcemanager.ResourceManager", f"{_PACKAGE}.nodemanager.NodeManager")
#: What Hadoop's own jars need besides. The client's two jars are among Spark's.
_OTHER_JARS = (
    "org.slf4j:slf4j-reload4j:1.7.36", "commons-logging:commons-logging:1.3.0",
    "org.bouncycastle:bcpkix-jdk18on:1.78.1",
)  # fmt: skip
_CLIENT = ("hadoop-client-api", "hadoop-client-runtime")
#: Ends a daemon with this process, also if this process is killed; only Linux can do that.
_ENDS_WITH_US = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
_JAVA_OPTIONS = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
)
_LOG4J = """\
log4j.rootLogger = INFO, c
log4j.appender.c = org.apache.log4j.ConsoleAppender
log4j.appender.c.layout = org.apache.log4j.PatternLayout
log4j.appender.c.layout.ConversionPattern = %d{HH:mm:ss} %p %c{1}: %m%n
"""
_ADDRESSES = (
    "yarn.resourcemanager.webapp.address", "yarn.resourcemanager.address", "yarn.resourcemanager.scheduler.address",
    "yarn.resourcemanager.resource-tracker.address", "yarn.resourcemanager.admin.address", "yarn.nodemanager.address",
    "yarn.nodemanager.localizer.address", "yarn.nodemanager.webapp.address",
)  # fmt: skip
_LOG_END = 5000  # characters of each log that a failure shows


class Yarn:
    """A cluster of one node, which ends when its block does.

    Args:
        folder: where its settings, logs and containers are.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._java = find_java(os.environ)
        version = find_jar(_CLIENT[0]).stem.rpartition("-")[2]
        wanted = [f"org.apache.hadoop:hadoop-client-minicluster:{version}", *_OTHER_JARS]
        without = [f"org.apache.hadoop:{name}" for name in _CLIENT]
        self._jars = fetch(self._java, wanted, make_cache_folder() / f"yarn-{version}", without=without)
        self._jars += [find_jar(name) for name in _CLIENT]
        addresses = [f"127.0.0.1:{port}" for port in free_ports(len(_ADDRESSES))]
        self.web = addresses[0]
        self.configuration = folder / "conf"
        self.configuration.mkdir()
        self._write_configuration({**dict(zip(_ADDRESSES, addresses, strict=True)), **self._settings()})
        (folder / "log4j.properties").write_text(_LOG4J)
        self._daemons: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        for name in _DAEMONS:
            with (self._folder / f"{name.rpartition('.')[2]}.log").open("wb") as log:
                self._daemons.append(
                    subprocess.Popen(
                        self._command(name), stdout=log, stderr=log, env=self._environment(), start_new_session=True
                    )
                )
        try:
            wait_until(self._is_ready, "YARN", pause=0.1)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # In an orderly end, each would wait up to 10 s for what is not there.
        for daemon in self._daemons:
            daemon.kill()
            daemon.wait(timeout=PATIENCE)
        for process in self._containers():
            process.kill()

    def executors(self) -> list[psutil.Process]:
        """Return the processes of Spark's executors on the node."""
        return [one for one in self._containers() if _EXECUTOR in one.info["cmdline"]]

    def kill_application(self) -> None:
        """End the application that runs, as ``yarn application -kill`` does."""
        number = self.applications()[-1]["id"]
        self._ask(f"apps/{number}/state?user.name={getpass.getuser()}", b'{"state": "KILLED"}')

    def applications(self) -> list[dict[str, Any]]:
        """Return what YARN knows of each application, in the order of their starts."""
        found = self._ask("apps")["apps"] or {"app": []}
        return sorted(found["app"], key=lambda application: int(application["startedTime"]))

    def logs(self) -> str:
        """Return the ends of all logs: of the daemons, and of what runs in the containers."""
        files = [*self._folder.glob("*.log"), *self._folder.glob("logs/*/*/stderr")]
        return "\n".join(f"{file}:\n{file.read_text('utf-8', 'replace')[-_LOG_END:]}" for file in sorted(files))

    def _containers(self) -> list[psutil.Process]:
        """Return the Java processes of the containers, which outlive a daemon that is killed."""
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if (line := process.info["cmdline"] or [""])[0].endswith("java")
            and any(f"{self._folder}/logs/" in word for word in line)
        ]

    def _is_ready(self) -> bool:
        assert all(daemon.poll() is None for daemon in self._daemons), self.logs()
        try:
            nodes = self._ask("nodes")["nodes"] or {"node": []}
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return [node["state"] for node in nodes["node"]] == ["RUNNING"]

    def _ask(self, what: str, change: bytes | None = None) -> Any:
        request = urllib.request.Request(f"http://{self.web}/ws/v1/cluster/{what}", change)
        if change is not None:
            request.method = "PUT"
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def _settings(self) -> dict[str, str]:
        return {
            "hadoop.tmp.dir": str(self._folder / "tmp"),
            "yarn.nodemanager.local-dirs": str(self._folder / "local"),
            "yarn.nodemanager.log-dirs": str(self._folder / "logs"),
            "yarn.nodemanager.resource.memory-mb": "4096",
            "yarn.nodemanager.resource.cpu-vcores": "4",
            "yarn.scheduler.minimum-allocation-mb": "128",
            # Containers start and end with the node's next report; the default is one a second.
            "yarn.resourcemanager.nodemanagers.heartbeat-interval-ms": "200",
            # The memory and the disk of the machine are others' too.
            "yarn.nodemanager.pmem-check-enabled": "false",
            "yarn.nodemanager.vmem-check-enabled": "false",
            "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "100",
            # The default scheduler wants a file of its own, with queues.
            "yarn.resourcemanager.scheduler.class": f"{_PACKAGE}.resourcemanager.scheduler.fifo.FifoScheduler",
        }

    def _write_configuration(self, settings: dict[str, str]) -> None:
        properties = "".join(
            f"<property><name>{name}</name><value>{escape(value)}</value></property>\n"
            for name, value in settings.items()
        )
        (self.configuration / "yarn-site.xml").write_text(f"<configuration>\n{properties}</configuration>\n")

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "JAVA_HOME": str(self._java.executable.resolve().parent.parent)}

    def _command(self, daemon: str) -> list[str]:
        log = (self._folder / "log4j.properties").as_uri()
        path = ":".join(map(str, [self.configuration, *self._jars]))
        java = [str(self._java.executable), *_JAVA_OPTIONS, f"-Dlog4j.configuration={log}", "-cp", path]
        return [*_ENDS_WITH_US, *java, daemon]
