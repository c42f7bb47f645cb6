"""Rotated logs in a folder that is followed as a whole."""

import gzip
import os
import shutil

import pytest

from tests.support.watched import Watched, wait_for_a_clock_tick
from tests.support.watched_logs import copytruncate, move, numbered, once, pack


def test_reports_with_the_same_content_all_count(watched: Watched) -> None:
    for month, data in ((10, b"none\n"), (11, b"none\n")):
        watched.write(f"report-2026-{month}.txt", data)
        watched.poll()
    assert watched.counts == {"none": 2}


@pytest.mark.parametrize("rotate", ["copytruncate", "pack"])
def test_a_rotated_log_in_a_folder_counts_once(watched: Watched, rotate: str) -> None:
    watched.write("app.log", numbered(1))
    watched.poll()
    watched.append("app.log", numbered(2))
    if rotate == "copytruncate":
        copytruncate(watched, "app.log", "app.log.1")
    else:
        move(watched, "app.log", "app.log.1")
        pack(watched, "app.log.1")
    watched.write("app.log", numbered(3))
    assert watched.poll() == once(1, 2, 3)


def test_all_initial_files_of_a_folder_count(watched: Watched) -> None:
    for name in ("a.txt", "a.txt.1", "b.txt"):
        watched.write(name, numbered(1))
    watched.write("a.txt.gz", gzip.compress(numbered(1)))
    assert watched.poll() == {"line-1": 4}
    watched.write("b.txt.gz", gzip.compress(numbered(1)))
    assert watched.poll() == {"line-1": 5}
    watched.restart()
    assert watched.poll() == {"line-1": 5}


def test_a_restart_between_copy_and_truncation_counts_a_log_once(watched: Watched) -> None:
    watched.write("app.log", numbered(1))
    watched.poll()
    watched.restart()
    watched.poll()
    wait_for_a_clock_tick(watched.folder)
    shutil.copyfile(watched.path("app.log"), watched.path("app.log.1"))
    watched.restart()
    assert watched.poll() == once(1)
    os.truncate(watched.path("app.log"), 0)
    assert watched.poll() == once(1)


def test_all_initial_files_count_if_the_first_poll_is_interrupted(watched: Watched) -> None:
    watched.write("a.log", numbered(1))
    wait_for_a_clock_tick(watched.folder)
    watched.write("a.log.1", numbered(1))
    watched.restart()
    publish, published = watched.target.publish, []

    def publish_once(*chunk: object) -> bool:
        if published:
            raise KeyboardInterrupt
        published.append(chunk)
        return publish(*chunk)  # type: ignore[arg-type]

    watched.target.chunk_bytes = 1
    watched.target.publish = publish_once  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        watched.poll()
    watched.restart()
    assert watched.counts == once(1)
    assert watched.poll() == {"line-1": 2}
