"""The path by which Spark reads the state, without Spark."""

import re
import tempfile
from pathlib import Path

import pytest

from streaming.state.counts import plain_path


def test_a_path_with_a_space_is_reached_through_a_plain_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    odd = tmp_path / "a b"
    odd.mkdir()

    assert plain_path(Path("/plain_1/a.b-c")) == "/plain_1/a.b-c"
    link = Path(plain_path(odd))
    assert re.fullmatch(r"[\w./-]+", str(link), re.ASCII)
    assert link.samefile(odd)
    assert plain_path(odd) == str(link)


def test_a_link_that_is_gone_is_recreated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    odd = tmp_path / "c d"
    odd.mkdir()
    Path(plain_path(odd)).unlink()  # as a cleaner of old temporary files does

    assert Path(plain_path(odd)).samefile(odd)
