"""The state, read while a stream counts."""

import threading
from pathlib import Path

from streaming.query.watching.after_batches import AfterBatches
from tests.support.made_checkpoint import write_log
from tests.support.processes import wait_until


def test_a_state_that_cannot_be_read_is_reported_once_by_another_thread(tmp_path: Path) -> None:
    readers: list[threading.Thread] = []
    said: list[str] = []

    def read() -> None:
        readers.append(threading.current_thread())
        raise OSError("gone")

    write_log(tmp_path / "commits", "0", ["{}"])
    with AfterBatches(read, "open windows", tmp_path, said.append):
        wait_until(lambda: bool(said), "the warning")
    assert said == ["warning: the open windows cannot be shown: gone; counting goes on"]
    assert len(readers) == 2, "once more at the end"
    assert threading.current_thread() not in readers


def test_it_is_read_after_a_batch_and_only_while_somebody_wants_it(tmp_path: Path) -> None:
    reads: list[None] = []
    is_wanted = threading.Event()
    with AfterBatches(lambda: reads.append(None), "words", tmp_path, print, is_wanted.is_set):
        write_log(tmp_path / "commits", "0", ["{}"])
    assert reads == []
    is_wanted.set()
    with AfterBatches(lambda: reads.append(None), "words", tmp_path, print, is_wanted.is_set):
        wait_until(lambda: len(reads) == 1, "the first batch")
    assert len(reads) == 1, "not again at the end, if nothing has changed"
