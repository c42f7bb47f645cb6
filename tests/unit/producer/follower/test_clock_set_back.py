"""The clock is set back between what happens to a log: what was created later then has an earlier time."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.clock import Clock
from tests.support.watched import Watched, wait_for_a_clock_tick
from tests.support.watched_logs import copytruncate, move, numbered, once
from tests.unit.producer.follower.test_replaced_logs import put


class ClockedLog(Watched):
    """A followed log; ``clock`` is the time that the follower sees, also that of files."""

    clock = Clock()

    def poll(self, after_scan: Callable[[], object] = lambda: None) -> dict[str, int]:
        with self.clock.applied():
            return super().poll(partial(self._outside, after_scan))

    def _outside(self, after_scan: Callable[[], object]) -> None:
        with self.clock.suspended():
            after_scan()


@pytest.fixture
def clocked(tmp_path: Path, full_scans: None) -> Iterator[ClockedLog]:  # noqa: ARG001
    log = ClockedLog(tmp_path, inputs=["app.log"], follow_logs=True)
    log.clock = Clock()
    yield log
    log.close()


@pytest.mark.parametrize("copy", ["app.log.1", "former app"])
@pytest.mark.parametrize("is_polled", [False, True])
def test_a_log_copied_and_truncated_after_it_counts_once(clocked: ClockedLog, copy: str, is_polled: bool) -> None:  # noqa: FBT001
    clocked.restart(settle=3600)
    clocked.write("app.log", numbered(1))
    clocked.poll()
    clocked.append("app.log", numbered(2))
    clocked.clock.set(-7200)
    if is_polled:
        clocked.poll(after_scan=lambda: copytruncate(clocked, "app.log", copy))
    else:
        copytruncate(clocked, "app.log", copy)
    clocked.append("app.log", numbered(3, 4))
    for _ in range(3):
        clocked.poll()

    assert clocked.counts == once(1, 2, 3, 4)


def test_a_log_copied_before_and_truncated_after_it_counts_once(clocked: ClockedLog) -> None:
    clocked.restart(settle=3600)
    clocked.write("app.log", numbered(1))
    clocked.poll()
    clocked.poll(after_scan=lambda: clocked.write("former app", numbered(1, 2)))
    clocked.clock.set(-7200)
    clocked.write("app.log", numbered(3, 4))
    for _ in range(3):
        clocked.poll()

    assert clocked.counts == once(1, 2, 3, 4)


def test_a_log_replaced_by_what_it_has_become_counts_once(clocked: ClockedLog) -> None:
    put(clocked, numbered(1))
    clocked.poll()
    clocked.write("new", numbered(1, 2))
    wait_for_a_clock_tick(clocked.folder)
    clocked.clock.set(-7200)
    move(clocked, "new", "app.log")
    for _ in range(3):
        clocked.poll()

    assert clocked.counts == once(1, 2)
