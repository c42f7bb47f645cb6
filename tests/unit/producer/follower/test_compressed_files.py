"""Compressed files count as what they hold, whole or not at all."""

import bz2
import gzip
import io
import lzma
import os
import zipfile
from collections.abc import Callable

import pytest
from backports import zstd

from producer import lines
from producer.content import compression
from producer.content.compression import blocks
from tests.support.watched import Watched

_KINDS = pytest.mark.parametrize(
    ("suffix", "compress"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".zst", zstd.compress), (".xz", lzma.compress)],
    ids=["gz", "bz2", "zst", "xz"],
)

Compress = Callable[[bytes], bytes]


@_KINDS
def test_a_compressed_file_counts_as_what_it_holds(watched: Watched, suffix: str, compress: Compress) -> None:
    watched.write(f"a{suffix}", compress(b"one two\none"))

    assert watched.poll() == {"one": 2, "two": 1}
    watched.restart()
    assert watched.poll() == {"one": 2, "two": 1}


@_KINDS
def test_all_members_of_a_file_count(watched: Watched, suffix: str, compress: Compress) -> None:
    watched.write(f"a{suffix}", compress(b"one tw") + compress(b"") + compress(b"o\nthree\n"))

    assert watched.poll() == {"one": 1, "two": 1, "three": 1}


@_KINDS
def test_only_an_appended_member_counts(watched: Watched, suffix: str, compress: Compress) -> None:
    watched.write(f"a{suffix}", compress(b"one\n"))
    watched.poll()
    watched.append(f"a{suffix}", compress(b"two\n"))

    assert watched.poll() == {"one": 1, "two": 1}


@_KINDS
def test_nothing_of_a_truncated_file_counts_and_a_warning_says_why(
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
def test_an_invalid_file_is_warned_about_once_and_counts_when_replaced(
    watched: Watched, suffix: str, compress: Compress
) -> None:
    watched.write(f"a{suffix}", b"this is no compressed file")
    watched.poll()
    watched.poll()
    assert len(watched.warned(f"a{suffix}")) == 1
    watched.write(".new", compress(b"one\n")).rename(watched.path(f"a{suffix}"))

    assert watched.poll() == {"one": 1}
    assert watched.follower.failures == []


def test_a_broken_file_completed_in_place_counts_once(watched: Watched) -> None:
    whole = gzip.compress(b"one\n")
    watched.write("a.gz", whole[:-4])
    watched.poll()
    watched.append("a.gz", whole[-4:])
    watched.poll()

    assert watched.poll() == {"one": 1}


def test_a_file_overwritten_by_a_broken_one_is_warned_about_once(watched: Watched) -> None:
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


def test_a_compressed_file_is_read_once_it_is_idle(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a.gz", gzip.compress(b"one\n"))
    assert watched.poll() == {}
    assert watched.warnings == []

    os.utime(watched.path("a.gz"), (1e9, 1e9))
    assert watched.poll() == {}, "a change is a change, whatever time the file says"
    watched.restart()

    assert watched.poll() == {"one": 1}, "it has rested since before we came"


def test_skippable_frames_of_a_zst_file_are_skipped(watched: Watched) -> None:
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
def test_the_first_bytes_tell_the_compression_whatever_the_name(
    watched: Watched, suffix: str, compress: Compress
) -> None:
    path = watched.write("download", compress(b"one\n"))
    watched.path("latest").symlink_to(watched.write(f".b{suffix}", compress(b"two\n")))
    assert watched.poll() == {"one": 1, "two": 1}
    path.rename(watched.path(f"a{suffix}"))

    assert watched.poll() == {"one": 1, "two": 1}


def test_nothing_of_an_unsupported_compression_counts(watched: Watched) -> None:
    archive = io.BytesIO()
    zipfile.ZipFile(archive, "w").close()
    watched.write("a", b"PK\x03\x04" + archive.getvalue())

    assert watched.poll() == {}
    assert "compressed as .zip, which is not read; decompress it" in watched.warned("a")[0]
    assert watched.follower.failures == [str(watched.path("a"))]


def test_a_long_line_is_not_searched_again_for_each_block(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "BLOCK_BYTES", 1 << 10)
    watched.write("a.gz", gzip.compress(b"x" * (64 << 10) + b"\n"))
    scanned: list[int] = []
    whole_lines = lines.whole_lines_size
    monkeypatch.setattr(lines, "whole_lines_size", lambda data: (scanned.append(len(data)), whole_lines(data))[1])

    assert watched.poll() == {"x" * (64 << 10): 1}
    assert sum(scanned) <= (64 << 10) + 1


def test_a_file_that_expands_a_thousandfold_is_told(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "EXPANDED_BYTES", 4 << 20)
    watched.write("a.gz", gzip.compress(b"to be\n" * 100_000))
    watched.write("huge.gz", gzip.compress(b"or not\n" * 1_000_000))

    assert watched.poll() == {"to": 100_000, "be": 100_000, "or": 1_000_000, "not": 1_000_000}
    assert watched.warned("a.gz") == []
    (reason,) = watched.warned("huge.gz")
    assert "more than 100 times its size, and goes on" in reason
    watched.restart()
    watched.poll()
    assert len(watched.warned("huge.gz")) == 1
