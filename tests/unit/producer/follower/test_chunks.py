"""How lines are cut into chunks."""

import gzip
import os
from collections.abc import Sequence

import pytest

from producer.positions.position import PositionUpdate
from producer.reading import plain_reader
from producer.targets.directory import DirectoryTarget
from tests.support.watched import Watched

_BOM = b"\xef\xbb\xbf"


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DirectoryTarget, "chunk_bytes", 64)
    monkeypatch.setattr(plain_reader, "READ_BYTES", 16)


def test_300_small_files_share_a_chunk(watched: Watched) -> None:
    for number in range(300):
        watched.write(str(number), b"one\n")

    assert watched.poll() == {"one": 300}
    assert len(watched.chunks) == 1


@pytest.mark.usefixtures("small_chunks")
def test_a_large_file_is_cut_into_chunks_of_whole_lines(watched: Watched) -> None:
    watched.write("a", b"one two\n" * 100)

    assert watched.poll() == {"one": 100, "two": 100}
    assert len(watched.chunks) > 5
    assert all(len(chunk) <= 64 + 16 and chunk.endswith(b"\n") for chunk in watched.chunks)


@pytest.mark.usefixtures("small_chunks")
def test_a_line_longer_than_a_chunk_is_not_cut(watched: Watched) -> None:
    word = "x" * 1000
    watched.write("a", f"one\n{word}\ntwo\n{word}".encode())

    assert watched.poll() == {"one": 1, word: 2, "two": 1}


@pytest.mark.usefixtures("small_chunks")
def test_a_growing_line_longer_than_a_chunk_counts_once_it_ends(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"one\n")
    for _ in range(20):
        watched.append("a", b"x" * 50)
        assert watched.poll() == {"one": 1}
    watched.append("a", b"\n")

    assert watched.poll() == {"one": 1, "x" * 1000: 1}


def test_byte_order_marks_of_two_files_in_a_chunk_are_dropped(watched: Watched) -> None:
    watched.write("a", _BOM + b"one\n")
    watched.write("b", _BOM + b"one\n")

    assert watched.poll() == {"one": 2}
    assert len(watched.chunks) == 1


def test_a_byte_order_mark_from_the_middle_of_a_file_is_kept(watched: Watched) -> None:
    watched.write("a", b"one\n")
    watched.poll()
    watched.append("a", _BOM + b"two\n")

    assert watched.poll() == {"one": 1, "\ufefftwo": 1}


def test_an_unterminated_line_does_not_run_into_the_next_file(watched: Watched) -> None:
    watched.write("a", b"one")
    watched.write("b", b"two")

    assert watched.poll() == {"one": 1, "two": 1}


def test_the_oldest_file_comes_first(watched: Watched) -> None:
    for name, when in (("b", 1e9), ("a", 2e9), ("c", 1.5e9)):
        os.utime(watched.write(name, name.encode() + b"\n"), (when, when))
    watched.poll()

    assert watched.chunks == [b"b\nc\na\n"]


def test_no_chunk_has_more_lines_than_allowed(watched: Watched) -> None:
    watched.restart(chunk_lines=2)
    watched.write("a", b"1\n2\r\n3\r4\n5")
    watched.poll()

    assert watched.chunks == [b"1\n2\r\n", b"3\r4\n", b"5\n"]


def test_no_chunk_is_empty(watched: Watched) -> None:
    watched.restart(chunk_lines=1)
    watched.write("a.gz", gzip.compress(b"one\ntwo\n"))
    watched.write("empty.gz", gzip.compress(b""))
    watched.poll()
    watched.path("a.gz").touch()
    watched.poll()

    assert watched.chunks == [b"one\n", b"two\n"]
    watched.restart()
    assert watched.poll() == {"one": 1, "two": 1}


def test_a_chunk_is_admitted_before_it_is_published(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bytes]] = []
    watched.restart(chunk_lines=1, admit=lambda data: seen.append(("admitted", b"".join(data))))
    publish = watched.target.publish

    def published(data: Sequence[bytes], update: PositionUpdate) -> bool:
        seen.append(("published", b"".join(data)))
        return publish(data, update)

    monkeypatch.setattr(watched.target, "publish", published)
    watched.write("a", b"1\n2\n")
    watched.poll()

    assert seen == [("admitted", b"1\n"), ("published", b"1\n"), ("admitted", b"2\n"), ("published", b"2\n")]
