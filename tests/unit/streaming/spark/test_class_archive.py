"""Java gets the option for the archive of its own version, and only if there is an archive."""

import os
from pathlib import Path

import pytest

from streaming.spark.class_archive import archive_path, keep, not_made, use, write_option
from streaming.spark.java import Java, find_java

_JAVA_17, _JAVA_25 = (Java(Path("/java/bin/java"), version, "PATH") for version in ("17.0.15", "25"))


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_each_java_has_an_archive_of_its_own(tmp_path: Path) -> None:
    assert archive_path(_JAVA_17, tmp_path) != archive_path(_JAVA_25, tmp_path)


def test_without_an_archive_java_gets_no_option() -> None:
    assert use(_JAVA_17) == []


@pytest.mark.parametrize(
    ("java", "read", "write"),
    [
        (_JAVA_17, "-XX:SharedArchiveFile=", "-XX:ArchiveClassesAtExit="),
        (_JAVA_25, "-XX:AOTCache=", "-XX:AOTCacheOutput="),
    ],
    ids=["17", "25"],
)
def test_an_archive_is_written_and_used_by_the_options_of_the_version(
    java: Java, read: str, write: str, tmp_path: Path
) -> None:
    path = archive_path(java, tmp_path / "wordcount")
    path.parent.mkdir()
    path.touch()

    assert use(java)[0] == f"{read}{path}"
    assert write_option(java, path) == f"{write}{path}"


def test_a_new_archive_drops_those_whose_java_is_gone(tmp_path: Path) -> None:
    java = find_java(os.environ)
    for kept in (_JAVA_17, java):
        (tmp_path / "new").touch()
        keep(kept, tmp_path / "new", archive_path(kept, tmp_path))

    assert use(_JAVA_17) == []
    assert sorted(tmp_path.iterdir()) == sorted([archive_path(java, tmp_path), *tmp_path.glob("*.made-for")])
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            (
                "Picked up JAVA_TOOL_OPTIONS: -Da=b\nAn error has occurred while processing the shared archive file.\n"
                "Unable to create shared archive file /c/a: (No such file or directory).\n"
            ),
            "Unable to create shared archive file /c/a: (No such file or directory)",
        ),
        (
            (
                "Temporary AOTConfiguration recorded: a.config\nLaunching child process java to assemble AOT cache a\n"
                "Reading AOTConfiguration a.config and writing AOTCache a\nUnable to write the cache\n"
            ),
            "Unable to write the cache",
        ),
        ("", "no reason given"),
    ],
    ids=["17", "25", "silent"],
)
def test_java_says_why_it_made_no_archive(said: str, reason: str) -> None:
    message = f"Java 17.0.15 at /java/bin/java made no archive: {reason}; starts stay as they are"
    assert str(not_made(_JAVA_17, said)) == message
