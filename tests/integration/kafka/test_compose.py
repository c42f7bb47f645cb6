"""docker-compose.yml, as a newcomer uses it, and with its cluster."""

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import urllib.request
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from streaming.cli.demo import independent_count
from tests.support.broker_settings import free_ports
from tests.support.engine import project, remove_leftovers
from tests.support.processes import wait_until
from tests.support.reference import parsed

_FILE = Path(__file__).parents[3] / "docker-compose.yml"
_IMAGE = os.environ.get("WORDCOUNT_IMAGE", "wordcount")
_ENVIRONMENT = dict(os.environ)  # starting Spark in this process takes SPARK_* away, and SPARK_IMAGE with it
_PATIENCE = 300.0  # seconds; seven containers share the machine

pytestmark = pytest.mark.needs_docker


class Compose:
    def __init__(self, folder: Path) -> None:
        program = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
        self._command = [*program, "-f", str(_FILE), "--project-directory", str(folder), "-p", project()]
        kafka, self.page_port = free_ports(2)
        self._env = {**_ENVIRONMENT, "KAFKA_PORT": str(kafka), "PAGE_PORT": str(self.page_port)}
        self.messages = ""

    def __call__(self, *arguments: str) -> str:
        result = subprocess.run(
            [*self._command, *arguments], env=self._env, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        assert result.returncode == 0, result.stderr
        self.messages = result.stderr
        return result.stdout

    def container(self, service: str) -> str:
        return self(
            "--profile", "cluster", "ps", "-q", "-a" if "compose" in self._command[:2] else "--all", service
        ).strip()

    def counts(self, service: str = "stream") -> Counter[str]:
        """Return the counts in the volume of a stream, which may be stopped; they are copied from its container."""
        copied = subprocess.run(
            ["docker", "cp", f"{self.container(service)}:/counts/counts.txt", "-"],
            capture_output=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip
        if copied.returncode != 0:
            assert b"Could not find the file" in copied.stderr, copied.stderr
            return Counter()
        with tarfile.open(fileobj=io.BytesIO(copied.stdout)) as archive:
            file = archive.extractfile("counts.txt")
            assert file is not None
            return Counter(parsed(file.read().decode("utf-8").split("\n")[:-1]))

    def wait_for(self, expected: Counter[str], service: str = "stream") -> None:
        try:
            wait_until(lambda: self.counts(service) == expected, f"the counts of {service}", _PATIENCE, pause=0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self('--profile', 'cluster', 'logs', '--tail', '20')}") from None


def docker(*arguments: str, stdin: str = "") -> str:
    result = subprocess.run(
        ["docker", *arguments], input=stdin, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.fixture(scope="module")
def text() -> str:
    """What the producer of the compose file feeds."""
    return docker("run", "--rm", _IMAGE, "cat", "/opt/wordcount/topics.txt") + "\n"


@pytest.fixture
def compose(tmp_path: Path) -> Iterator[Compose]:
    remove_leftovers()
    compose = Compose(tmp_path)
    yield compose
    compose("--profile", "cluster", "down", "--volumes", "--timeout", "5")
    assert list(tmp_path.iterdir()) == [], "it makes folders next to the file"


def test_up_stop_and_up_again(compose: Compose, text: str) -> None:
    expected = independent_count(text)
    compose("up", "--detach", "--no-build")
    assert "obsolete" not in compose.messages
    wait_until(lambda: compose.counts().total() > 0, "the first counts", _PATIENCE, pause=0.5)
    stream, producer = compose.container("stream"), compose.container("producer")
    for container in (stream, producer):
        assert docker("inspect", "--format", "{{.HostConfig.RestartPolicy.Name}}", container) == "on-failure"
        docker("stop", container)
        assert docker("inspect", "--format", "{{.State.ExitCode}}", container) == "0"
    printed = docker("logs", stream)
    assert re.search(r"^the: \d+$", printed, re.MULTILINE)
    stopped_at = compose.counts()
    more = "".join(f"one more line {number}\n" for number in range(100))
    docker(
        "run", "--rm", "--interactive", "--network", f"{project()}_default", _IMAGE,
        "wordcount-producer", "-", "--to", "kafka://kafka:9092/lines", "--name", "by-hand", stdin=more,
    )  # fmt: skip
    assert compose.counts() == stopped_at
    compose("down")  # which keeps the volumes
    compose("up", "--detach", "--no-build")
    compose.wait_for(expected := expected + independent_count(more))
    word, count = expected.most_common(1)[0]
    with urllib.request.urlopen(f"http://localhost:{compose.page_port}/api/words/{word}") as answer:
        assert json.load(answer)["count"] == count
    health = partial(docker, "inspect", "--format", "{{.State.Health.Status}}", compose.container("stream"))
    wait_until(lambda: health() == "healthy", "a healthy stream", _PATIENCE, pause=0.5)


def test_a_cluster_survives_the_loss_of_a_worker(compose: Compose, text: str) -> None:
    compose("--profile", "cluster", "up", "--detach", "--no-build")
    wait_until(
        lambda: compose.counts("stream-cluster").total() > 0, "the first counts of the cluster", _PATIENCE, pause=0.5
    )
    docker("kill", "--signal", "KILL", compose.container("spark-worker-1"))
    compose.wait_for(independent_count(text), "stream-cluster")
