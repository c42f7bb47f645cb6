import os
from pathlib import Path

import pytest

from producer.common import atomic_file


def test_a_file_is_created_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "counts"
    for data in (b"one\n", b"two\n"):
        atomic_file.write_file(path, data)
        assert path.read_bytes() == data

    assert os.listdir(tmp_path) == ["counts"]


def test_a_file_that_cannot_be_written_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "counts"
    path.write_bytes(b"old\n")

    def full(_: int) -> None:
        raise OSError

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):  # noqa: PT011  # it says nothing
        atomic_file.write_file(path, b"new\n")

    assert path.read_bytes() == b"old\n"


def test_the_data_is_on_the_disk_before_the_file_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "counts"
    synced: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.pread(descriptor, 9, 0)) or path.stat())
    with pytest.raises(FileNotFoundError):
        atomic_file.write_file(path, b"new\n")

    assert synced == [b"new\n"]
