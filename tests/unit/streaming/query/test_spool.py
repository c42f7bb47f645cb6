import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from streaming.counting.rules import ONE_SPACE, Windows
from streaming.query import spool
from streaming.query.spool import SpoolFeeder
from streaming.sources.files import Files
from streaming.spark.settings import settings
from streaming.state.folder import State, open_state
from streaming.state.manifest import Manifest
from tests.support.made_checkpoint import entry, make
from tests.support.processes import wait_until


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    manifest = Manifest.of("source", settings(None, []), ONE_SPACE)
    with open_state(tmp_path / "state", manifest) as state:
        state.begin()
        yield state


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


def feed(state: State, source: Path, **options: Any) -> SpoolFeeder:
    return SpoolFeeder(
        state,
        Files((str(source),)),
        **{"settle": 0, "depth": None, "apart": [], "pause": 0.01, "once": True, "warn": lambda *_: None} | options,
    )


def chunks(state: State) -> list[Path]:
    return sorted(state.spool.glob("chunk-*"))


def test_it_lets_many_files_be_open(state: State, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[bool] = []
    monkeypatch.setattr("streaming.query.spool.allow_open_files", lambda: allowed.append(True))
    feed(state, source).stop()

    assert allowed


def test_once_it_ends_when_all_that_was_there_is_in_the_spool(state: State, source: Path) -> None:
    (source / "a").write_bytes(b"one\n")
    fed = feed(state, source)
    wait_until(lambda: fed.ended, "the end of the feed", 10)

    assert [chunk.read_bytes() for chunk in chunks(state)] == [b"one\n"]
    assert fed.waiting_bytes == 4
    assert not fed.empty()


def test_it_goes_on_until_it_is_stopped(state: State, source: Path) -> None:
    fed = feed(state, source, once=False)
    (source / "a").write_bytes(b"one\n")
    wait_until(lambda: len(chunks(state)) == 1, "a chunk", 10)
    assert not fed.ended
    fed.stop()

    assert fed.ended


def test_windows_are_released_once_what_was_there_is_counted(state: State, source: Path) -> None:
    (source / "app.log").write_bytes(b"one\nhalf a li")
    for _ in range(2):  # at each start anew
        fed = feed(state, source / "app.log", once=False, holds=True)
        wait_until(lambda: len(chunks(state)) == 1 and fed.follower.caught_up(), "what was there", 10)  # noqa: B023
        fed.release()
        assert list(state.released.iterdir()) == []
        chunks(state)[0].unlink()  # as it is counted
        for _ in range(2):
            wait_until(lambda: fed.release() or len(list(state.released.iterdir())) == 1, "the release", 10)  # type: ignore[func-returns-value]  # noqa: B023
        with (source / "app.log").open("ab") as log:
            log.write(b"ne\nand ano")
        fed.stop()


def test_it_is_midnight_at_a_step_of_those_that_close_days() -> None:
    today = datetime.now(UTC)
    for zone in available_timezones():
        for days in range(0, 366, 7):
            day = today.astimezone(ZoneInfo(zone)) + timedelta(days=days)
            assert day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() % spool.MIDNIGHT_SECONDS == 0, (
                zone
            )


def test_days_are_closed_by_an_empty_line(state: State, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MIDNIGHT_SECONDS", 1)
    fed = feed(state, source, once=False, windows=Windows(86_400, 86_400))
    wait_until(lambda: len(chunks(state)) > 1, "the second step", 10)  # the first look is one
    fed.stop()

    assert {chunk.read_bytes() for chunk in chunks(state)} == {b"\n"}


def test_counted_chunks_are_removed_and_others_are_not(state: State, source: Path) -> None:
    for name in "ab":
        (source / name).write_bytes(b"one\n")
        fed = feed(state, source)
        wait_until(lambda: fed.ended, "the end of the feed", 10)  # noqa: B023
    first, second = chunks(state)
    make(state.checkpoint, {"0": [entry(first, 0)], "1": [entry(second, 1)]}, offsets=[0, 1], committed=1)

    fed.remove_counted()

    assert chunks(state) == [second]
    assert fed.waiting_bytes == 4


def test_the_lag_is_that_of_the_first_chunk_that_waits_also_after_a_restart(
    state: State, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: 0.0, time=time.time)
    monkeypatch.setattr(spool, "time", clock)
    (source / "a").write_bytes(b"one\n")
    fed = feed(state, source)
    wait_until(lambda: fed.ended, "the end of the feed", 10)
    clock.monotonic = lambda: 10.0
    assert fed.lag == 10
    (source / "b").write_bytes(b"two\n")
    fed = feed(state, source)  # as after a restart
    wait_until(lambda: fed.ended, "the end of the feed", 10)
    clock.monotonic = lambda: 15.0
    assert fed.lag == 5, "since the restart"
    first, second = chunks(state)
    log = {"0": [entry(first, 0)], "1": [entry(second, 1)]}
    for committed, lag in ((1, 5), (2, 0)):
        make(state.checkpoint, log, offsets=[0, 1], committed=committed)
        fed.remove_counted()
        assert fed.lag == lag


def test_a_chunk_of_an_empty_line_does_not_lag(state: State, source: Path) -> None:
    for name, content in (("a", b"\n"), ("b", b"one\n")):
        (source / name).write_bytes(content)
        fed = feed(state, source)
        wait_until(lambda: fed.ended, "the end of the feed", 10)  # noqa: B023
        assert bool(fed.lag) == (name == "b")
    first, second = chunks(state)
    make(state.checkpoint, {"0": [entry(first, 0)], "1": [entry(second, 1)]}, offsets=[0, 1], committed=1)
    fed.remove_counted()

    assert fed.lag > 0, "the other one waits"


def test_bytes_are_those_of_the_files(state: State, source: Path) -> None:
    """A mark in the middle of a source has an empty line before it at the start of a chunk."""
    (source / "a").write_bytes(b"one\n")
    fed = feed(state, source, once=False)
    wait_until(lambda: len(chunks(state)) == 1, "a chunk", 10)
    with (source / "a").open("ab") as file:
        file.write(b"\xef\xbb\xbftwo\n")
    wait_until(lambda: len(chunks(state)) == 2, "the next chunk", 10)
    fed.stop()

    assert fed.waiting_bytes == sum(chunk.stat().st_size for chunk in chunks(state)) == 4 + 8


def test_a_commit_within_the_tick_of_the_folders_clock_is_seen(state: State, source: Path) -> None:
    (source / "a").write_bytes(b"one\n")
    fed = feed(state, source)
    wait_until(lambda: fed.ended, "the end of the feed", 10)
    log = {"0": [entry(chunks(state)[0], 0)]}
    make(state.checkpoint, log, offsets=[0], committed=0)
    (state.checkpoint / "commits").mkdir()  # Spark is about to rename 0 into it
    before = (state.checkpoint / "commits").stat().st_mtime_ns
    fed.remove_counted()
    make(state.checkpoint, log, offsets=[0], committed=1)
    os.utime(state.checkpoint / "commits", ns=(before, before))

    fed.remove_counted()

    assert fed.empty()


def test_a_full_spool_waits_until_there_is_room(state: State, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streaming.query.spool._SPOOL_BYTES", 8)
    monkeypatch.setattr("producer.targets.directory.DirectoryTarget.chunk_bytes", 1)
    for name in "abcd":
        (source / name).write_bytes(b"one\n")
    fed = feed(state, source)
    wait_until(lambda: len(chunks(state)) == 2, "two chunks", 10)
    assert fed.waiting_bytes == 8
    log = {str(number): [entry(chunk, number)] for number, chunk in enumerate(chunks(state))}
    make(state.checkpoint, log, offsets=[0, 1], committed=2)
    fed.remove_counted()
    wait_until(lambda: fed.ended, "the end of the feed", 10)

    assert len(chunks(state)) == 2
    assert fed.waiting_bytes == 8


def test_a_full_spool_does_not_keep_it_from_stopping(
    state: State, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.query.spool._SPOOL_BYTES", 4)
    monkeypatch.setattr("producer.targets.directory.DirectoryTarget.chunk_bytes", 1)
    for name in "abcd":
        (source / name).write_bytes(b"one\n")
    fed = feed(state, source)
    wait_until(lambda: len(chunks(state)) == 1, "a chunk", 10)
    fed.stop()

    assert fed.ended
    assert fed.error is None


def test_what_goes_wrong_in_it_is_kept_for_the_one_who_asks(
    state: State, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("producer.targets.directory.DirectoryTarget.publish", fail)
    (source / "a").write_bytes(b"one\n")
    fed = feed(state, source)
    wait_until(lambda: fed.ended, "the end of the feed", 10)

    assert isinstance(fed.error, OSError)
