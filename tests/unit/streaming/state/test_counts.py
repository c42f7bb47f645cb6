"""How the counts of a state are read, without Spark."""

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from producer.common.errors import WordCountError
from streaming.spark.java import Java
from streaming.spark.temp_folder import scratch_folder
from streaming.state import counts as state_counts
from streaming.state.counts import counts_in, plain_path
from tests.support.made_checkpoint import make

_REFUSED = "Java is not started here"


@pytest.fixture
def jvm_settings(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """Return the settings of each JVM that is started; it ends there."""
    jvm_settings: list[Mapping[str, str]] = []

    def jvm(_java: Any, chosen: Mapping[str, str], **_: Any) -> None:
        jvm_settings.append(chosen)
        raise WordCountError(_REFUSED)

    monkeypatch.setattr(state_counts, "Jvm", jvm)
    monkeypatch.setattr(state_counts, "find_java", lambda _: Java(Path("java"), "17.0.1", "PATH"))
    return jvm_settings


def make_state(folder: Path, **manifest: str) -> Path:
    """Make a state folder with one batch."""
    make(folder / "checkpoint", {}, [0], committed=1)
    (folder / "manifest.json").write_text(json.dumps({"format": 1, **manifest}))
    return folder


def read(folder: Path) -> None:
    with counts_in(str(folder), print, debug=False):
        pass


@pytest.mark.parametrize("manifest", [{}, {"state store": "rocksdb"}, {"state store": "com.example.Provider"}])
def test_any_state_store_is_read(
    tmp_path: Path, jvm_settings: list[Mapping[str, str]], manifest: dict[str, str]
) -> None:
    with pytest.raises(WordCountError, match=_REFUSED):
        read(make_state(tmp_path, **manifest))

    assert len(jvm_settings) == 1


def test_times_are_shown_in_the_zone_of_the_stream(tmp_path: Path, jvm_settings: list[Mapping[str, str]]) -> None:
    with pytest.raises(WordCountError, match=_REFUSED):
        read(make_state(tmp_path, **{"time zone": "Asia/Seoul"}))

    assert jvm_settings[0]["spark.sql.session.timeZone"] == "Asia/Seoul"


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
