"""Temporary files end with the process that made them, or with the next."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from streaming.spark.temp_folder import scratch_folder

_HOLD = "from streaming.spark.temp_folder import scratch_folder\nwith scratch_folder(): print(flush=True); input()"


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_temporary_files_are_in_it_and_end_with_it(parent: Path) -> None:
    with scratch_folder():
        (folder,) = parent.iterdir()
        assert Path(tempfile.mkdtemp()).parent == folder

    assert list(parent.iterdir()) == []
    assert tempfile.gettempdir() == str(parent)


def test_that_of_a_killed_process_is_removed_and_that_of_another_is_not(parent: Path) -> None:
    def start() -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-c", _HOLD],
            env={**os.environ, "TMPDIR": str(parent), "PYTHONPATH": str(Path(__file__).parents[4])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        return process

    with start() as killed, start() as lives:
        before = set(parent.iterdir())
        killed.kill()
        killed.wait()
        with scratch_folder():
            assert len(before & set(parent.iterdir())) == 1
        lives.communicate(b"\n")
    assert list(parent.iterdir()) == []
