"""File systems that do not say when a file was created: a file is known by its inode, its path and its content."""

import sqlite3
from contextlib import closing

import pytest

from producer.reading import open_file
from tests.support.watched import Watched


@pytest.fixture
def unborn(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.setattr(open_file, "birth_ns", lambda _: 0)
    watched.restart()
    watched.write("a", b"one\n")
    watched.poll()
    return watched


def reboot(watched: Watched) -> None:
    """Restart with positions of a device that has had another number."""
    watched.close()
    with closing(sqlite3.connect(watched.target_folder.parent / "positions.db")) as database, database:
        database.execute("update position set device = device + 1")


def test_a_file_stays_counted_if_its_device_gets_another_number(unborn: Watched) -> None:
    reboot(unborn)
    unborn.restart()
    assert unborn.poll() == {"one": 1}
    unborn.append("a", b"two\n")
    assert unborn.poll() == {"one": 1, "two": 1}


@pytest.mark.parametrize("content", [b"new\n", b"one\n"])
def test_another_file_on_another_device_counts_whole(unborn: Watched, content: bytes) -> None:
    reboot(unborn)
    unborn.path("a").rename(unborn.path("b"))
    unborn.path("b").write_bytes(content)
    unborn.restart()
    assert unborn.poll()["one"] + unborn.counts["new"] == 2
