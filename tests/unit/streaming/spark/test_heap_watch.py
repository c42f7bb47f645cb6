"""A stream with its counts in memory says once that the memory fills up, before it is full."""

import pytest

from streaming.spark import metrics
from streaming.spark.metrics import HeapWatch


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(metrics.time, "monotonic", lambda: now[0])
    return now


def test_it_warns_once_from_seventy_percent_on(seconds: list[float]) -> None:
    said: list[str] = []
    shares = iter([0.1, 0.69, 0.701, 0.9, 0.2, 0.99])
    watch = HeapWatch(lambda: next(shares), said.append)
    for _ in range(6):
        watch.poll()
        seconds[0] += 2

    assert len(said) == 1
    assert said[0].startswith("warning: 70% of Java's memory is in use")
    assert "--state-store rocksdb" in said[0]
    assert next(shares) == 0.9  # it reads no more after that


def test_it_reads_at_most_once_a_second(seconds: list[float]) -> None:
    reads: list[None] = []
    watch = HeapWatch(lambda: reads.append(None) or 0.0, print)
    for _ in range(20):
        watch.poll()
        seconds[0] += 0.25

    assert len(reads) == 5
