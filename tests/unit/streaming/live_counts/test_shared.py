"""Counts that one thread updates while others read."""

import threading
import time

from streaming.live_counts.counts import CountedBefore, Counts
from streaming.live_counts.shared import SharedCounts
from streaming.spark.metrics import BatchTotals, PreviousBatch
from tests.support.processes import PATIENCE


def test_an_update_never_waits_for_a_reader_and_the_next_reader_sees_it() -> None:
    shared = SharedCounts(Counts(CountedBefore(), time.monotonic()))
    with shared.read() as counts:
        updating = threading.Thread(target=shared.update, args=([("a", 1)], BatchTotals(1, 1, 1), PreviousBatch()))
        updating.start()
        updating.join(PATIENCE)
        assert not updating.is_alive()
        assert counts.top.rows == []
    with shared.read() as counts:
        assert counts.top.rows == [("a", 1)]


def test_updates_do_not_pile_up_where_nobody_reads() -> None:
    shared = SharedCounts(Counts(CountedBefore(), time.monotonic()))
    for number in range(10):
        shared.update([("a", number)], BatchTotals(1, 1, 1), PreviousBatch())
    assert not shared._waiting


def test_a_batch_that_is_counted_again_replaces_the_first() -> None:
    shared = SharedCounts(Counts(CountedBefore(), time.monotonic()))
    for number, lines, words in ((0, 1, 2), (1, 5, 9), (1, 6, 10), (2, 1, 1)):
        shared.update([("a", words)], BatchTotals(lines, words, 1), PreviousBatch(), number)
    with shared.read() as counts:
        assert (counts.lines, counts.words, counts.batches) == (8, 13, 3)
        assert sum(counts.hour(time.monotonic())[0]) == 8
