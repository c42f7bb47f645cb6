"""Folders to write to."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from producer.common.errors import UsageError
from producer.common.folders import output_folder


@pytest.mark.parametrize(("flags", "reason"), [(os.ST_RDONLY, "Read-only file system"), (0, "Permission denied")])
def test_a_folder_that_cannot_be_written_to_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: int, reason: str
) -> None:
    # Only root can mount a folder, and root may write to any that is not read-only.
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=flags))

    with pytest.raises(UsageError, match=f"cannot be written to: {reason}; give a folder"):
        output_folder(str(tmp_path), "--output")
