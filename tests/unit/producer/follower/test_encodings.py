"""Files in other encodings count as the same text in UTF-8 does, and what is no text is told once."""

import gzip
import os
import tarfile
from pathlib import Path

import pytest

from producer.text.encoding import Encoding
from tests.support.reference import count
from tests.support.watched import Watched

_TEXT = "\ufeff한국어 단어 ਊഀ\r\n둘\n\n한국어 셋\r넷 ☃\n끝"
_WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("name", _WIDE)
def test_a_byte_order_mark_tells_the_encoding(watched: Watched, name: str) -> None:
    watched.write("a", _TEXT.encode(name))
    watched.write("a.gz", gzip.compress(_TEXT.encode(name)))

    assert watched.poll() == count(_TEXT.encode(), _TEXT.encode())
    assert watched.warnings == []


@pytest.mark.parametrize("name", _WIDE)
@pytest.mark.parametrize("step", [1, 3, 7])
def test_every_line_of_a_growing_file_counts_once(watched: Watched, name: str, step: int) -> None:
    """Cut anywhere, also within a character, and with one line in each chunk."""
    watched.restart(settle=60, chunk_lines=1)
    data = (_TEXT + "\n").encode(name)
    for start in range(0, len(data), step):
        watched.append("a", data[start : start + step])
        watched.poll()

    assert watched.counts == count(_TEXT.encode())


@pytest.mark.parametrize("name", ["cp949", "euc_kr", "utf-16-le", "utf-16-be", "utf-8", "iso2022_kr"])
def test_the_encoding_of_files_without_a_mark_is_an_option(watched: Watched, name: str) -> None:
    text = "한국어 단어\n둘\n한국어 셋\n"
    watched.restart(encoding=Encoding(name))
    watched.write("a", text.encode(name))
    watched.write("b.gz", gzip.compress(text.encode(name)))
    watched.write("c", b"\xef\xbb\xbf" + text.encode())

    assert watched.poll() == count(text.encode() * 3)
    watched.restart()
    watched.append("a", "넷\n".encode(name))
    assert watched.poll() == count(text.encode() * 3, "넷\n".encode())
    assert watched.warnings == []


def test_what_was_there_is_skipped_to_the_end_of_its_last_line(log: Watched) -> None:
    log.restart(from_end=True)
    log.write("app.log", "\ufeffਊഀ one\ntw".encode("utf-16-le"))
    log.poll()
    log.append("app.log", "o\n".encode("utf-16-le"))

    assert log.poll() == {"two": 1}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("한국어 단어\n".encode("cp949"), "is not UTF-8; give its --encoding, such as cp949 or latin-1"),
        (b"one\0two\0", "has NUL bytes in place of line ends; replace them first, as tr '\\0' '\\n' does"),
        (
            "a b\n".encode("utf-16-le"),
            "seems to be UTF-16 or UTF-32 without a byte order mark; give --encoding utf-16-le",
        ),
        (
            "a b\n".encode("utf-32-be"),
            "seems to be UTF-16 or UTF-32 without a byte order mark; give --encoding utf-32-be",
        ),
        (b"\0\0\0\1abc\n" * 8, "has NUL bytes, so it seems to be no text; leave it out"),
    ],
)
def test_what_is_no_plausible_text_is_told_once(watched: Watched, data: bytes, reason: str) -> None:
    watched.restart(settle=60)
    watched.write("a", data)
    watched.poll()
    watched.append("a", data)
    watched.poll()
    watched.restart(settle=0)
    watched.poll()
    watched.restart()
    watched.poll()

    assert watched.warned("a")[0] == reason
    assert len(watched.warned("a")) <= 2  # once for each process that reads it from its beginning


def test_lines_of_a_live_log_that_end_in_nul_are_told_of(log: Watched) -> None:
    log.write("app.log", b"one\0")
    log.poll()
    log.append("app.log", b"two\0")
    log.poll()

    assert log.warned("app.log") == ["has NUL bytes in place of line ends; replace them first, as tr '\\0' '\\n' does"]


@pytest.mark.parametrize(
    "data",
    [
        b"a\0b \0\n",
        b"\xff a\xfe\xfd b\xc3\n",
        b"line\n" * 100 + b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\n" + b"line\n" * 1000,
        b"one\n" + b"\0" * 4096,
        b"x" * (1 << 20) + b" y\n",
        "👍 한국어\n".encode() * 20_000,
        b"\xef\xbb\xbfone\n",
    ],
)
def test_what_is_text_is_not_doubted(watched: Watched, data: bytes) -> None:
    watched.write("a", data)
    watched.poll()

    assert [reason for reason in watched.warned("a") if "are not written yet" not in reason] == []


def test_a_tar_in_gzip_is_named_and_does_not_count(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\n")
    for mode, name in (("w:gz", "a.tar.gz"), ("w", "plain")):
        with tarfile.open(watched.folder / name, mode) as archive:  # type: ignore[call-overload]
            archive.add(tmp_path / "a.txt", "a.txt")

    assert watched.poll() == {}
    tar = "is a tar archive, which is not read; unpack it; it is read again once it changes"
    assert watched.warned("plain") == [tar]
    assert watched.warned("a.tar.gz") == [f"holds another packed file: that {tar}"]


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (bytes.fromhex("377abcaf271c0004"), ".7z"),
        (b"Rar!\x1a\x07\x01\x00", ".rar"),
        (bytes.fromhex("04224d186440a7"), ".lz4"),
        (bytes.fromhex("1f9d90"), ".Z"),
        (bytes.fromhex("5d00008000ffffffffffffffff00"), ".lzma"),
        (bytes.fromhex("5d000080000f0000000000000000"), ".lzma"),
        (b"PK\x03\x04\x14\x00", ".zip"),
    ],
)
def test_packed_files_that_are_not_read_are_named(watched: Watched, head: bytes, suffix: str) -> None:
    watched.write("a", head + os.urandom(100))

    assert watched.poll() == {}
    assert watched.warned("a") == [
        f"is compressed as {suffix}, which is not read; decompress it; it is read again once it changes"
    ]


def test_brotli_is_known_by_its_name_as_it_has_no_magic_number(watched: Watched) -> None:
    watched.write("a.br", b"\x0b\x02\x80hello\x03")
    watched.write("text.br", b"one\n")

    assert watched.poll() == {"one": 1}
    assert len(watched.warned("a.br")) == 1
