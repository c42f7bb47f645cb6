"""Compressed files count as what they hold, whole or not at all."""

import bz2
import gzip
import io
import lzma
import os
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from backports import zstd

from producer import lines
from producer.reading import compression, line_reader
from producer.reading.compression import blocks
from producer.targets.directory import DirectoryTarget
from tests.support.watched import Watched

if TYPE_CHECKING:
    from pathlib import Path

_KINDS = pytest.mark.parametrize(
    ("suffix", "compress"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".zst", zstd.compress), (".xz", lzma.compress)],
    ids=["gz", "bz2", "zst", "xz"],
)
Compress = Callable[[bytes], bytes]


@_KINDS
def test_a_compressed_file(watched: Watched, suffix: str, compress: Compress) -> None:
    watched.write(f"a{suffix}", compress(b"one two\none"))

    assert watched.poll() == {"one": 2, "two": 1}
    watched.restart()
    assert watched.poll() == {"one": 2, "two": 1}


@_KINDS
def test_several_members_in_one_file(watched: Watched, suffix: str, compress: Compress) -> None:
    watched.write(f"a{suffix}", compress(b"one tw") + compress(b"") + compress(b"o\nthree\n"))

    assert watched.poll() == {"one": 1, "two": 1, "three": 1}


@_KINDS
def test_a_member_appended_counts_alone(watched: Watched, suffix: str, compress: Compress) -> None:
    watched.write(f"a{suffix}", compress(b"one\n"))
    watched.poll()
    watched.append(f"a{suffix}", compress(b"two\n"))

    assert watched.poll() == {"one": 1, "two": 1}


@_KINDS
def test_a_file_cut_short_is_named_with_the_reason_and_nothing_of_it_counts(
    watched: Watched, suffix: str, compress: Compress
) -> None:
    lines = os.urandom(1 << 14).hex().encode() + b"\n"
    watched.write(f"a{suffix}", compress(lines * 40)[:-20])
    watched.write("b", b"one\n")

    assert watched.poll() == {"one": 1}
    assert "is broken: Compressed file ended before" in watched.warned(f"a{suffix}")[0]
    assert watched.follower.failures == [str(watched.path(f"a{suffix}"))]
    assert watched.follower.caught_up()


@_KINDS
def test_a_file_that_is_no_such_file_is_named_once_and_counts_when_replaced(
    watched: Watched, suffix: str, compress: Compress
) -> None:
    watched.write(f"a{suffix}", b"this is no compressed file")
    watched.poll()
    watched.poll()
    assert len(watched.warned(f"a{suffix}")) == 1
    watched.write(".new", compress(b"one\n")).rename(watched.path(f"a{suffix}"))

    assert watched.poll() == {"one": 1}
    assert watched.follower.failures == []


def test_a_broken_file_mended_in_place_counts_once(watched: Watched) -> None:
    whole = gzip.compress(b"one\n")
    watched.write("a.gz", whole[:-4])
    watched.poll()
    watched.append("a.gz", whole[-4:])
    watched.poll()

    assert watched.poll() == {"one": 1}


def test_a_counted_file_overwritten_by_a_broken_one_is_named_once(watched: Watched) -> None:
    watched.write("a.gz", gzip.compress(b"one\n"))
    watched.poll()
    watched.write("a.gz", b"broken")
    watched.poll()
    failures = watched.follower.failures
    watched.poll()

    assert failures == [str(watched.path("a.gz"))]
    assert len(watched.warned("a.gz")) == 1


def test_a_touched_compressed_file_is_not_read_again(watched: Watched) -> None:
    path = watched.write("a.gz", gzip.compress(b"one\n"))
    watched.poll()
    os.utime(path, (2e9, 2e9))

    assert watched.poll() == {"one": 1}
    assert len(watched.chunks) == 1


def test_a_compressed_file_is_read_only_once_it_settled(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a.gz", gzip.compress(b"one\n"))
    assert watched.poll() == {}
    assert watched.warnings == []

    os.utime(watched.path("a.gz"), (1e9, 1e9))
    assert watched.poll() == {}, "a change is a change, whatever time the file says"
    watched.restart()

    assert watched.poll() == {"one": 1}, "it has rested since before we came"


def test_a_file_that_comes_with_an_old_time_has_not_rested(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.poll()
    os.utime(watched.write("a", b"half a li"), (1e9, 1e9))

    assert watched.poll() == {}


def test_a_compressed_file_of_many_chunks_cut_in_the_middle_goes_on(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DirectoryTarget, "chunk_bytes", 64)
    monkeypatch.setattr(line_reader, "READ_BYTES", 16)
    monkeypatch.setattr(compression, "BLOCK_BYTES", 24)
    watched.write("a.gz", gzip.compress(b"one two\n" * 100))
    watched.restart(should_stop=lambda: len(watched.chunks) == 3)
    assert 0 < watched.poll()["one"] < 100
    watched.restart(should_stop=lambda: False)

    assert watched.poll() == {"one": 100, "two": 100}


def test_a_zst_file_with_a_skippable_frame(watched: Watched) -> None:
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip"
    watched.write("a.zst", skippable + zstd.compress(b"one\n") + skippable)

    assert watched.poll() == {"one": 1}


@_KINDS
def test_a_small_file_that_holds_much_is_read_in_small_blocks(
    watched: Watched, suffix: str, compress: Compress
) -> None:
    path = watched.write(f"a{suffix}", compress(b"one\n" * (2 << 20)))
    with path.open("rb") as file:
        sizes = [len(block) for block in blocks(file, suffix)]

    assert sum(sizes) == 8 << 20
    assert max(sizes) <= 2 << 20


@_KINDS
def test_what_a_file_starts_with_tells_its_kind_whatever_its_name(
    watched: Watched, suffix: str, compress: Compress
) -> None:
    path = watched.write("download", compress(b"one\n"))
    watched.path("latest").symlink_to(watched.write(f".b{suffix}", compress(b"two\n")))
    assert watched.poll() == {"one": 1, "two": 1}
    path.rename(watched.path(f"a{suffix}"))

    assert watched.poll() == {"one": 1, "two": 1}


def test_a_kind_that_is_not_read_is_named_and_nothing_of_it_counts(watched: Watched) -> None:
    archive = io.BytesIO()
    zipfile.ZipFile(archive, "w").close()
    watched.write("a", b"PK\x03\x04" + archive.getvalue())

    assert watched.poll() == {}
    assert "compressed as .zip, which is not read; decompress it" in watched.warned("a")[0]
    assert watched.follower.failures == [str(watched.path("a"))]


def test_a_sound_file_swapped_for_another_while_it_is_checked_counts_once(watched: Watched) -> None:
    watched.write("a.gz", gzip.compress(b"old\n"))

    def swap() -> bool:
        if not swapped:
            swapped.append(watched.write("a.gz", gzip.compress(b"new and longer\n")))
        return False

    swapped: list[Path] = []
    watched.restart(should_stop=swap)
    watched.poll()

    assert watched.poll() == {"new": 1, "and": 1, "longer": 1}


def test_a_long_line_is_not_looked_through_again_for_each_block(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "BLOCK_BYTES", 1 << 10)
    watched.write("a.gz", gzip.compress(b"x" * (64 << 10) + b"\n"))
    scanned: list[int] = []
    whole_lines = lines.whole_lines_size
    monkeypatch.setattr(lines, "whole_lines_size", lambda data: (scanned.append(len(data)), whole_lines(data))[1])

    assert watched.poll() == {"x" * (64 << 10): 1}
    assert sum(scanned) <= (64 << 10) + 1
