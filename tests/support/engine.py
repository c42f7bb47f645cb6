"""The Docker engine of the tests: where it is, and what earlier runs that were killed left in it."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path

import psutil
from docker import DockerClient
from docker.errors import DockerException

_LABEL = "wordcount-test"  # of each container of the tests; its value is the owner
_PROJECT = "wordcount-test-"  # the names of Compose projects of the tests begin with it; the owner follows
_COMPOSE = "com.docker.compose.project"  # the label that Compose gives to all it makes
_ANSWER_SECONDS = 5
_SAME_START_SECONDS = 5.0  # of a process, as it is worked out from a clock that may be set


@cache
def docker_answers() -> bool:
    """Return whether containers can be used; WORDCOUNT_TEST_BROKER=container insists on them, =process forbids them.

    The first engine that answers becomes DOCKER_HOST, so that docker, Compose and Python's clients all ask that one.
    """
    wanted = os.environ.get("WORDCOUNT_TEST_BROKER")
    if wanted == "process":
        return False
    for address in addresses():
        if _answers(address):
            os.environ["DOCKER_HOST"] = address
            return True
    assert wanted is None, f"no Docker engine answers at any of {list(addresses())}"
    return False


def addresses() -> Iterator[str]:
    """Yield where an engine may be: DOCKER_HOST alone, or Docker's context and the sockets of common engines."""
    if address := os.environ.get("DOCKER_HOST"):
        yield address
        return
    if shutil.which("docker"):
        inspect = ["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]
        result = subprocess.run(inspect, capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=False)
        if result.returncode == 0:
            yield result.stdout.strip()
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    yield "unix:///var/run/docker.sock"
    yield f"unix://{runtime}/docker.sock"  # rootless Docker
    yield f"unix://{Path.home()}/.docker/run/docker.sock"  # Docker Desktop
    yield f"unix://{Path.home()}/.colima/default/docker.sock"


def _answers(address: str) -> bool:
    try:
        if address.startswith("unix://"):  # the client leaves its socket open where nobody listens
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(address.removeprefix("unix://"))
        environment = {**os.environ, "DOCKER_HOST": address}
        with closing(DockerClient.from_env(timeout=_ANSWER_SECONDS, environment=environment)) as engine:
            return bool(engine.ping())
    except (DockerException, OSError):
        return False


def labels() -> dict[str, str]:
    """Return the labels for a container of this process, by which another run knows whether it was left."""
    return {_LABEL: _owner()}


def project() -> str:
    """Return a name for a Compose project of this process."""
    return f"{_PROJECT}{_owner()}"


def remove_leftovers() -> None:
    """Remove the containers, networks and volumes of test runs on this machine that have ended without doing so."""
    with closing(DockerClient.from_env()) as engine:
        for container in engine.containers.list(all=True, ignore_removed=True):
            if is_left(container.labels):
                container.remove(force=True, v=True)
        for resource in (*engine.networks.list(), *engine.volumes.list()):
            if is_left(resource.attrs.get("Labels") or {}):
                resource.remove()


def is_left(found: Mapping[str, str]) -> bool:
    """Tell by its labels whether the run of tests that something belongs to has ended."""
    of_project = found.get(_COMPOSE, "")
    owner = found.get(_LABEL) or (of_project.removeprefix(_PROJECT) if of_project.startswith(_PROJECT) else "")
    match = re.fullmatch(r"(.*)-(\d+)-(\d+)", owner)
    if match is None or match[1] != _machine():
        return False
    try:
        return abs(psutil.Process(int(match[2])).create_time() - int(match[3])) > _SAME_START_SECONDS
    except psutil.NoSuchProcess:
        return True


def _owner() -> str:
    """Return what names this process on this machine, in the letters that Compose permits in a project's name."""
    process = psutil.Process()
    return f"{_machine()}-{process.pid}-{process.create_time():.0f}"


def _machine() -> str:
    return "".join(char if char.isalnum() and char.isascii() else "-" for char in socket.gethostname().lower())
