"""Records that are removed, and all that is kept next to them."""

from dataclasses import replace
from pathlib import Path

from producer.positions.memory import MemoryPositions
from producer.positions.position import Forgotten, HistoryEntry, LostContent, Position, PositionUpdate
from producer.positions.sqlite_store import PositionStore

_POSITION = Position(
    device=1, inode=2, path="/a.log", position=4, extent=4, fingerprint=b"", size=4, ctime_ns=0, birth_ns=0,
    complete=True,
)  # fmt: skip


def test_what_is_forgotten_is_removed_from_the_database(tmp_path: Path) -> None:
    kept = replace(_POSITION, device=9), LostContent.from_position(_POSITION, 1, 8)
    gone = replace(_POSITION, inode=2**64 - 1), LostContent.from_position(_POSITION, 0, 8)
    entries = [HistoryEntry(name_hash=number, value="/in", time_ns=0) for number in (1, 2)]
    positions = PositionStore(tmp_path / "p.db")
    positions.commit(PositionUpdate.from_records([*kept, *gone, *entries]))

    positions.commit(PositionUpdate.from_records(Forgotten(one.key) for one in (*gone, entries[0])))

    assert positions.find(2) == [kept[0]]
    assert positions.find(2**64 - 1) == []
    assert positions.lost_contents(2) == [kept[1]]
    assert [positions.history(entry.name_hash) for entry in entries] == [None, entries[1]]
    positions.close()


def test_what_is_forgotten_in_memory_leaves_nothing() -> None:
    positions = MemoryPositions()
    records = [_POSITION, replace(_POSITION, inode=3, path="/a.log.1"), LostContent.from_position(_POSITION, 0, 1)]
    for record in records:
        positions.add(record)
    for record in records[1:]:
        positions.add(Forgotten(record.key))

    assert len(positions) == 1
    assert positions.relatives("/a.log") == positions.alike([b""]) == positions.find(2) == [_POSITION]
    assert positions.find(3) == positions.lost_contents(2) == []
