"""Files that are not only written at their end: what nobody has written yet does not count."""

import mmap
import os
import time

import pytest

from tests.support.watched import Watched
from tests.support.watched_logs import numbered, once


@pytest.fixture(params=["folder", "log"])
def watched_as(request: pytest.FixtureRequest, watched: Watched) -> Watched:
    if request.param == "log":
        watched.restart(inputs=["app.log"], follow_logs=True)
    return watched


def put(watched: Watched, offset: int, data: bytes, *, size: int | None = None) -> None:
    """Write at an offset of ``app.log``, as a download in several streams does; first give it a size."""
    descriptor = os.open(watched.path("app.log"), os.O_RDWR | os.O_CREAT)
    try:
        if size is not None:
            os.truncate(descriptor, size)
        os.pwrite(descriptor, data, offset)
    finally:
        os.close(descriptor)


def test_a_download_in_two_streams_counts_once(watched_as: Watched) -> None:
    content = numbered(*range(10_000))
    half, quarter = len(content) // 2, len(content) // 4
    put(watched_as, 0, content[:quarter])
    put(watched_as, half, content[half : half + quarter])
    watched_as.poll()
    watched_as.poll()
    put(watched_as, half + quarter, content[half + quarter :])
    watched_as.restart()
    watched_as.poll()
    put(watched_as, quarter, content[quarter:half])

    assert watched_as.poll() == once(*range(10_000))


def test_a_preallocated_log_counts_as_it_is_written(watched_as: Watched) -> None:
    content = numbered(*range(300))
    put(watched_as, 0, content[:2000], size=64 << 10)
    watched_as.poll()
    put(watched_as, 2000, content[2000:2500])
    watched_as.restart()
    watched_as.poll()
    put(watched_as, 2500, content[2500:])
    assert watched_as.poll() == once(*range(300))

    os.truncate(watched_as.path("app.log"), len(content))

    assert watched_as.poll() == once(*range(300))
    watched_as.append("app.log", numbered(300))
    assert watched_as.poll() == once(*range(301))


def test_a_file_whose_unwritten_end_is_cut_off_is_not_awaited(watched: Watched) -> None:
    watched.restart(settle=3600)
    put(watched, 0, numbered(1), size=1 << 16)
    watched.poll()
    assert not watched.follower.caught_up()
    os.truncate(watched.path("app.log"), len(numbered(1)))
    watched.poll()

    assert watched.follower.caught_up()


def test_a_memory_mapped_log_counts_as_it_is_written(watched_as: Watched) -> None:
    content = numbered(*range(300))
    with watched_as.path("app.log").open("w+b") as file:
        file.truncate(1 << 16)
        with mmap.mmap(file.fileno(), 1 << 16) as mapped:
            for start in range(0, len(content), 100):
                mapped[start : start + 100] = content[start : start + 100].ljust(100, b"\0")
                watched_as.poll()
        file.truncate(len(content))

    assert watched_as.poll() == once(*range(300))


def test_what_is_not_written_is_reported_once(watched_as: Watched) -> None:
    put(watched_as, 0, numbered(1), size=1 << 16)
    watched_as.poll()
    watched_as.poll()
    put(watched_as, 7, numbered(2))
    watched_as.poll()

    assert watched_as.warned("app.log") == ["65,529 bytes from byte 7 on are not written yet; they count once they are"]
    assert watched_as.follower.caught_up()
    assert watched_as.follower.failures == []


def test_a_file_with_lines_behind_what_is_not_written_is_a_failure(watched: Watched) -> None:
    put(watched, 0, numbered(1))
    put(watched, 1 << 16, numbered(2))
    watched.poll()
    watched.poll()

    assert watched.counts == once(1)
    assert watched.follower.failures == [str(watched.path("app.log"))]
    assert watched.warned("app.log") == [
        "65,529 bytes from byte 7 on are not written yet; lines from there on wait for them"
    ]


def test_nothing_is_reported_before_the_file_rests_but_at_the_end(watched: Watched) -> None:
    watched.restart(settle=3600)
    put(watched, 0, numbered(1), size=1 << 16)
    watched.poll()
    assert watched.warnings == []

    watched.follower.finish()

    assert "65,529 bytes from byte 7" in watched.warned("app.log")[0]


def test_a_hole_that_copytruncate_left_is_passed(watched_as: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    put(watched_as, 0, numbered(*range(1000)))
    size = watched_as.path("app.log").stat().st_size
    watched_as.poll()
    os.truncate(watched_as.path("app.log"), 0)
    put(watched_as, size, numbered(1000))
    watched_as.poll()
    monkeypatch.setattr(time, "monotonic", lambda: 1e12)

    assert watched_as.poll() == once(*range(1001))


def test_a_hole_of_100_mb_at_the_start_is_passed_without_being_read(watched_as: Watched) -> None:
    put(watched_as, 100 << 20, numbered(1))
    os.utime(watched_as.path("app.log"), (1e9, 1e9))

    assert watched_as.poll() == once(1)
    assert [len(chunk) for chunk in watched_as.chunks] == [7]
    assert "were never written" in watched_as.warned("app.log")[0]


def test_a_hole_in_a_log_is_passed_once_lines_are_appended_behind_it(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.restart(inputs=["app.log"], follow_logs=True)
    put(watched, 0, numbered(1))
    put(watched, 1 << 16, numbered(2))
    assert watched.poll() == once(1)
    monkeypatch.setattr(time, "monotonic", lambda: 1e12)
    watched.append("app.log", numbered(3))

    assert watched.poll() == once(1, 2, 3)


@pytest.mark.parametrize("nuls", [20, 5000])
def test_nuls_that_were_written_are_passed_once_nothing_moves(watched_as: Watched, nuls: int) -> None:
    path = watched_as.write("app.log", numbered(1) + bytes(nuls) + numbered(2))
    os.utime(path, (1e9, 1e9))

    assert watched_as.poll() == once(1, 2)


def test_a_few_nuls_in_a_line_are_text(watched: Watched) -> None:
    watched.write("a", b"one\0two three\n" * 2)

    assert watched.poll() == {"one\0two": 2, "three": 2}


def test_a_field_padded_with_nuls_is_text(watched: Watched) -> None:
    path = watched.write("a", (b"one" + bytes(13) + b"two three\n") * 1000)
    os.utime(path, (1e9, 1e9))

    assert watched.poll() == {"one" + "\0" * 13 + "two": 1000, "three": 1000}
