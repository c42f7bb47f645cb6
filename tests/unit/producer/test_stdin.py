import contextlib
import os
import threading
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest

from producer import lines, stdin
from producer.common.errors import WordCountError
from producer.positions.position import Position, PositionUpdate
from producer.text.encoding import UTF_8
from producer.text.long_lines import DEFAULT_LIMIT, LineLimit
from tests.support.golden import GOLDEN, Golden
from tests.support.reference import count

pytestmark = pytest.mark.usefixtures("bounded")


class Chunks(list[bytes]):
    """A target in memory."""

    chunk_bytes = 1 << 20
    chunk_lines: int | None = None
    line_bytes: int | None = None

    def find(self, inode: int) -> list[Position]:
        raise AssertionError(f"a pipe has no inode, so not {inode} either")

    def publish(self, data: Sequence[bytes], update: PositionUpdate) -> bool:
        assert update == PositionUpdate()
        self.append(b"".join(lines.file_content(data)))
        return True

    def flush(self) -> None:
        pass


def piped(
    data: bytes,
    chunk_lines: int | None = None,
    limit: LineLimit = DEFAULT_LIMIT,
    set_aside: Path | None = None,
    warnings: list[tuple[str, str]] | None = None,
) -> Chunks:
    """Send ``data`` through a pipe, and return the chunks that are published."""
    chunks = Chunks()
    warned = [] if warnings is None else warnings
    read, write = os.pipe()

    def send() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(write, "wb") as file:
            file.write(data)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    try:
        options = stdin.PipeOptions(chunk_lines, UTF_8, limit, set_aside)
        stdin.publish(read, chunks, options, warn=lambda *warning: warned.append(warning))
    finally:
        os.close(read)
    sender.join()
    return chunks


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_the_golden_table(golden: Golden) -> None:
    assert count(*piped(golden.data)) == golden.counts


def test_many_lines_are_published_in_chunks_of_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chunks, "chunk_bytes", 1 << 16)
    chunks = piped(b"one two\n" * 100_000)

    assert count(*chunks) == {"one": 100_000, "two": 100_000}
    assert len(chunks) > 5


def test_a_line_longer_than_a_chunk_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chunks, "chunk_bytes", 1 << 16)
    word = "x" * (1 << 20)

    assert count(*piped(f"one\n{word}\ntwo\n".encode())) == {"one": 1, word: 1, "two": 1}


def test_no_chunk_has_more_lines_than_allowed() -> None:
    assert piped(b"1\n2\n3", chunk_lines=2) == [b"1\n2\n", b"3\n"]


def test_what_was_read_is_published_when_stopped() -> None:
    chunks = Chunks()
    read, write = os.pipe()
    os.write(write, b"one\ntw")

    stdin.publish(read, chunks, should_stop=lambda: len(chunks) == 1)

    assert chunks == [b"one\n", b"tw\n"]
    os.close(write)
    os.close(read)


def test_the_lines_published_before_an_error_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = Chunks()

    def publish(data: Sequence[bytes], update: PositionUpdate) -> bool:
        if data[0].startswith(b"3"):
            raise WordCountError("no")
        return Chunks.publish(chunks, data, update)

    monkeypatch.setattr(chunks, "publish", publish)
    read, write = os.pipe()
    os.write(write, b"1\n2\n3\n")
    os.close(write)

    with pytest.raises(WordCountError, match="no; 2 lines of standard input are safe"):
        stdin.publish(read, chunks, stdin.PipeOptions(1))
    os.close(read)


@pytest.mark.parametrize(
    ("data", "options"),
    [(b"one\ntw", stdin.PipeOptions()), (b"one two three four", stdin.PipeOptions(line_limit=LineLimit(10)))],
    ids=["a line", "a long line before its end"],
)
def test_lines_are_published_while_the_pipe_is_open(data: bytes, options: stdin.PipeOptions) -> None:
    arrived = threading.Event()
    chunks = Chunks()
    chunks.publish = lambda *_: arrived.set()  # type: ignore[method-assign]
    read, write = os.pipe()
    reader = threading.Thread(target=stdin.publish, args=(read, chunks, options))
    reader.start()
    os.write(write, data)

    assert arrived.wait(4)
    os.close(write)
    reader.join()
    os.close(read)


def test_a_byte_order_mark_alone_is_not_published() -> None:
    assert piped(lines.BOM) == []


def test_a_word_that_is_too_long_is_kept_as_it_cannot_be_read_again(tmp_path: Path) -> None:
    folder, warnings = tmp_path / "set-aside", list[tuple[str, str]]()
    words = [b"x" * 100_000, b"y" * 300]
    chunks = piped(b"one two " + words[0] + b" three\nfour " + words[1], None, LineLimit(50), folder, warnings)

    assert count(*chunks) == count(b"one two three\nfour")
    assert [(folder / f"bytes.{number}").read_bytes().strip() for number in (1, 2)] == words
    notes = ["standard input\t8\t100001\tbytes.1", "standard input\t100020\t300\tbytes.2"]
    assert (folder / "notes.txt").read_text().splitlines() == notes
    assert len(warnings) == 2
    (folder / "bytes.9.gz").touch()  # that is the user's
    piped(words[1], None, LineLimit(50), folder)
    assert (folder / "bytes.3").read_bytes() == words[1]


def test_without_a_place_it_is_only_told() -> None:
    warnings = list[tuple[str, str]]()

    assert count(*piped(b"one " + b"x" * 100 + b" two", None, LineLimit(50), None, warnings)) == count(b"one two")
    text = "a word or line of 101 bytes from byte 4 on is longer than --max-line and is left out"
    assert warnings == [("standard input", text)]


@pytest.mark.parametrize("data", [b"one two ", b"x"], ids=["words", "one word"])
def test_a_line_without_end_is_never_in_memory(tmp_path: Path, data: bytes) -> None:
    sizes, chunks = list[int](), Chunks()
    chunks.publish = lambda data, _: bool(sizes.append(sum(map(len, data))))  # type: ignore[method-assign]
    read, write = os.pipe()

    def send() -> None:
        with os.fdopen(write, "wb") as file:
            for _ in range(64):
                file.write(data * ((1 << 20) // len(data)))

    sender = threading.Thread(target=send, daemon=True)
    tracemalloc.start()
    sender.start()
    stdin.publish(read, chunks, stdin.PipeOptions(set_aside=tmp_path / "set-aside"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    sender.join()
    os.close(read)

    kept = sum(path.stat().st_size for path in tmp_path.glob("set-aside/bytes.*"))
    assert sum(sizes) + kept - data.endswith(b" ") == 64 << 20  # a line end is added
    assert peak < 16 << 20
