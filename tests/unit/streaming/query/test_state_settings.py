"""What a state has replaces the settings of a new one, unless the user has given others."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from producer.common.errors import UsageError
from streaming.query.options import SparkOptions, StreamOptions
from streaming.query.state_settings import settings_for
from streaming.sources.files import Files
from streaming.spark.java import Java
from streaming.spark.settings import (
    PARTITIONS,
    ROCKSDB_SETTINGS,
    STATE_STORES,
    STORE,
    UNWATCHED_SETTINGS,
    StateStore,
    settings,
)

if TYPE_CHECKING:
    from streaming.state.folder import State


@dataclass
class Known:
    """What a state folder says of itself."""

    partitions: int | None
    store: str | None
    folder: Path = Path("/state")


def chosen_for(state: Known, store: StateStore = "memory", *, real_time: bool = False) -> dict[str, str]:
    options = StreamOptions(
        source=Files(("in",)), output=None, format_name="text", trigger=1, once=False, top=None, snapshot_interval=1,
        changes=False, settle=1, depth=None, real_time=real_time,
    )  # fmt: skip
    spark = SparkOptions(Java(Path("java"), "17", "PATH"), settings(None, [], store), [], debug=False)
    return settings_for(options, spark, cast("State", state))


def test_a_new_state_gets_the_settings_as_they_are() -> None:
    assert chosen_for(Known(None, None)) == settings(None, [])


def test_a_state_keeps_its_number_and_its_store_with_the_settings_of_that() -> None:
    chosen = chosen_for(Known(7, STATE_STORES["rocksdb"]))

    assert (chosen[PARTITIONS], chosen[STORE]) == ("7", STATE_STORES["rocksdb"])
    assert ROCKSDB_SETTINGS.items() <= chosen.items()


def test_the_distinct_words_are_only_counted_for_a_terminal_that_shows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    rocksdb = Known(None, STATE_STORES["rocksdb"])
    unwatched = chosen_for(rocksdb)
    controller, terminal = os.openpty()
    with open(controller, "rb"), open(terminal, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        monkeypatch.setenv("TERM", "xterm")
        watched, in_real_time = chosen_for(rocksdb), chosen_for(rocksdb, real_time=True)

    assert UNWATCHED_SETTINGS.items() <= unwatched.items()
    assert not UNWATCHED_SETTINGS.keys() & watched.keys()
    assert UNWATCHED_SETTINGS.items() <= in_real_time.items()


@pytest.mark.parametrize(
    ("store", "name"), [(STATE_STORES["memory"], "memory"), ("org.example.Own", "org.example.Own")]
)
def test_real_time_refuses_another_store(store: str, name: str) -> None:
    with pytest.raises(UsageError, match=f"made with the state store '{name}', .* give another --checkpoint") as caught:
        chosen_for(Known(1, store), "rocksdb", real_time=True)

    assert ("--state-store rocksdb to convert it" in str(caught.value)) == (name == "memory")
