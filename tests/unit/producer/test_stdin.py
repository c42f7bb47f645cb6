import contextlib
import os
import threading
from collections.abc import Sequence

import pytest

from producer import lines, stdin
from producer.common.errors import LineTooLongError, WordCountError
from producer.positions.position import Position, PositionUpdate
from tests.support.golden import GOLDEN, Golden
from tests.support.reference import count

pytestmark = pytest.mark.usefixtures("bounded")


class Chunks(list[bytes]):
    """A target in memory."""

    chunk_bytes = 1 << 20
    chunk_lines: int | None = None

    def find(self, inode: int) -> list[Position]:
        raise AssertionError(f"a pipe has no inode, so not {inode} either")

    def publish(self, data: Sequence[bytes], update: PositionUpdate) -> bool:
        assert update == PositionUpdate()
        self.append(b"".join(lines.file_content(data)))
        return True

    def flush(self) -> None:
        pass


def piped(data: bytes, chunk_lines: int | None = None) -> Chunks:
    """Send ``data`` through a pipe, and return the chunks that are published."""
    chunks = Chunks()
    read, write = os.pipe()

    def send() -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(write, "wb") as file:
            file.write(data)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    try:
        stdin.publish(read, chunks, chunk_lines=chunk_lines)
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


def test_the_lines_before_one_that_is_too_long_are_published(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = Chunks()

    def publish(data: Sequence[bytes], update: PositionUpdate) -> bool:
        if b"long" in data[0]:
            raise LineTooLongError(4, 3)
        return Chunks.publish(chunks, data, update)

    monkeypatch.setattr(chunks, "publish", publish)
    read, write = os.pipe()
    os.write(write, b"one\ntwo\nlong\nend\n")
    os.close(write)

    with pytest.raises(WordCountError, match="2 lines of standard input are safe"):
        stdin.publish(read, chunks)
    os.close(read)
    assert chunks == [b"one\ntwo\n"]


def test_lines_are_published_while_the_pipe_is_open() -> None:
    arrived = threading.Event()
    chunks = Chunks()
    chunks.publish = lambda *_: arrived.set()  # type: ignore[method-assign]
    read, write = os.pipe()
    reader = threading.Thread(target=stdin.publish, args=(read, chunks))
    reader.start()
    os.write(write, b"one\ntw")

    assert arrived.wait(4)
    os.close(write)
    reader.join()
    os.close(read)


def test_a_byte_order_mark_alone_is_not_published() -> None:
    assert piped(lines.BOM) == []
