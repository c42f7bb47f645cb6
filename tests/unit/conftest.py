import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from producer.discovery import scanner, symlinks
from tests.support.watched import Watched


@pytest.fixture
def full_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every scan be full, so that no test depends on how long a scan took."""
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", float("inf"))
    monkeypatch.setattr(symlinks, "SCAN_SHARE", float("inf"))


@pytest.fixture
def watched(tmp_path: Path, full_scans: None) -> Iterator[Watched]:  # noqa: ARG001
    watched = Watched(tmp_path)
    yield watched
    watched.close()


@pytest.fixture
def log(tmp_path: Path, full_scans: None) -> Iterator[Watched]:  # noqa: ARG001
    watched = Watched(tmp_path, inputs=["app.log"], follow_logs=True)
    yield watched
    watched.close()


@pytest.fixture(params=[False, True], ids=["same process", "restarted"])
def again(request: pytest.FixtureRequest, log: Watched) -> Callable[[], None]:
    """Restart the follower in one run of the test, and go on with the same one in the other."""
    return log.restart if request.param else lambda: None


@pytest.fixture
def bounded() -> Iterator[None]:
    """Fail a test that runs for more than 5 seconds."""

    def fail(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise AssertionError("the test still runs after 5 s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, 5.0)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
