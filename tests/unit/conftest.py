import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from producer.discovery import scanner, symlinks
from tests.support.watched import Watched


@pytest.fixture
def every_look_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each look go over everything, so that no test depends on how long one took."""
    monkeypatch.setattr(scanner, "FULL_SCAN_SHARE", float("inf"))
    monkeypatch.setattr(symlinks, "SCAN_SHARE", float("inf"))


@pytest.fixture
def watched(tmp_path: Path, every_look_is_whole: None) -> Iterator[Watched]:  # noqa: ARG001
    watched = Watched(tmp_path)
    yield watched
    watched.close()


@pytest.fixture
def log(tmp_path: Path, every_look_is_whole: None) -> Iterator[Watched]:  # noqa: ARG001
    watched = Watched(tmp_path, inputs=["app.log"], follow_logs=True)
    yield watched
    watched.close()


@pytest.fixture(params=[False, True], ids=["going on", "restarted"])
def again(request: pytest.FixtureRequest, log: Watched) -> Callable[[], None]:
    """Another process goes on, or the same."""
    return log.restart if request.param else lambda: None


@pytest.fixture
def bounded() -> Iterator[None]:
    """Fail a test that hangs."""

    def fail(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise AssertionError("still at it after 5 s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, 5.0)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
