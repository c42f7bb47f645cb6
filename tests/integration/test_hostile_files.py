"""Lines without an end and files that expand without end: memory and disk stay bounded, and the user is told."""

import bz2
import gzip
import lzma
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from backports import zstd

from tests.support.processes import PATIENCE, command, wait_until

_SIZE = 256 << 20
#: The most that Java is given here, and that Python takes beside it: some 200 MB more than for a small file.
_JAVA_HEAP, _PYTHON_BYTES = "600m", 300 << 20
_OPENERS: dict[str, Callable[..., object]] = {
    "txt": open, "gz": gzip.open, "bz2": bz2.open, "zst": zstd.open, "xz": lzma.open
}  # fmt: skip


def blocks(first: bytes, repeated: bytes) -> Iterator[bytes]:
    """Yield what ``_SIZE`` bytes are made of."""
    yield first
    block = repeated * ((1 << 20) // len(repeated))
    for _ in range(_SIZE >> 20):
        yield block
    yield b"\nlast\n"


def write(path: Path, first: bytes, repeated: bytes) -> None:
    with _OPENERS[path.suffix[1:]](path, "wb") as file:  # type: ignore[attr-defined]
        for block in blocks(first, repeated):
            file.write(block)


class Watched:
    """A command that ran to its end: what it said, and the most memory and disk that it took."""

    def __init__(self, folder: Path, name: str, arguments: Sequence[str | Path], feed: Iterable[bytes] = ()) -> None:
        self.python_bytes = self.disk_bytes = 0
        (folder / "tmp").mkdir()
        java = ["--conf", f"spark.driver.memory={_JAVA_HEAP}"] if name == "wordcount" else []
        process = subprocess.Popen(
            [command(name), *map(str, arguments), *java],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
            env={**os.environ, "TMPDIR": str(folder / "tmp")},
        )  # fmt: skip
        assert process.stdin is not None
        with process:
            for block in feed:
                process.stdin.write(block)
                self._look(process, folder)
            process.stdin.close()
            process.stdin = None

            def has_ended() -> bool:
                self._look(process, folder)
                return process.poll() is not None

            try:
                wait_until(has_ended, "the end", patience=4 * PATIENCE, pause=0.05)
            finally:
                process.kill()
            output, errors = process.communicate(timeout=PATIENCE)
        self.status, self.output, self.errors = process.returncode, output.decode(), errors.decode()

    def _look(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        try:
            self.python_bytes = max(self.python_bytes, psutil.Process(process.pid).memory_info().rss)
        except psutil.NoSuchProcess:
            return
        taken = 0
        for path, _, files in os.walk(folder):
            for name in files:
                try:
                    taken += os.lstat(os.path.join(path, name)).st_blocks * 512
                except FileNotFoundError:  # removed meanwhile
                    continue
        self.disk_bytes = max(self.disk_bytes, taken)


def run_on(folder: Path, name: str, source: str | Path, feed: Iterable[bytes] = ()) -> Watched:
    arguments: dict[str, list[str | Path]] = {
        "batch": ["batch", source],
        "stream": ["stream", source, "--output", folder / "out", "--once", "--settle", "0s"],
        "wordcount-producer": [source, "--to", folder / "out", "--settle", "0s"],
    }
    if source == "-":
        arguments["stream"].remove("--once")
        arguments["wordcount-producer"] = arguments["wordcount-producer"][:3]
        arguments["stream"] = arguments["stream"][:4]
    command_name = name if name == "wordcount-producer" else "wordcount"
    watched = Watched(folder, command_name, arguments[name], feed)
    assert watched.status == 0, watched.errors
    assert watched.python_bytes < _PYTHON_BYTES
    return watched


def words_counted(folder: Path, watched: Watched) -> set[str]:
    """Return the words that were counted, or published."""
    published = "".join(path.read_text() for path in sorted((folder / "out").glob("chunk-*")))
    return {line.partition(":")[0] for line in watched.output.splitlines()} | set(published.split())


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("stream", "txt"), ("stream", "bz2"), ("batch", "gz"), ("batch", "xz"), ("wordcount-producer", "txt"),
        ("wordcount-producer", "gz"),
    ],
)  # fmt: skip
def test_a_second_line_without_an_end(tmp_path: Path, name: str, suffix: str) -> None:
    write(tmp_path / f"a.{suffix}", b"one two\n", b"x")
    size = (tmp_path / f"a.{suffix}").stat().st_size
    watched = run_on(tmp_path, name, tmp_path / f"a.{suffix}")
    assert words_counted(tmp_path, watched) == {"one", "two", "last"}
    assert f"a word or line of {_SIZE + 1:,} bytes from byte 8 on is longer than --max-line" in watched.errors
    assert watched.errors.count("\n") <= 2
    assert watched.disk_bytes < size + (64 << 20)


@pytest.mark.parametrize("name", ["batch", "stream", "wordcount-producer"])
def test_a_pipe_of_zeros(tmp_path: Path, name: str) -> None:
    """What a pipe brings cannot be read again, so a state or a target keeps it; a batch has it in a temporary file."""
    watched = run_on(tmp_path, name, "-", blocks(b"one two\n", b"\0"))
    assert words_counted(tmp_path, watched) == {"one", "two", "last"}
    assert f"standard input: a word or line of {_SIZE + 1:,} bytes from byte 8 on" in watched.errors
    assert watched.disk_bytes < _SIZE + (64 << 20)


@pytest.mark.parametrize(("name", "suffix"), [("batch", "xz"), ("stream", "zst")])
def test_a_file_that_expands_a_thousandfold_into_short_lines(tmp_path: Path, name: str, suffix: str) -> None:
    word = "to-be-or-not-to-be-" * 5
    write(tmp_path / f"a.{suffix}", b"", f"{word}\n".encode())
    watched = run_on(tmp_path, name, tmp_path / f"a.{suffix}")
    number = (1 << 20) // len(f"{word}\n") * (_SIZE >> 20)
    assert watched.output == f"{word}: {number}\nlast: 1\n"
    if name == "batch":
        assert watched.disk_bytes < 64 << 20
