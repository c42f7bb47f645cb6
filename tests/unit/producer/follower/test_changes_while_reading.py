"""Files that change while they are read."""

import gzip
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from producer import lines
from producer.content import compression
from producer.reading import plain_reader
from producer.reading.open_file import OpenFile
from tests.support.watched import Watched

if TYPE_CHECKING:
    from pathlib import Path


def test_a_compressed_file_that_breaks_after_its_check_is_a_failure(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.write("a.gz", gzip.compress(b"one\n"))
    readings = iter([[b"one\n"], compression.BrokenError("cut short")])

    def blocks(*_: object) -> list[bytes]:
        reading = next(readings)
        if isinstance(reading, Exception):
            raise reading
        return reading

    monkeypatch.setattr(OpenFile, "blocks", blocks)
    watched.poll()

    assert watched.follower.failures == [str(watched.path("a.gz"))]


def test_a_file_overwritten_while_it_is_read_counts_whole(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    path = watched.write("a", b"old\n")
    whole_lines = lines.whole_lines_size

    def overwritten(data: bytes) -> int:
        path.write_bytes(b"new\n")
        return whole_lines(data)

    with monkeypatch.context() as patch:
        patch.setattr(lines, "whole_lines_size", overwritten)
        watched.poll()
    assert watched.counts == {"old": 1}

    assert watched.poll() == {"old": 1, "new": 1}


def test_a_file_cut_short_while_it_is_read_counts_as_it_is_then(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_reader, "READ_BYTES", 4)
    path = watched.write("a", b"a line longer than one read\n")
    whole_lines = lines.whole_lines_size

    def cut(data: bytes) -> int:
        path.write_bytes(b"one\n")
        return whole_lines(data)

    with monkeypatch.context() as patch:
        patch.setattr(lines, "whole_lines_size", cut)
        watched.poll()

    assert watched.poll() == {"one": 1}


def test_a_file_overwritten_while_its_lines_wait_makes_no_torn_words(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_reader, "READ_BYTES", 8)
    path = watched.write("a", b"old old\n" * 20)

    def admit(data: Sequence[bytes]) -> None:
        admitted.append(b"".join(data))
        if len(admitted) == 5:
            path.write_bytes(b"new\n" * 40)

    admitted: list[bytes] = []
    watched.restart(chunk_lines=1, admit=admit)
    watched.poll()
    assert watched.counts == {"old": 10}

    assert watched.poll() == {"old": 10, "new": 40}


def test_a_compressed_file_replaced_while_it_is_checked_counts_once(watched: Watched) -> None:
    watched.write("a.gz", gzip.compress(b"old\n"))

    def swap() -> bool:
        if not swapped:
            swapped.append(watched.write("a.gz", gzip.compress(b"new and longer\n")))
        return False

    swapped: list[Path] = []
    watched.restart(should_stop=swap)
    watched.poll()

    assert watched.poll() == {"new": 1, "and": 1, "longer": 1}


def test_a_file_replaced_by_a_fifo_after_the_scan_does_not_block(
    watched: Watched,
    bounded: None,  # noqa: ARG001
) -> None:
    path = watched.write("a", b"one\n")

    def replace_by_fifo() -> None:
        path.unlink()
        os.mkfifo(path)

    assert watched.poll(after_scan=replace_by_fifo) == {}
