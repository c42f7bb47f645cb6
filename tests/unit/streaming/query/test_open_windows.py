"""The open windows, read while a stream counts."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from streaming.live_counts.windows import LastWindows
from streaming.query.watching.windows import OpenWindows
from streaming.serving.status import Status
from tests.support.made_checkpoint import write_log
from tests.support.processes import wait_until


def test_a_state_that_cannot_be_read_is_reported_once_by_another_thread(tmp_path: Path) -> None:
    readers: list[threading.Thread] = []
    said: list[str] = []

    def counts() -> None:
        readers.append(threading.current_thread())
        raise OSError("gone")

    status = Status("app.log", windows=LastWindows(), windows_asked_at=time.monotonic())
    write_log(tmp_path / "commits", "0", ["{}"])
    snapshots = cast("Any", SimpleNamespace(counts=counts))
    with OpenWindows(status, cast("Any", SimpleNamespace(checkpoint=tmp_path)), snapshots, said.append):
        wait_until(lambda: bool(said), "the warning")
    assert said == ["warning: the open windows cannot be shown: gone; counting goes on"]
    assert len(readers) == 2, "once more at the end"
    assert threading.current_thread() not in readers
