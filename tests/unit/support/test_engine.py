"""A Docker engine is found where people have one, and only what runs that have ended left in it is removed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.engine import addresses, is_left, labels


@pytest.fixture(autouse=True)
def no_engine_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)


def test_docker_host_is_the_only_one_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://far:2376")

    assert list(addresses()) == ["tcp://far:2376"]


@pytest.mark.skipif(not shutil.which("docker"), reason="no docker command")
def test_the_current_context_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    for arguments in (["create", "far", "--docker", "host=unix:///far.sock"], ["use", "far"]):
        subprocess.run(["docker", "context", *arguments], check=True, capture_output=True)

    assert next(addresses()) == "unix:///far.sock"


def test_a_rootless_engine_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1234")

    assert "unix:///run/user/1234/docker.sock" in addresses()


def test_what_a_running_process_owns_is_not_left() -> None:
    assert not is_left(labels())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(("-{pid}-", "-4194305-"), True, id="its process has ended"),
        pytest.param(("-{pid}-", "-{parent}-"), True, id="another process has its number"),
        pytest.param(("-{pid}-", "x-{pid}-"), False, id="of another machine"),
    ],
)
def test_what_is_left(change: tuple[str, str], *, expected: bool) -> None:
    own = {key: value for key, value in labels().items() if key != "x"}
    old, new = (part.format(pid=os.getpid(), parent=1) for part in change)

    assert is_left({key: value.replace(old, new) for key, value in own.items()}) is expected


@pytest.mark.parametrize("found", [{}, {"com.docker.compose.project": "wordcount"}, {"wordcount-test": "by-hand"}])
def test_what_no_test_has_made_is_not_left(found: dict[str, str]) -> None:
    assert not is_left(found)


def test_a_compose_project_is_known_by_its_name() -> None:
    assert is_left({"com.docker.compose.project": f"wordcount-test-{next(iter(labels().values()))}"}) is False
