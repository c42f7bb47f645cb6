"""A batch counts the same of long lines as a stream does, and gives Spark no line that is longer than the limit."""

import bz2
import gzip
import lzma
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from producer.content import compression
from producer.text.encoding import Encoding
from producer.text.long_lines import LineLimit
from streaming.batch_files import readable
from streaming.batch_inputs import find_inputs
from tests.support.reference import count
from tests.support.watched import Watched

_WORD = b"x" * 200


def given_to_spark(
    path: Path, limit: LineLimit, encoding: Encoding | None
) -> tuple[bytes, bool, list[tuple[str, str]]]:
    """Return what Spark reads of a file, whether that is the file itself, and the warnings."""
    warnings = list[tuple[str, str]]()
    inputs = find_inputs([str(path)], None, lambda *_: None)
    with readable(inputs, encoding, lambda *one: warnings.append(one), limit) as (paths, _):
        files = sorted(Path(paths[0].removeprefix("file://")).iterdir())
        texts = [zstd.decompress(file.read_bytes()) if file.suffix == ".zst" else file.read_bytes() for file in files]
        return b"".join(texts), files[0].is_symlink(), warnings


@pytest.mark.parametrize("cuts", [True, False], ids=["cut", "not cut"])
@pytest.mark.parametrize("name", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, zstd.compress, lzma.compress])
@pytest.mark.parametrize(
    "data",
    [
        b"one two " * 60 + b"\nthree\n",
        b"one " + _WORD + b" two\nthree " + b"four " * 30,
        b"one\n" * 60 + _WORD,
    ],
)
def test_batch_and_stream_count_the_same(
    watched: Watched, data: bytes, pack: Callable[[bytes], bytes], name: str, *, cuts: bool
) -> None:
    limit = LineLimit(100, cuts)
    watched.restart(line_limit=limit, encoding=Encoding(name))
    path = watched.write("a", pack(data.decode().encode(name)))
    watched.poll()
    text, is_file, warnings = given_to_spark(path, limit, Encoding(name))

    assert not is_file
    assert count(text) == watched.counts
    assert warnings == watched.warnings


def test_a_file_of_short_lines_is_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes((b"x" * 100 + b"\n") * 50 + b"y" * 100)

    assert given_to_spark(path, LineLimit(100), None)[1]
    path.write_bytes((b"x" * 100 + b"\n") * 50 + b"y" * 102 + b"\n" + b"x\n" * 90)
    assert not given_to_spark(path, LineLimit(100), None)[1]


def test_a_huge_line_is_never_in_memory(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        for _ in range(64):
            file.write(b"one two " * (1 << 17))
    tracemalloc.start()
    with readable(find_inputs([str(tmp_path)], None, lambda *_: None), None, print) as (paths, _):
        (copy,) = Path(paths[0].removeprefix("file://")).iterdir()
        assert copy.stat().st_size == (64 << 20) + 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 16 << 20


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstd.compress])
def test_a_compressed_file_of_short_lines_is_not_copied(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a"
    path.write_bytes(pack((b"x" * 100 + b"\n") * 50_000))  # more than one block

    assert given_to_spark(path, LineLimit(100), Encoding("utf-8"))[1]


@pytest.mark.parametrize(
    ("pack", "line"),
    [
        (gzip.compress, b"\0"),
        (bz2.compress, b"one two\n"),
        (zstd.compress, b"one two "),
        (lzma.compress, b"one two\n"),
    ],
)
def test_a_file_that_expands_a_thousandfold_takes_little_memory_and_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes], line: bytes
) -> None:
    monkeypatch.setattr(compression, "EXPANDED_BYTES", 32 << 20)
    path, warnings = tmp_path / "bomb", list[tuple[str, str]]()
    path.write_bytes(pack(line * ((48 << 20) // len(line))))
    inputs = find_inputs([str(path)], None, lambda *_: None)
    tracemalloc.start()
    with readable(inputs, None, lambda *one: warnings.append(one)) as (paths, _):
        copies = sum(file.lstat().st_size for file in Path(paths[0].removeprefix("file://")).iterdir())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 32 << 20
    assert copies < 1 << 20
    assert [path for path, reason in warnings if "more than 100 times its size" in reason] == [str(path)]
