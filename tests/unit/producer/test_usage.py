"""What ``wordcount-producer`` refuses."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The working directory: it holds a folder ``in`` with one file, and a file ``file``."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"a\n")
    (tmp_path / "file").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["missing.txt", "--to", "to"], ["missing.txt", "no such file"]),
        (["in/a.txt", "--to", "file"], ["--to", "file", "is a file"]),
        (["in/a.txt", "--to", "to", "--rate", "fast"], ["--rate", "fast", "greater than 0"]),
        (["in/a.txt", "--to", "to", "--rate", "0"], ["--rate", "'0'", "greater than 0"]),
        (["in", "--to", "in/to"], ["--to in/to is inside the source", "outside"]),
        (["in", "--to", "ftp://host/to"], ["ftp://host/to", "directory"]),
        (["in"], ["--to", "--help"]),
        (["in", "--to", "a", "--to", "b"], ["--to is given more than once; give it once"]),
    ],
)
def test_wrong_usage(in_process: InProcess, folder: Path, arguments: Sequence[str], parts: Sequence[str]) -> None:
    assert_refused(in_process(*arguments, name="wordcount-producer", cwd=folder), *parts)
