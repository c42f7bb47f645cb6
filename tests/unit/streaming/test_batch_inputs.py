"""What a batch gives Spark to read: the file itself, or its text in UTF-8 where Spark would read it otherwise."""

import gzip
import io
import lzma
import os
import sys
import tarfile
import threading
from pathlib import Path

import pytest
from backports import zstd

from producer.common.errors import UsageError, WordCountError
from producer.text.encoding import Encoding
from streaming.batch_files import readable
from streaming.batch_inputs import find_inputs
from tests.support.reference import count

_TEXT = "한국어 단어\n둘\n끝"


class _Warnings(list[tuple[str, str]]):
    def __call__(self, path: str, reason: str) -> None:
        self.append((path, reason))


def copied(*inputs: Path | str, encoding: Encoding | None = None, warnings: _Warnings | None = None) -> bytes | None:
    """Return the text that is copied for Spark to read; None if it reads the files themselves."""
    warnings = _Warnings() if warnings is None else warnings
    with readable(find_inputs([str(path) for path in inputs], None, warnings), encoding, warnings) as (paths, size):
        folders = [Path(path.removeprefix("file://")) for path in paths]
        files = [file for folder in folders for file in sorted(folder.iterdir())]
        if all(file.is_symlink() for file in files):
            return None
        texts = [zstd.decompress(file.read_bytes()) if file.suffix == ".zst" else file.read_bytes() for file in files]
        text = b"\n".join(texts)
        assert size > 0
        return text


@pytest.mark.parametrize("name", ["utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").write_bytes(_TEXT.encode(name))
    (tmp_path / "b.gz").write_bytes(gzip.compress(_TEXT.encode(name)))

    assert count(copied(tmp_path) or b"") == count(_TEXT.encode(), _TEXT.encode())


def test_an_encoding_is_an_option_and_the_warning_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(_TEXT.encode("cp949"))
    warnings = _Warnings()

    assert copied(path, warnings=warnings) is None
    assert warnings == [(str(path), "is not UTF-8; give its --encoding, such as cp949 or latin-1")]
    assert count(copied(path, encoding=Encoding("cp949")) or b"") == count(_TEXT.encode())


@pytest.mark.parametrize(
    "data", [lzma.compress(b"one\n"), gzip.compress(b"one\n") + bytes(512)], ids=["xz", "zeros behind the end"]
)
def test_packed_files_are_unpacked_where_spark_does_not_read_them(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)

    assert copied(tmp_path / "a") == b"one\n"


def test_of_two_byte_order_marks_one_is_part_of_a_word(tmp_path: Path) -> None:
    """Spark drops one at the start of a file, and so does what copies it."""
    (tmp_path / "a").write_bytes(lzma.compress(b"\xef\xbb\xbf\xef\xbb\xbfone\n"))

    assert copied(tmp_path / "a") == b"\n\xef\xbb\xbfone\n"


def test_a_zstd_file_with_a_large_window_is_read(tmp_path: Path) -> None:
    packed = io.BytesIO()
    options = {zstd.CompressionParameter.window_log: 28, zstd.CompressionParameter.content_size_flag: 0}
    with zstd.ZstdFile(packed, "w", options=options) as file:
        file.write(b"one\n")
        file.flush()
        file.write(b"two\n")
    (tmp_path / "a.zst").write_bytes(packed.getvalue())

    assert count(copied(tmp_path / "a.zst") or b"") == {"one": 1, "two": 1}


def test_what_spark_reads_as_a_stream_does_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(_TEXT.encode())
    (tmp_path / "b.gz").write_bytes(gzip.compress(_TEXT.encode()))
    (tmp_path / "c.zst").write_bytes(zstd.compress(_TEXT.encode()))

    assert copied(tmp_path) is None


def test_a_file_without_a_size_is_not_empty() -> None:
    assert b"processor" in (copied("/proc/cpuinfo") or b"")


def test_a_pipe_with_a_name_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"one\n",))
    writer.start()

    assert copied(tmp_path / "pipe") == b"one\n"
    writer.join()


def test_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(_TEXT.encode("utf-16")))
    with (tmp_path / "a").open(encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdin", file)

        assert count(copied("-") or b"") == count(_TEXT.encode())


def test_a_closed_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    with pytest.raises(UsageError, match="-: standard input is closed"):
        copied("-")


def test_packed_files_that_are_not_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"one\n")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "text", "text")

    with pytest.raises(WordCountError, match=r"a\.tar\.gz: holds .* that is a tar archive, .* unpack"):
        copied(tmp_path / "a.tar.gz")


def test_all_files_that_cannot_be_read_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\n")
    broken = [tmp_path / f"{number}.gz" for number in range(12)]
    for path in broken[:3]:
        path.write_bytes(gzip.compress(b"one\n")[:12])

    with pytest.raises(WordCountError) as raised:
        copied(tmp_path)
    assert str(raised.value) == (
        f"{broken[0]}: is broken: Compressed file ended before the end-of-stream marker was reached; replace it, or"
        f" leave it out: --exclude NAME; 2 more cannot be read: {broken[1]}, {broken[2]}"
    )

    for path in broken:
        path.write_bytes(b"broken")
    with pytest.raises(WordCountError, match=r"; 11 more cannot be read: (.*\.gz, ){9}…$"):
        copied(tmp_path)


def test_all_files_that_may_not_be_read_are_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"one\n")
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name == "b")

    with pytest.raises(WordCountError, match=r"/a: cannot be read: .* --exclude NAME; 1 more cannot be read: .*/c$"):
        find_inputs([str(tmp_path)], None, lambda *_: None)


def test_files_and_folders_are_left_out(tmp_path: Path) -> None:
    for name in ("a.txt", "a.log", "old/b.txt", "c/old/d.txt", "c/e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(b"one\n")

    def found(text: str, *exclude: str) -> list[str]:
        files = find_inputs([text], None, lambda *_: None, exclude=exclude).files
        return sorted(os.path.relpath(file.path, tmp_path) for file in files)

    assert found(str(tmp_path), "*.log", "old") == ["a.txt", "c/e.txt"]
    assert found(str(tmp_path), "old/*", "./c/e*") == ["a.log", "a.txt", "c/old/d.txt"]
    assert found(f"{tmp_path}/**/*.txt", "old", f"{tmp_path}/a.*") == ["c/e.txt"]
    assert found(f"{tmp_path}/a.txt", "*.txt") == []  # as where the shell expands a glob
    assert found(f"{tmp_path}/old", "old") == ["old/b.txt"]


def test_an_error_about_another_path_names_no_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\n")
    inputs = find_inputs([str(tmp_path)], None, lambda *_: None)
    for number in ("000000000", "202611301"):
        with pytest.raises(OSError, match=f"^/data/{number}/counts.txt$"), readable(inputs, None, lambda *_: None):
            raise OSError(f"/data/{number}/counts.txt")
