"""Many equal files that arrive at once: they wait together, count once each, and cost little."""

import pytest

from producer.discovery import scanner
from producer.positions.sqlite_store import PositionStore
from producer.reading import open_file, rotated_copies
from tests.support.reference import count
from tests.support.watched import Watched, wait_for_a_clock_tick
from tests.support.watched_logs import numbered

_FILES = 40


@pytest.fixture
def equal(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A folder that has some equal files, and of which no later scan finds all files."""
    monkeypatch.setattr(scanner, "RECENT_FILES", 2)
    monkeypatch.setattr(open_file, "TICK_NS", 0)  # however fast the machine is, the files rest when they are read
    for number in range(_FILES):
        watched.write(f"{number}", b"same\n")
    wait_for_a_clock_tick(watched.folder)
    watched.poll()
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", 1e-12)
    watched.poll()
    return watched


def arrive(equal: Watched) -> None:
    equal.path("../more").mkdir()
    for number in range(_FILES):
        equal.write(f"../more/{number}", b"same\n")
    equal.path("../more").rename(equal.path("more"))


def test_all_count_once_they_have_settled_though_no_scan_finds_them_again(equal: Watched) -> None:
    arrive(equal)
    for _ in range(3):
        equal.poll()

    assert equal.counts == {"same": 2 * _FILES}


def test_none_is_compared_with_the_others_and_the_others_are_looked_up_once(
    equal: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared, looked_up = list[object](), list[object]()
    opened, alike = rotated_copies.opened, PositionStore.alike
    monkeypatch.setattr(rotated_copies, "opened", lambda *args: compared.append(args) or opened(*args))
    monkeypatch.setattr(PositionStore, "alike", lambda *args: looked_up.append(args) or alike(*args))
    arrive(equal)
    for _ in range(3):
        equal.poll()

    assert len(looked_up) <= 3
    assert len(compared) < _FILES


@pytest.mark.parametrize("size", [20, 200], ids=["a few lines", "many lines"])
def test_a_file_that_is_replaced_by_a_longer_one_of_the_same_beginning_is_reported(watched: Watched, size: int) -> None:
    former = numbered(*range(size))
    watched.write("a", former)
    watched.poll()
    watched.write(".new", former + numbered(size)).rename(watched.path("a"))

    assert watched.poll() == count(former, former + numbered(size))
    reason = f"replaces a file that held its first {len(former):,} bytes: all of it counts, so these lines count twice"
    assert watched.warned("a") == ([reason] if size > 20 else [])
