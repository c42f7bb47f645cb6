import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from producer.targets.directory import DirectoryTarget
from streaming.counting.rules import ONE_SPACE, LineTime, Windows
from streaming.query import spool
from streaming.query.options import StreamOptions
from streaming.query.spool import SpoolFeeder
from streaming.sources.files import Files
from streaming.spark.settings import settings
from streaming.state.folder import State, open_state
from streaming.state.manifest import Manifest
from streaming.windows import closing
from tests.support.made_checkpoint import entry, make
from tests.support.processes import wait_until


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    manifest = Manifest.for_stream("source", settings(None, []), ONE_SPACE)
    with open_state(tmp_path / "state", manifest) as state:
        state.begin()
        yield state


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


def started(state: State, source: Path, **changes: Any) -> SpoolFeeder:
    files = Files((str(source),))
    options = StreamOptions(
        source=files, output=None, format_name="text", trigger=0, once=True, top=None, snapshot_interval=0,
        changes=False, settle=0, depth=None,
    )  # fmt: skip
    feeder = SpoolFeeder(state, files, replace(options, **changes), lambda *_: None)
    feeder.start()
    return feeder


def chunks(state: State) -> list[Path]:
    return sorted(state.spool.glob("chunk-*"))


def test_many_files_may_be_open(state: State, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[bool] = []
    monkeypatch.setattr(spool, "allow_open_files", lambda: allowed.append(True))
    started(state, source).stop()

    assert allowed


def test_with_once_it_ends_when_everything_is_in_the_spool(state: State, source: Path) -> None:
    (source / "a").write_bytes(b"one\n")
    feeder = started(state, source)
    wait_until(lambda: feeder.has_ended, "the end of the feeder", 10)

    assert [chunk.read_bytes() for chunk in chunks(state)] == [b"one\n"]
    assert feeder.waiting_bytes == 4
    assert not feeder.is_empty


def test_it_follows_until_it_is_stopped(state: State, source: Path) -> None:
    feeder = started(state, source, once=False)
    (source / "a").write_bytes(b"one\n")
    wait_until(lambda: len(chunks(state)) == 1, "a chunk", 10)
    assert not feeder.has_ended
    feeder.stop()

    assert feeder.has_ended


def test_windows_are_released_once_what_was_there_is_counted(state: State, source: Path) -> None:
    (source / "app.log").write_bytes(b"one\nhalf a li")
    for _ in range(2):  # at each start
        feeder = started(state, source / "app.log", once=False, windows=Windows(60, 60, LineTime("iso")))
        wait_until(lambda: len(chunks(state)) == 1 and feeder.follower.caught_up(), "what was there", 10)  # noqa: B023
        feeder.release_windows()
        assert list(state.released.iterdir()) == []
        chunks(state)[0].unlink()  # as it is counted
        for _ in range(2):
            wait_until(lambda: feeder.release_windows() or len(list(state.released.iterdir())) == 1, "the release", 10)  # type: ignore[func-returns-value]  # noqa: B023
        with (source / "app.log").open("ab") as log:
            log.write(b"ne\nand ano")
        feeder.stop()


def test_every_midnight_is_a_step_of_the_clock() -> None:
    today = datetime.now(UTC)
    for zone in available_timezones():
        for days in range(0, 366, 7):
            day = today.astimezone(ZoneInfo(zone)) + timedelta(days=days)
            assert day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() % closing.MIDNIGHT_SECONDS == 0, (
                zone
            )


def test_days_are_closed_by_an_empty_line(state: State, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "MIDNIGHT_SECONDS", 1)
    feeder = started(state, source, once=False, windows=Windows(86_400, 86_400))
    wait_until(lambda: len(chunks(state)) > 1, "the second step", 10)  # the first look is one
    feeder.stop()

    assert {chunk.read_bytes() for chunk in chunks(state)} == {b"\n"}


def test_only_counted_chunks_are_removed(state: State, source: Path) -> None:
    for name in "ab":
        (source / name).write_bytes(b"one\n")
        feeder = started(state, source)
        wait_until(lambda: feeder.has_ended, "the end of the feeder", 10)  # noqa: B023
    first, second = chunks(state)
    make(state.checkpoint, {"0": [entry(first, 0)], "1": [entry(second, 1)]}, offsets=[0, 1], committed=1)

    feeder.remove_counted()

    assert chunks(state) == [second]
    assert (feeder.waiting_bytes, feeder.counted_bytes) == (4, 4)


def test_the_lag_is_that_of_the_oldest_chunk_and_starts_again_with_a_restart(
    state: State, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: 0.0, time=time.time)
    monkeypatch.setattr(spool, "time", clock)
    (source / "a").write_bytes(b"one\n")
    feeder = started(state, source)
    wait_until(lambda: feeder.has_ended, "the end of the feeder", 10)
    clock.monotonic = lambda: 10.0
    assert feeder.lag == 10
    (source / "b").write_bytes(b"two\n")
    feeder = started(state, source)  # as after a restart
    wait_until(lambda: feeder.has_ended, "the end of the feeder", 10)
    clock.monotonic = lambda: 15.0
    assert feeder.lag == 5, "since the restart"
    first, second = chunks(state)
    log = {"0": [entry(first, 0)], "1": [entry(second, 1)]}
    for committed, lag in ((1, 5), (2, 0)):
        make(state.checkpoint, log, offsets=[0, 1], committed=committed)
        feeder.remove_counted()
        assert feeder.lag == lag


def test_a_chunk_of_an_empty_line_does_not_lag(state: State, source: Path) -> None:
    for name, content in (("a", b"\n"), ("b", b"one\n")):
        (source / name).write_bytes(content)
        feeder = started(state, source)
        wait_until(lambda: feeder.has_ended, "the end of the feeder", 10)  # noqa: B023
        assert bool(feeder.lag) == (name == "b")
    first, second = chunks(state)
    make(state.checkpoint, {"0": [entry(first, 0)], "1": [entry(second, 1)]}, offsets=[0, 1], committed=1)
    feeder.remove_counted()

    assert feeder.lag > 0, "the other one waits"


def test_waiting_bytes_are_the_sizes_of_the_chunks(state: State, source: Path) -> None:
    """A byte order mark in the middle of a file gets an empty line before it at the start of a chunk."""
    (source / "a").write_bytes(b"one\n")
    feeder = started(state, source, once=False)
    wait_until(lambda: len(chunks(state)) == 1, "a chunk", 10)
    with (source / "a").open("ab") as file:
        file.write(b"\xef\xbb\xbftwo\n")
    wait_until(lambda: len(chunks(state)) == 2, "the next chunk", 10)
    feeder.stop()

    assert feeder.waiting_bytes == sum(chunk.stat().st_size for chunk in chunks(state)) == 4 + 8


def test_a_commit_that_leaves_the_time_of_the_folder_is_seen(state: State, source: Path) -> None:
    (source / "a").write_bytes(b"one\n")
    feeder = started(state, source)
    wait_until(lambda: feeder.has_ended, "the end of the feeder", 10)
    log = {"0": [entry(chunks(state)[0], 0)]}
    make(state.checkpoint, log, offsets=[0], committed=0)
    (state.checkpoint / "commits").mkdir()  # Spark is about to rename 0 into it
    before = (state.checkpoint / "commits").stat().st_mtime_ns
    feeder.remove_counted()
    make(state.checkpoint, log, offsets=[0], committed=1)
    os.utime(state.checkpoint / "commits", ns=(before, before))

    feeder.remove_counted()

    assert feeder.is_empty


@pytest.mark.parametrize(("limit", "most"), [("SPOOL_BYTES", 8), ("SPOOL_CHUNKS", 2)])
def test_a_full_spool_takes_chunks_again_once_some_are_counted(
    state: State, source: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(spool, limit, most)
    monkeypatch.setattr(DirectoryTarget, "chunk_bytes", 1)
    for name in "abcd":
        (source / name).write_bytes(b"one\n")
    feeder = started(state, source)
    wait_until(lambda: len(chunks(state)) == 2, "two chunks", 10)
    assert feeder.waiting_bytes == 8
    log = {str(number): [entry(chunk, number)] for number, chunk in enumerate(chunks(state))}
    make(state.checkpoint, log, offsets=[0, 1], committed=2)
    feeder.remove_counted()
    wait_until(lambda: feeder.has_ended, "the end of the feeder", 10)

    assert len(chunks(state)) == 2
    assert feeder.waiting_bytes == 8


def test_it_stops_though_the_spool_is_full(state: State, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SPOOL_BYTES", 4)
    monkeypatch.setattr(DirectoryTarget, "chunk_bytes", 1)
    for name in "abcd":
        (source / name).write_bytes(b"one\n")
    feeder = started(state, source)
    wait_until(lambda: len(chunks(state)) == 1, "a chunk", 10)
    feeder.stop()

    assert feeder.has_ended
    assert feeder.error is None


def test_an_error_of_the_thread_is_kept(state: State, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DirectoryTarget, "publish", fail)
    (source / "a").write_bytes(b"one\n")
    feeder = started(state, source)
    wait_until(lambda: feeder.has_ended, "the end of the feeder", 10)

    assert isinstance(feeder.error, OSError)


def test_files_that_cannot_be_read_are_counted_by_the_thread_that_reads_them(state: State, source: Path) -> None:
    (source / "broken.gz").write_bytes(b"no gzip")
    feeder = started(state, source, once=False)
    wait_until(lambda: feeder.unreadable == 1, "the broken file", 10)
    (source / "broken.gz").unlink()
    wait_until(lambda: feeder.unreadable == 0, "its end", 10)
    feeder.stop()
