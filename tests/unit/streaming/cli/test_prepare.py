"""When a command that has succeeded leaves the archive of classes alone."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from producer.common.errors import WordCountError
from streaming.cli.prepare import make_archive, prepare_later
from streaming.spark import session
from streaming.spark.class_archive import archive_path
from streaming.spark.java import find_java


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("WORDCOUNT_PREPARE", raising=False)
    folder = tmp_path / "wordcount"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def nothing_is_said(cache: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    assert capfd.readouterr().err == ""
    assert not list(cache.glob(".making-*"))


@pytest.mark.parametrize("variable", [("CI", "true"), ("CI", "1"), ("WORDCOUNT_PREPARE", "never")])
def test_it_is_not_wanted(variable: tuple[str, str]) -> None:
    prepare_later({**os.environ, variable[0]: variable[1]})


@pytest.mark.parametrize("ending", ["", ".failed"])
def test_it_was_made_or_this_java_makes_none(cache: Path, ending: str) -> None:
    archive = archive_path(find_java(os.environ), cache)
    archive.with_name(archive.name + ending).touch()
    prepare_later(os.environ)


def test_another_process_makes_it(cache: Path) -> None:
    with (cache / ".making.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        prepare_later(os.environ)


def test_there_is_little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=999_999_999))
    prepare_later(os.environ)


def test_the_cache_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    prepare_later(os.environ)


def test_a_failure_leaves_its_reason_and_a_success_removes_it(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    def start(*_: Any, **__: Any) -> None:
        raise WordCountError("Java did not start Spark")

    monkeypatch.setattr(session, "Jvm", start)
    java = find_java(os.environ)
    with pytest.raises(WordCountError, match="Java did not start Spark"):
        make_archive(java, debug=False)
    (failed,) = cache.glob("*.failed")
    assert failed.read_text("utf-8") == "Java did not start Spark\n"

    archive_path(java, cache).touch()
    make_archive(java, debug=False)
    assert not failed.exists()
