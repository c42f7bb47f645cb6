"""What is remembered of inputs is found at once, and by the next run."""

from producer.discovery.history import History
from producer.positions.memory import MemoryPositions


def test_a_value_is_found_before_and_after_it_is_stored() -> None:
    stored = MemoryPositions()
    history = History(stored)
    assert history.get("/in") is None

    history.set("/in", "/real/in", 7)
    assert (history.get("/in"), history.get_ns("/in")) == ("/real/in", 7)
    taken = history.take()
    assert (history.get("/in"), history.get_ns("/in")) == ("/real/in", 7)

    for entry in taken:
        stored.add(entry)
    assert history.take() == []
    assert (History(stored).get("/in"), History(stored).get_ns("/in")) == ("/real/in", 7)
    assert History(stored).get("/other") is None


def test_a_name_is_new_once() -> None:
    stored = MemoryPositions()
    history = History(stored)
    assert history.is_new("/in")
    assert not history.is_new("/in")

    for entry in history.take():
        stored.add(entry)
    assert not History(stored).is_new("/in")


def test_an_entry_is_no_file() -> None:
    stored = MemoryPositions()
    history = History(stored)
    history.set("/in/app.log", "/in/app.log")
    for entry in history.take():
        stored.add(entry)
    assert not history.was_at("/in/app.log")
    assert not history.knows_log_of("/in/app.log.1")
