"""The path by which Spark reads the state, without Spark."""

import re
import tempfile
from pathlib import Path

import pytest

from streaming.spark.temp_folder import scratch_folder
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


@pytest.mark.parametrize("name", ["a b", "a#b", "100%", "a\\b", "{a,b}*?[c]", "'\"", "한글", "x" * 250])
def test_the_link_is_plain_in_any_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    temporary = tmp_path / name
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with scratch_folder():
        odd = Path(tempfile.mkdtemp(prefix="e f"))
        link = Path(plain_path(odd))

        assert re.fullmatch(r"[\w./-]+", str(link), re.ASCII)
        assert link.samefile(odd)
        assert link.resolve().is_relative_to(temporary)
    assert list(temporary.iterdir()) == []
