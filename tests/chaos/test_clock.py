"""A clock that is set back while a stream runs, as a virtual machine that wakes up does, holds nothing up."""

from pathlib import Path

import pytest

from tests.chaos.faults import Faults
from tests.support.processes import Stream

_HOUR = 3600
pytestmark = pytest.mark.usefixtures("quick_starts")


def test_a_clock_set_back_an_hour(tmp_path: Path, fault_library: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("before\n")
    faults = Faults(fault_library, tmp_path / "out", tmp_path / "notes")
    with Stream(
        folder, "--output", tmp_path / "out", "--trigger", "1s", "--settle", "1s", env=faults.environment()
    ) as stream:
        stream.wait_for(before=1)
        faults.set_clock_back(_HOUR)
        for number in range(3):
            (folder / f"{number}.txt").write_text(f"after{number}\n")
            stream.wait_for(**{f"after{number}": 1})
        assert stream.stop() == 0
