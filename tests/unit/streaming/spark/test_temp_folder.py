"""Temporary folders end with the process that made them, or with the next start."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from producer.common.errors import UsageError
from streaming.spark.temp_folder import remove_abandoned, scratch_folder, temp_folder

_HOLD = "from streaming.spark.temp_folder import scratch_folder\nwith scratch_folder(): print(flush=True); input()"


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_temporary_files_are_in_the_scratch_folder_and_end_with_it(parent: Path) -> None:
    with scratch_folder():
        (folder,) = parent.iterdir()
        assert Path(tempfile.mkdtemp()).parent == folder

    assert list(parent.iterdir()) == []
    assert tempfile.gettempdir() == str(parent)


def test_the_folder_of_a_killed_process_is_removed_and_that_of_a_living_one_is_not(parent: Path) -> None:
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


@pytest.mark.parametrize("name", [".wordcount-run-abc", ".wordcount-new-abc"], ids=["of now", "of earlier versions"])
@pytest.mark.parametrize("files", [[], ["lock"]], ids=["before the lock", "after it"])
def test_a_process_killed_while_it_made_its_folder_leaves_nothing(parent: Path, name: str, files: list[str]) -> None:
    (parent / name).mkdir()
    for file in files:
        (parent / name / file).touch()
    with scratch_folder():
        assert not (parent / name).exists()


@pytest.mark.parametrize("link", [".wordcount-run-abc", ".wordcount-run-abc/lock"], ids=["the folder", "its lock"])
def test_a_link_of_another_user_leads_to_no_new_file(parent: Path, tmp_path: Path, link: str) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (parent / link).parent.mkdir(exist_ok=True)
    (parent / link).symlink_to(mine / "lock" if link.endswith("lock") else mine)
    with scratch_folder():
        assert list(mine.iterdir()) == []


@pytest.mark.parametrize("name", [".wordcount-run-abc", ".wordcount-new-abc"], ids=["of now", "of earlier versions"])
def test_a_folder_stays_if_a_cleaner_of_old_files_removed_its_lock(parent: Path, name: str) -> None:
    """A stream runs for weeks, and nothing ever writes to its lock."""
    (parent / name / "state").mkdir(parents=True)
    with scratch_folder():
        assert (parent / name / "state").exists()


def test_a_folder_removed_before_it_was_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, made = tempfile.mkdtemp, []

    def make_and_be_swept(prefix: str, dir: Path) -> str:  # noqa: A002  # as tempfile has it
        made.append(make(prefix=prefix, dir=dir))
        if len(made) == 1:
            remove_abandoned(dir, prefix)
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_be_swept)
    with temp_folder(tmp_path, ".x-") as folder:
        remove_abandoned(tmp_path, ".x-")
        assert [str(path) for path in tmp_path.iterdir()] == made[1:] == [str(folder)]


def test_a_folder_whose_lock_was_removed_before_it_was_taken_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process removes it between the opening of the lock and its taking."""
    opened = os.open
    folders: list[Path] = []

    def open_and_be_swept(path: Any, *arguments: Any, **more: Any) -> int:
        descriptor = opened(path, *arguments, **more)
        if Path(path).name == "lock":
            folders.append(path.parent)
            if len(folders) == 1:
                shutil.rmtree(path.parent)
        return descriptor

    monkeypatch.setattr(os, "open", open_and_be_swept)
    with temp_folder(tmp_path, ".x-") as folder:
        assert folders[1:] == [folder]
        assert folder.exists()


def test_no_folder_for_temporary_files_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def gettempdir() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "gettempdir", gettempdir)
    with pytest.raises(UsageError, match="no temporary folder can be written to; set TMPDIR"), scratch_folder():
        pass


def test_a_folder_that_the_system_gives_no_other_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without /proc, as in some sandboxes."""
    odd = tmp_path / "a b"
    odd.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(odd))
    monkeypatch.setattr(os, "getpid", lambda: 0)
    with pytest.raises(UsageError, match=f"TMPDIR {odd}: .*; set TMPDIR to a plain one"), scratch_folder():
        pass
    assert list(odd.iterdir()) == []
