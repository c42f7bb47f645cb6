"""What a log was rotated to is read on by the next run, wherever it is: the run before may have ended within it."""

import pytest

from tests.support.reference import count
from tests.support.watched import Watched
from tests.support.watched_logs import move, numbered, once, rotate

pytestmark = pytest.mark.usefixtures("unlimited_searches")

_PLACES = ["former app", "../archive/app.log.1"]


@pytest.fixture
def log(log: Watched) -> Watched:
    """A log with an archive, of which a line is published."""
    archive = log.path("../archive")
    archive.mkdir()
    log.restart(archives=[str(archive)], chunk_lines=1)
    log.write("app.log", numbered(1))
    log.poll()
    return log


@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize("way", ["copy", "move", "copy and pack", "move and pack"])
@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "stopped"])
@pytest.mark.parametrize("steps", range(1, 14, 3))
def test_a_run_that_ends_within_a_rest(log: Watched, place: str, way: str, *, is_killed: bool, steps: int) -> None:
    log.append("app.log", numbered(2, *range(4, 10)))
    log.close()
    rotate(log, place, way)
    asked = iter([False] * steps)
    log.restart(should_stop=lambda: next(asked, True))
    for _ in range(2):
        log.poll()
    if is_killed:
        log.abandon()
    log.restart(should_stop=lambda: False)
    for _ in range(4):
        log.poll()

    assert log.counts == once(*range(1, 10))


@pytest.mark.parametrize("place", _PLACES)
def test_what_is_written_to_a_rest_while_nothing_runs(log: Watched, place: str) -> None:
    rotate(log, place, "move")
    for _ in range(3):
        log.poll()
    log.close()
    log.append(place, numbered(4))
    for _ in range(2):
        log.restart()
        log.poll()
        log.poll()

    assert log.counts == once(1, 3, 4)
    assert log.warnings == []


@pytest.mark.parametrize("is_found", [True, False])
@pytest.mark.parametrize("steps", [0, 3])
def test_a_rest_that_is_moved_before_it_is_read_to_its_end(log: Watched, *, is_found: bool, steps: int) -> None:
    lines = [b"%d%s\n" % (number, b"x" * 1000) for number in range(3000)]  # several blocks
    log.append("app.log", b"".join(lines))
    log.close()
    rotate(log, "../archive/x", "move")
    asked = iter([False] * steps)
    log.restart(should_stop=lambda: next(asked, True), chunk_lines=None)
    log.poll()
    log.close()
    assert (len(log.counts) > 1) == bool(steps)
    assert len(log.counts) < 3000
    move(log, "../archive/x", "../archive/y" if is_found else "../y")
    for _ in range(2):
        log.restart(should_stop=lambda: False)
        for _ in range(3):
            log.poll()

    if is_found:
        assert log.counts == once(1, 3) | count(*lines)
        assert log.warnings == []
    else:
        ((path, reason),) = log.warnings
        assert path.endswith("/archive/x")
        assert "is gone, and the rest of its former content was not found: what was written after byte" in reason
