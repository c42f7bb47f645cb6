"""docker-compose.yml, as a newcomer uses it, and with its cluster."""

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from streaming.cli.demo import independent_count, read_text
from tests.support.broker import docker_answers
from tests.support.broker_settings import free_ports
from tests.support.processes import wait_until

_FILE = Path(__file__).parents[3] / "docker-compose.yml"
_PROJECT = f"wordcount-test-{os.getpid()}"
_PATIENCE = 300.0  # seconds; seven containers share the machine

pytestmark = pytest.mark.skipif(not docker_answers(), reason="no Docker engine answers")


class Compose:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
        self._command = [*program, "-f", str(_FILE), "--project-directory", str(folder), "-p", _PROJECT]
        self._env = {**os.environ, "KAFKA_PORT": str(free_ports(1)[0])}

    def __call__(self, *arguments: str) -> str:
        result = subprocess.run(
            [*self._command, *arguments], env=self._env, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def container(self, service: str) -> str:
        return self(
            "--profile", "cluster", "ps", "-q", "-a" if "compose" in self._command[:2] else "--all", service
        ).strip()

    def counts(self, folder: str = "counts") -> Counter[str]:
        file = self.folder / folder / "counts.txt"
        return read_text(file) if file.exists() else Counter()

    def wait_for(self, expected: Counter[str], folder: str = "counts") -> None:
        try:
            wait_until(lambda: self.counts(folder) == expected, f"the counts in {folder}", _PATIENCE)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self('--profile', 'cluster', 'logs', '--tail', '20')}") from None


def docker(*arguments: str) -> str:
    result = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=_PATIENCE, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.fixture(scope="module")
def text() -> str:
    """What the producer of the compose file feeds."""
    return (
        docker("run", "--rm", os.environ.get("WORDCOUNT_IMAGE", "wordcount"), "cat", "/opt/wordcount/topics.txt") + "\n"
    )


@pytest.fixture
def compose(tmp_path: Path) -> Iterator[Compose]:
    compose = Compose(tmp_path)
    yield compose
    compose("--profile", "cluster", "down", "--volumes", "--timeout", "5")


def test_up_stop_and_up_again(compose: Compose, text: str) -> None:
    expected = independent_count(text)
    compose("up", "--detach", "--no-build")
    wait_until(lambda: compose.counts().total() > 0, "the first counts", _PATIENCE)
    stream = compose.container("stream")
    for container in (stream, compose.container("producer")):
        docker("stop", container)
        assert docker("inspect", "--format", "{{.State.ExitCode}}", container) == "0"
    assert docker("inspect", "--format", "{{.Config.User}}", stream) == "wordcount"
    printed = docker("logs", stream)
    assert re.search(r"^the: \d+$", printed, re.MULTILINE)
    stopped_at = compose.counts()
    more = "".join(f"one more line {number}\n" for number in range(100))
    (compose.folder / "more.txt").write_text(more)
    docker(
        "run", "--rm", "--network", f"{_PROJECT}_default", "--volume", f"{compose.folder}/more.txt:/more.txt:ro",
        os.environ.get("WORDCOUNT_IMAGE", "wordcount"), "wordcount-producer", "/more.txt",
        "--to", "kafka://kafka:9092/lines", "--name", "by-hand",
    )  # fmt: skip
    assert compose.counts() == stopped_at
    compose("down")  # which keeps the volumes
    compose("up", "--detach", "--no-build")
    compose.wait_for(expected + independent_count(more))


def test_a_cluster_survives_the_loss_of_a_worker(compose: Compose, text: str) -> None:
    compose("--profile", "cluster", "up", "--detach", "--no-build")
    wait_until(lambda: compose.counts("counts-cluster").total() > 0, "the first counts of the cluster", _PATIENCE)
    docker("kill", "--signal", "KILL", compose.container("spark-worker-1"))
    compose.wait_for(independent_count(text), "counts-cluster")
