"""How the counts of a state are read, without Spark."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from producer.common.errors import WordCountError
from streaming.spark.java import Java
from streaming.state import saved_counts
from streaming.state.saved_counts import counts_in
from tests.support.made_checkpoint import make

_REFUSED = "Java is not started here"


@pytest.fixture
def jvm_settings(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """Return the settings of each JVM that is started; it ends there."""
    jvm_settings: list[Mapping[str, str]] = []

    def jvm(_java: Any, chosen: Mapping[str, str], **_: Any) -> None:
        jvm_settings.append(chosen)
        raise WordCountError(_REFUSED)

    monkeypatch.setattr(saved_counts, "Jvm", jvm)
    monkeypatch.setattr(saved_counts, "find_java", lambda _: Java(Path("java"), "17.0.1", "PATH"))
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
