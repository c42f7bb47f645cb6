"""Lines longer than the limit are cut as they grow, and what cannot be cut is set aside; little of it is in memory."""

import bz2
import gzip
import os
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.content import gaps
from producer.positions.sqlite_store import PositionStore
from producer.reading import plain_reader
from producer.reading.open_file import OpenFile
from producer.targets.directory import DirectoryTarget
from producer.text.encoding import Encoding
from producer.text.long_lines import LineLimit
from tests.support.reference import count
from tests.support.watched import Watched

_WORD = b"x" * 100


def limited(watched: Watched, size: int = 50, *, cuts: bool = True, **options: object) -> None:
    folder = watched.folder.parent / "set-aside"
    watched.restart(line_limit=LineLimit(size, cuts), set_aside=folder, **options)


def notes(watched: Watched) -> list[str]:
    file = watched.folder.parent / "set-aside" / "notes.txt"
    return file.read_text().splitlines() if file.exists() else []


def test_a_long_line_counts_while_it_is_written(log: Watched) -> None:
    """Its end never comes, and what was counted of it stays counted over a restart."""
    limited(log)
    written = b""
    for number in range(40):
        piece = b"word%d " % number
        log.append("app.log", piece)
        written += piece
        log.poll()
        if number == 20:
            log.restart()

    counted = log.counts
    assert len(counted) > 30
    assert all(counted[word] == 1 for word in counted)
    log.append("app.log", b"end\n")
    assert log.poll() == count(written + b"end")
    assert log.warnings == []


def test_a_word_that_is_too_long_is_set_aside_and_told_once(watched: Watched) -> None:
    limited(watched)
    watched.write("a", b"one two\nthree " + _WORD + b" four\nfive\n")
    path = str(watched.path("a"))

    assert watched.poll() == count(b"one two three four five")
    (reason,) = watched.warned("a")
    assert reason.startswith("a word or line of 101 bytes from byte 14 on is longer than --max-line and is left out; ")
    assert reason.endswith("set-aside/notes.txt says where it is")
    assert notes(watched) == [f"{path}\t14\t101"]
    watched.restart()
    assert watched.poll() == count(b"one two three four five")
    assert len(watched.warned("a")) == 1


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_a_word_that_is_too_long_is_set_aside_however_it_arrives(watched: Watched, step: int) -> None:
    limited(watched, settle=60)
    data = b"one " + _WORD + b" two " + _WORD * 2 + b"\nthree\n"
    for start in range(0, len(data), step):
        watched.append("a", data[start : start + step])
        watched.poll()

    assert watched.counts == count(b"one two three")
    assert [line.split("\t")[1:] for line in notes(watched)] == [["4", "101"], ["109", "201"]]


def test_a_line_that_must_not_be_cut_is_set_aside_as_a_whole(watched: Watched) -> None:
    limited(watched, cuts=False)
    watched.write("a", b"one two\n" + b"word " * 30 + b"\nthree\n")

    assert watched.poll() == count(b"one two\nthree")
    assert len(notes(watched)) == 1


def test_a_last_line_that_is_too_long_is_set_aside_once_the_file_is_idle(watched: Watched) -> None:
    limited(watched)
    watched.write("a", b"one\n" + _WORD)

    assert watched.poll() == count(b"one")
    assert watched.follower.caught_up()
    watched.append("a", b"more\ntwo\n")
    assert watched.poll() == count(b"one\nmore\ntwo")


def test_an_unfinished_word_of_a_log_is_not_waited_for(log: Watched) -> None:
    limited(log)
    log.append("app.log", b"one\n" + _WORD)
    log.poll()

    assert log.follower.caught_up()
    assert log.warnings == []
    assert "the last line has no line end yet" in str(log.follower.unfinished_message())


def test_a_line_in_front_of_a_gap_is_bounded_too(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "PATIENCE_SECONDS", 0.0)
    limited(watched)
    watched.write("a", b"one\n" + _WORD + bytes(8000) + b"two\n")
    for _ in range(3):
        watched.poll()

    assert watched.counts["one"] == watched.counts["two"] == 1
    assert [line.split("\t")[1:] for line in notes(watched)] == [["4", "100"]]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_a_compressed_file(watched: Watched, compress: Callable[[bytes], bytes]) -> None:
    limited(watched)
    data = b"one " * 50 + b"\n" + b"two " + _WORD + b" three\n" + b"four " * 50
    watched.write("a.packed", compress(data))

    assert watched.poll() == count(data.replace(_WORD + b" ", b""))
    assert [line.split("\t")[1:] for line in notes(watched)] == [["205", "101"]]
    watched.restart()
    assert watched.poll() == count(data.replace(_WORD + b" ", b""))


@pytest.mark.parametrize("name", ["cp949", "utf-16-le", "utf-16-be", "utf-32-le"])
def test_other_encodings_are_cut_at_their_spaces(watched: Watched, name: str) -> None:
    limited(watched, settle=60, encoding=Encoding(name))
    text = "한국어 단어  " * 30 + "\n" + "긴" * 60 + " 셋\n"
    data = text.encode(name)
    for start in range(0, len(data), 33):
        watched.append("a", data[start : start + 33])
        watched.poll()

    assert watched.counts == count(text.replace("긴" * 60 + " ", "").encode())
    assert len(notes(watched)) == 1


def test_a_line_is_cut_to_what_the_target_takes(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of another encoding a third, as its text may be longer in UTF-8."""
    monkeypatch.setattr(DirectoryTarget, "line_bytes", 60)
    limited(watched, 1000)
    text = "한국어한국어 " * 50 + "\n"
    watched.write("a", text.encode())
    watched.write("b", text.encode("utf-16"))

    assert watched.poll() == count(text.encode() * 2)
    assert max(len(line) for chunk in watched.chunks for line in chunk.splitlines()) in range(45, 61)


def test_a_crash_before_the_chunk_is_published_loses_and_repeats_nothing(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(watched)
    data = b"one " * 30 + _WORD + b" two\n"
    watched.write("a", data)
    with monkeypatch.context() as patch:
        patch.setattr(PositionStore, "commit", lambda *_: (_ for _ in ()).throw(OSError("no power")))
        with pytest.raises(OSError, match="no power"):
            watched.poll()
    watched.restart()

    assert watched.poll() == count(data.replace(_WORD + b" ", b""))
    assert set(notes(watched)) == {f"{watched.path('a')}\t120\t101"}


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from([b" ", b"  ", b"a", b"bc ", b"\n", b"long" * 9, b"restart", b"poll"]), max_size=40),
    st.integers(8, 20),
)
def test_every_word_is_counted_or_set_aside(steps: list[bytes], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as root:
        patch.setattr(DirectoryTarget, "chunk_bytes", 32)
        patch.setattr(plain_reader, "READ_BYTES", 8)
        patch.setattr(os, "fsync", lambda *_: None)
        watched, data = Watched(Path(root), settle=3600), b""
        limited(watched, size)
        watched.write("a", b"")
        for step in steps:
            if step in {b"poll", b"restart"}:
                getattr(watched, step.decode())()
            else:
                watched.append("a", step)
                data += step
        watched.append("a", b"\n")
        watched.poll()
        watched.close()
        expected, ends = count(data), data + b"\n"
        for note in notes(watched):
            start, length = map(int, note.split("\t")[1:])
            expected -= count(ends[start : start + length - 1])

        assert watched.counts == expected


def test_a_growing_line_is_not_searched_again(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one that may still be cut, nor a word that is set aside."""
    read = OpenFile.read
    sizes: list[int] = []
    monkeypatch.setattr(OpenFile, "read", lambda *args: (sizes.append(args[1]), read(*args))[1])
    for limit in (1 << 20, 1 << 10):
        limited(log, limit)
        log.append("app.log", b"\n" + b"x" * (1 << 17))
        log.poll()
        sizes.clear()
        for _ in range(20):
            log.append("app.log", b"x")
            log.poll()

        assert sum(sizes) < 20 * (1 << 14)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("piece", [b"one two ", b"x"], ids=["words", "one word"])
@pytest.mark.parametrize("cuts", [True, False], ids=["cut", "not cut"])
def test_a_huge_line_is_never_in_memory(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, suffix: str, piece: bytes, *, cuts: bool
) -> None:
    monkeypatch.setattr(DirectoryTarget, "chunk_bytes", 1 << 20)
    limited(watched, 1 << 20, cuts=cuts)
    opener = gzip.open if suffix else open
    block = piece * ((1 << 20) // len(piece))
    with opener(watched.path(f"a{suffix}"), "wb") as file:  # type: ignore[operator]
        for _ in range(64):
            file.write(block)
        file.write(b"end\nlast\n")
    tracemalloc.start()
    watched.follower.poll()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 16 << 20
    total = sum(map(len, watched.chunks))
    assert total > 64 << 20 if cuts and b" " in piece else total == len(b"last\n")
