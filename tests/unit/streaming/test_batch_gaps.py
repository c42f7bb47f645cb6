"""A batch counts what is written of a file, as a stream does: neither reads what nobody has written as a word."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from producer.content import gaps
from streaming.batch_files import readable
from streaming.batch_inputs import find_inputs
from tests.support.reference import count
from tests.support.watched import Watched

_HOLE = 1 << 16


def hole_at_the_end(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    os.truncate(path, _HOLE)


def hole_in_the_middle(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"one\ntw")
        file.seek(_HOLE)
        file.write(b"three\n")


def hole_at_the_start(path: Path) -> None:
    with path.open("wb") as file:
        file.seek(_HOLE)
        file.write(b"one\ntwo\n")


def hole_in_utf_16(path: Path) -> None:
    with path.open("wb") as file:
        file.write("one\ntwo".encode("utf-16"))
    os.truncate(path, _HOLE)


@pytest.mark.parametrize(
    "write",
    [
        hole_at_the_end,
        hole_in_the_middle,
        hole_at_the_start,
        hole_in_utf_16,
        lambda path: path.write_bytes(b"one\n" + bytes(20) + b"two\n"),
        lambda path: path.write_bytes(b"one\nt" + bytes(20) + b"wo\nthree\n"),
        lambda path: path.write_bytes(b"one\nt" + bytes(5000) + b"wo\n" + bytes(9)),
        lambda path: path.write_bytes(b"one\nt\0o\n\0\0"),
        lambda path: path.write_bytes(b"one two\n" * (1 << 17) + bytes(9) + b"three\n"),
    ],
)
def test_batch_and_stream_count_the_same(
    tmp_path: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], None]
) -> None:
    monkeypatch.setattr(gaps, "PATIENCE_SECONDS", 0.0)
    path = tmp_path / "a.txt"
    write(path)
    write(watched.path("a.txt"))
    for _ in range(4):
        watched.poll()
    warnings = list[tuple[str, str]]()
    inputs = find_inputs([str(path)], None, lambda *_: None)
    with readable(inputs, None, lambda *one: warnings.append(one)) as (paths, _):
        (folder,) = [Path(one.removeprefix("file://")) for one in paths]
        (file,) = folder.iterdir()
        counts = count(file.read_bytes())

    assert counts == watched.counts
    assert bool(warnings) == bool(watched.warnings)


def test_a_file_without_gaps_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\nt\0wo\n")
    with readable(find_inputs([str(tmp_path)], None, lambda *_: None), None, lambda *_: None) as (paths, _):
        (file,) = Path(paths[0].removeprefix("file://")).iterdir()

        assert file.is_symlink()
