"""What a batch gives Spark to read, what it refuses before, and how it shows its progress."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from producer.common.errors import WordCountError
from streaming import batch_job
from streaming.batch_inputs import BatchInputs
from streaming.batch_job import BatchOptions, read_progress


def test_the_progress_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that ends takes what it has read with it."""
    figures, has_ended = iter([30, 100, 0]), threading.Event()
    shown: list[tuple[int, int]] = []

    def read() -> int:
        figure = next(figures, None)
        if figure is None:
            has_ended.set()
        return figure or 0

    @contextmanager
    def bytes_progress(_: str) -> Iterator[Callable[[int, int], None]]:
        yield lambda done, size: shown.append((done, size))

    monkeypatch.setattr(batch_job, "bytes_progress", bytes_progress)
    monkeypatch.setattr(batch_job, "BytesRead", lambda _: read)
    monkeypatch.setattr(batch_job, "POLL_SECONDS", 0.001)
    spark: Any = None
    with read_progress(spark, 90):
        assert has_ended.wait(10)

    assert shown[:3] == [(30, 90), (90, 90), (90, 90)]


def test_files_that_a_killed_batch_was_writing_are_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".writing-counts.txt.abc" / "files").mkdir(parents=True)

    def session() -> None:
        raise WordCountError("Spark is not started here")

    jvm: Any = SimpleNamespace(session=session)
    with pytest.raises(WordCountError, match="not started here"):
        batch_job.run(BatchInputs([], []), BatchOptions(tmp_path), jvm, print, print)

    assert os.listdir(tmp_path) == []
