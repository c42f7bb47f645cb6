"""Words and names of files that would command a terminal, a shell or a reader of the files do nothing, anywhere."""

import csv
import json
import os
from pathlib import Path

import duckdb
import pytest

from tests.support.processes import Stream, command, run, wait_until
from tests.support.reference import parsed_file
from tests.support.terminal import Terminal
from tests.support.warm import run_warm

_TITLE = "\x1b]0;owned\x07"  # sets the title of a terminal
_WORDS = {
    _TITLE: 9,
    "\x9b31mred": 8,  # a command in one character
    "a\x0bb\x0cc\x85d\u2028e": 7,  # what some programs take for line ends
    "\u202etxt.exe": 6,
    "$(touch${IFS}owned)`touch${IFS}owned`": 5,
    ";touch${IFS}owned;'\"\\": 4,
    "=cmd|'/C'!A0": 3,
    'a,"b"': 2,
    "\x00nul": 1,
}
_NAME = f"{_TITLE}\n$(touch owned);'\"\u202e.gz"
_SHOWN_NAME = ("\\x1b]0;owned\\x07", "$(touch owned);'\"\\u202e.gz")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    lines = "".join(f"{word}\n" * number for word, number in _WORDS.items())
    (tmp_path / "in" / "words.txt").write_text(lines, "utf-8")
    return tmp_path / "in"


def break_file(folder: Path) -> None:
    """Add a file that a warning names."""
    (folder / _NAME).write_bytes(b"no gzip")
    os.utime(folder / _NAME, (0, 0))


def assert_not_commanded(terminal: Terminal) -> None:
    for forbidden in (_TITLE, "\x9b31m", "\u202e", "\x85", "\x0b"):
        assert forbidden.encode() not in terminal.raw


@pytest.mark.parametrize("format_name", ["text", "csv", "json", "parquet"])
def test_saved_files_have_the_words_as_they_are(folder: Path, tmp_path: Path, format_name: str) -> None:
    result = run_warm("batch", folder, "--output", tmp_path / "out", "--format", format_name, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (file,) = (tmp_path / "out").glob("counts.*")
    if format_name == "text":
        counts = parsed_file(file)
    elif format_name == "csv":
        with file.open(encoding="utf-8", newline="") as lines:
            counts = {row["word"]: int(row["count"]) for row in csv.DictReader(lines)}
    elif format_name == "json":
        counts = {row["word"]: row["count"] for row in map(json.loads, file.read_text("utf-8").split("\n")[:-1])}
    else:
        counts = dict(duckdb.sql(f"select * from read_parquet('{file}')").fetchall())
    assert counts == _WORDS
    assert not list(tmp_path.rglob("owned"))


def test_messages_are_one_line_whatever_a_file_is_called(folder: Path, tmp_path: Path) -> None:
    break_file(folder)
    producer = run(folder, "--to", tmp_path / "to", name="wordcount-producer", cwd=tmp_path)
    stream = run_warm("stream", folder, "--output", tmp_path / "out", "--once", "--settle", "0s", cwd=tmp_path)
    batch = run("batch", folder, cwd=tmp_path)
    for result, lines in ((producer, 2), (stream, 2), (batch, 1)):
        assert result.returncode == 1
        assert result.stderr.count("\n") == lines, result.stderr
        assert all(part in result.stderr for part in _SHOWN_NAME)
        assert result.stderr.replace("\n", "").isprintable()
    assert not list(tmp_path.rglob("owned"))


def test_nothing_commands_the_terminal(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    commands = [
        ("batch", folder),
        ("stream", folder, "--output", output, "--once"),
        ("top", output, "-n", "20"),
        ("get", output, *[word for word in _WORDS if "\x00" not in word]),
        ("export", output),
    ]
    for arguments in commands:
        with Terminal(100, 40, command("wordcount"), *arguments) as terminal:
            assert terminal.process.wait(timeout=120) == 0
            wait_until(lambda screen=terminal: screen.shows("\\x1b]0;owned\\x07", "9"), "the escaped word")
            assert_not_commanded(terminal)


def test_nothing_commands_the_terminal_of_the_live_view(folder: Path, tmp_path: Path) -> None:
    with Terminal(100, 40, command("wordcount"), "stream", folder, "--output", tmp_path / "out") as terminal:
        wait_until(lambda: terminal.shows("\\x1b]0;owned\\x07", "9"), "the escaped word")
        break_file(folder)
        wait_until(lambda: terminal.says("\\x1b]0;owned\\x07\\n$(touch owned)"), "the warning")
        terminal.press("q")
        assert terminal.process.wait(timeout=120) == 0
        assert_not_commanded(terminal)
    assert not list(tmp_path.rglob("owned"))


def test_a_pipe_gets_the_words_as_they_are(folder: Path) -> None:
    with Stream(folder) as stream:
        stream.wait_for_counts(_WORDS)
        assert stream.stop() == 0
