"""Files that the user leaves out, and files that are still being downloaded."""

from pathlib import Path

import pytest

from tests.support.watched import Watched


def test_names_and_paths_of_a_folder_are_left_out(watched: Watched) -> None:
    watched.restart(exclude=["*.log", "old", "new/b*"])
    for name in ("a.txt", "a.log", "old/b.txt", "new/b.txt", "new/c.txt", "x/old/d.txt"):
        watched.write(name, name.encode() + b"\n")

    assert watched.poll() == {"a.txt": 1, "new/c.txt": 1}
    watched.restart(exclude=[])
    assert len(watched.poll()) == 6


def test_logs_of_a_glob_are_left_out(log: Watched) -> None:
    log.restart(inputs=["*.log", "x/*.log"], exclude=["debug*", "x"])
    for name in ("app.log", "debug.log", "x/web.log", "x/debug.log"):
        log.write(name, name.encode() + b"\n")

    assert log.poll() == {"app.log": 1, "x/web.log": 1}  # the path in the folder of the glob has no x


@pytest.mark.parametrize(
    "name",
    [
        *("a.part", "a.partial", "a.crdownload", "a.download", "a.opdownload", "a.!qB", "a_.gstmp", "a.part.minio"),
        *("a.lftp", "a.aria2", "a._COPYING_", "a.csv.6eF3D2c1", "~$a.txt", "a.filepart", "a.tmp"),
    ],
)
def test_a_temporary_name_counts_once_it_is_renamed(watched: Watched, name: str) -> None:
    watched.write(name, b"one\n")
    assert watched.poll() == {}

    watched.path(name).rename(watched.path("a"))
    assert watched.poll() == {"one": 1}


@pytest.mark.parametrize("ending", [".aria2", "-lftp-pget-status"])
def test_a_file_counts_once_the_file_that_tells_its_progress_is_gone(watched: Watched, ending: str) -> None:
    watched.write(f"a.csv{ending}", b"\0\1")
    watched.write("a.csv", b"half\n")
    assert watched.poll() == {}

    watched.write("a.csv", b"one\n")
    watched.path(f"a.csv{ending}").unlink()
    assert watched.poll() == {"one": 1}


@pytest.mark.parametrize("name", ["a.20261128", "a.deadbeef", "a.DEADBEEF", "a.td"])
def test_other_names_count(watched: Watched, name: str) -> None:
    watched.write(name, b"one\n")

    assert watched.poll() == {"one": 1}


def test_a_file_of_proc_is_not_taken_for_empty(watched: Watched) -> None:
    watched.restart(inputs=["/proc/cpuinfo"])

    assert watched.poll()["processor\t:"] >= 1
    assert watched.poll() == watched.poll()


def test_an_empty_file_is_opened_once(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.write("a", b"")
    watched.poll()
    opened: list[Path] = []
    monkeypatch.setattr("producer.follower.is_empty", lambda file: opened.append(Path(file.path)) or True)
    watched.poll()
    assert opened == []

    watched.append("a", b"one\n")
    assert watched.poll() == {"one": 1}
