"""What ``wordcount`` refuses about words before it starts Java."""

from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["batch", "in", "--split", "words", "--regex", "a"], ["--split and --regex both say what a word is"]),
        (["batch", "in", "--match", ""], ["--match is empty"]),
        (["batch", "in", "--match", "caf\udce9"], ["--match 'caf\\udce9' is not UTF-8", "give it in UTF-8"]),
        (["batch", "in", "--split", "tabs"], ["--split 'tabs' is not one of 'space', 'whitespace', 'words'"]),
        (["batch", "in", "--min-length", "x"], ["--min-length 'x'"]),
        (["batch", "in", "--stop-words", "missing.txt"], ["--stop-words missing.txt: No such file", "or english"]),
        (["stream", "in", "--stop-words", "latin"], ["--stop-words latin: not UTF-8 at byte 1"]),
    ],
)
def test_word_options_that_do_not_hold_are_refused(
    in_process: InProcess, tmp_path: Path, arguments: list[str], parts: list[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "latin").write_bytes(b"h\xe9\n")
    assert_refused(in_process(*arguments, cwd=tmp_path), *parts)
