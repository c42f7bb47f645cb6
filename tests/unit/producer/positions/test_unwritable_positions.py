"""Positions that cannot be written: the message says what to do."""

import resource
from pathlib import Path

import pytest

from producer.common.errors import WordCountError
from producer.positions.sqlite_store import PositionStore


@pytest.mark.parametrize(
    ("limit", "advice"), [(resource.RLIM_INFINITY, "disk or"), (1 << 40, "disk, raise ulimit -f or")]
)
def test_a_disk_that_cannot_be_written_to_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, advice: str
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, resource.RLIM_INFINITY))
    with pytest.raises(WordCountError, match=f"unable to open database file; make room on the {advice} allow writing"):
        PositionStore(tmp_path / "missing" / "p.db")
