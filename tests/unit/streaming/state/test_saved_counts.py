"""How a state is asked for its counts, without Spark."""

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
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """Return the settings of each JVM that is started; it ends there."""
    asked: list[Mapping[str, str]] = []

    def jvm(_java: Any, chosen: Mapping[str, str], **_: Any) -> None:
        asked.append(chosen)
        raise WordCountError(_REFUSED)

    monkeypatch.setattr(saved_counts, "Jvm", jvm)
    monkeypatch.setattr(saved_counts, "find_java", lambda _: Java(Path("java"), "17.0.1", "PATH"))
    return asked


def made(folder: Path, **manifest: str) -> Path:
    """Make a state folder with one batch."""
    make(folder / "checkpoint", {}, [0], committed=1)
    (folder / "manifest.json").write_text(json.dumps({"format": 1, **manifest}))
    return folder


def ask(folder: Path) -> None:
    with counts_in(str(folder), print, debug=False):
        pass


@pytest.mark.parametrize("manifest", [{}, {"state store": "rocksdb"}, {"state store": "com.example.Provider"}])
def test_any_state_store_is_read(tmp_path: Path, asked: list[Mapping[str, str]], manifest: dict[str, str]) -> None:
    with pytest.raises(WordCountError, match=_REFUSED):
        ask(made(tmp_path, **manifest))

    assert len(asked) == 1


def test_times_are_shown_in_the_zone_of_the_stream(tmp_path: Path, asked: list[Mapping[str, str]]) -> None:
    with pytest.raises(WordCountError, match=_REFUSED):
        ask(made(tmp_path, **{"time zone": "Asia/Seoul"}))

    assert asked[0]["spark.sql.session.timeZone"] == "Asia/Seoul"
