import contextlib
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from producer.common.errors import WordCountError
from producer.positions.position import HistoryEntry, LostContent, Position, PositionUpdate
from producer.positions.sqlite_store import PositionStore

_POSITION = Position(
    device=1, inode=2, path="a", position=3, extent=4, fingerprint=b"\x00\xff", size=5, ctime_ns=6, birth_ns=7,
    complete=False,
)  # fmt: skip


@pytest.mark.parametrize(
    "position",
    [
        _POSITION,
        replace(_POSITION, complete=True),
        replace(_POSITION, inode=2**63),
        replace(_POSITION, inode=2**64 - 1),
        replace(_POSITION, inode=2**63 - 1),
        replace(_POSITION, path=os.fsdecode(b"\xff\n ")),
        replace(_POSITION, size=2**62, position=2**62),
    ],
    ids=["plain", "complete", "inode 2**63", "inode 2**64-1", "inode 2**63-1", "undecodable path", "huge"],
)
def test_a_position_comes_back_as_it_was(tmp_path: Path, position: Position) -> None:
    positions = PositionStore(tmp_path / "p.db")
    positions.commit(PositionUpdate((position,)), (1, "chunk-1"))
    positions.close()
    again = PositionStore(tmp_path / "p.db")

    assert again.find(position.inode) == [position]
    assert again.last_chunk() == (1, "chunk-1")
    again.close()


def test_files_of_one_inode_differ_by_device_and_unknown_inodes_are_not_found(tmp_path: Path) -> None:
    positions = PositionStore(tmp_path / "p.db")
    positions.commit(PositionUpdate((_POSITION, replace(_POSITION, device=9, position=0))), (1, "chunk-1"))

    assert positions.find(2) == [_POSITION, replace(_POSITION, device=9, position=0)]
    assert positions.find(3) == []
    positions.close()


def test_a_commit_is_all_or_nothing(tmp_path: Path) -> None:
    positions = PositionStore(tmp_path / "p.db")
    positions.commit(PositionUpdate((_POSITION,)), (1, "chunk-1"))

    with pytest.raises(WordCountError):
        positions.commit(PositionUpdate((replace(_POSITION, position=9),)), (2, None))  # type: ignore[arg-type]

    assert positions.find(2) == [_POSITION]
    assert positions.last_chunk() == (1, "chunk-1")
    positions.close()


def test_a_full_disk_is_reported_and_commits_nothing(tmp_path: Path) -> None:
    positions = PositionStore(tmp_path / "p.db")
    positions.commit(PositionUpdate((_POSITION,)), (1, "chunk-1"))
    positions._database.execute("pragma max_page_count = 1")
    many = tuple(replace(_POSITION, inode=inode, fingerprint=b"x" * 1000) for inode in range(1000))

    with pytest.raises(WordCountError, match="cannot be written"):
        positions.commit(PositionUpdate(many), (2, "chunk-2"))

    assert positions.last_chunk() == (1, "chunk-1")
    assert positions.find(2) == [_POSITION]
    positions.close()


def test_the_name_of_a_producer_stays_the_same_and_no_other_has_it(tmp_path: Path) -> None:
    names = []
    for file in ("a.db", "a.db", "b.db"):
        positions = PositionStore(tmp_path / file)
        names.append(positions.chunk_name(1))
        positions.close()

    assert names[0] == names[1] != names[2]


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    PositionStore(tmp_path / "p.db").close()
    with sqlite3.connect(tmp_path / "p.db") as database:
        database.execute("pragma user_version = 7")
    database.close()

    with pytest.raises(WordCountError, match=r"p\.db has format 7, and this version reads format 5"):
        PositionStore(tmp_path / "p.db")


_SCHEMA_3 = """
create table meta (producer text not null);
create table chunk (number integer primary key, name text not null);
create table source (
    device integer, inode integer, path blob, position integer, extent integer, fingerprint blob, size integer,
    ctime_ns integer, birth_ns integer, complete integer, earlier integer, earlier_fingerprint blob, copy integer,
    beside integer, family blob, primary key (inode, device)
) without rowid;
create index source_family on source (family);
insert into meta values ('0123abcd');
insert into chunk values (7, 'chunk-0123abcd-000000007.txt');
insert into source values (1, -1, x'2f612e6c6f672e31', 3, 4, x'00ff', 5, 6, 7, 1, 2, x'01', 1, 1, x'2f612e6c6f67');
insert into source values (-3, -1, x'2f612e6c6f67', 8, 9, x'aa', 5, 1234, 7, 1, 2, x'02', 0, 0, x'2f612e6c6f67');
insert into source values (-8, -1, x'', 8, 9, x'bb', 5, 1235, 7, 1, 2, x'02', 0, 0, x'');
insert into source values (-1000, 55, x'2f696e', 0, 0, x'', 0, 77, 0, 1, 0, x'', 0, 0, x'2f696e');
pragma user_version = 3;
"""


def test_a_state_of_version_3_keeps_its_meaning(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "p.db")) as database:
        database.executescript(_SCHEMA_3)
    inode = 2**64 - 1
    position = Position(
        device=1, inode=inode, path="/a.log.1", position=3, extent=4, fingerprint=b"\x00\xff", size=5, ctime_ns=6,
        birth_ns=7, complete=True, earlier=2, earlier_fingerprint=b"\x01", copy_pending=True, next_to_log=True,
    )  # fmt: skip
    lost = LostContent(
        inode=inode, slot=2, path="/a.log", position=8, extent=9, fingerprint=b"\xaa", birth_ns=7, earlier=2,
        earlier_fingerprint=b"\x02", lost_ns=1234,
    )  # fmt: skip
    claimed = replace(lost, slot=7, path="", fingerprint=b"\xbb", lost_ns=1235)

    for _ in range(2):
        with contextlib.closing(PositionStore(tmp_path / "p.db")) as positions:
            assert positions.find(inode) == [position]
            assert positions.lost_contents(inode) == [lost, claimed]
            assert positions.relatives("/a.log.2.gz") == [position, lost]
            assert positions.history(55) == HistoryEntry(name_hash=55, value="/in", time_ns=77)
            assert positions.find(55) == positions.relatives("/in") == []
            assert positions.last_chunk() == (7, "chunk-0123abcd-000000007.txt")
            assert positions.chunk_name(8) == "chunk-0123abcd-000000008.txt"


def test_a_state_of_version_4_keeps_its_positions(tmp_path: Path) -> None:
    with contextlib.closing(PositionStore(tmp_path / "p.db")) as positions:
        positions.commit(PositionUpdate((_POSITION,)))
    with contextlib.closing(sqlite3.connect(tmp_path / "p.db")) as database:
        database.executescript("alter table position drop column tail; pragma user_version = 4")

    with contextlib.closing(PositionStore(tmp_path / "p.db")) as positions:
        assert positions.find(2) == [_POSITION]
        positions.commit(PositionUpdate((replace(_POSITION, tail=b"end"),)))
        assert positions.find(2) == [replace(_POSITION, tail=b"end")]


def test_an_upgrade_cut_off_in_the_middle_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "p.db")) as database:
        database.executescript(_SCHEMA_3)
    cut_off(monkeypatch, tmp_path / "p.db", before="drop table source")

    with contextlib.closing(PositionStore(tmp_path / "p.db")) as positions:
        assert len(positions.find(2**64 - 1)) == 1
        assert len(positions.lost_contents(2**64 - 1)) == 2


def test_lost_contents_and_the_history_come_back_as_they_were(tmp_path: Path) -> None:
    lost = [LostContent.from_position(_POSITION, slot, 10 + slot) for slot in range(2)]
    entry = HistoryEntry(name_hash=2, value=os.fsdecode(b"\xff\0/in"), time_ns=9)
    with contextlib.closing(PositionStore(tmp_path / "p.db")) as positions:
        positions.commit(PositionUpdate.from_records([*lost, entry, _POSITION]))
        positions.commit(PositionUpdate.from_records([replace(lost[1], path="")]))

    with contextlib.closing(PositionStore(tmp_path / "p.db")) as positions:
        assert positions.find(2) == [_POSITION]
        assert positions.lost_contents(2) == [lost[0], replace(lost[1], path="")]
        assert positions.relatives("a") == [_POSITION, lost[0]]
        assert positions.history(2) == entry
        assert positions.history(3) is None


@pytest.mark.parametrize("damage", ["garbage", "header", "emptied", "no row"])
def test_a_damaged_file_is_reported_in_one_line(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "p.db"
    positions = PositionStore(path)
    positions.commit(PositionUpdate((_POSITION,)), (1, "chunk-1"))
    positions.close()
    if damage == "garbage":
        path.write_bytes(b"this is no database" * 1000)
    elif damage == "header":
        path.write_bytes(path.read_bytes()[:100])
    else:
        with sqlite3.connect(path) as database:
            database.execute("drop table meta" if damage == "emptied" else "delete from meta")
        database.close()

    with pytest.raises(WordCountError, match=r"p\.db") as caught:
        PositionStore(path)

    assert "\n" not in str(caught.value)


def test_a_file_damaged_while_it_is_in_use_is_reported_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    many = PositionUpdate(tuple(replace(_POSITION, inode=inode) for inode in range(1000)))
    positions = PositionStore(path)
    positions.commit(many, (1, "chunk-1"))
    positions.close()
    data = bytearray(path.read_bytes())
    data[8192:] = os.urandom(len(data) - 8192)
    path.write_bytes(data)
    positions = PositionStore(path)

    with pytest.raises(WordCountError, match="positions"):
        positions.commit(many, (2, "chunk-2"))
    positions.close()


def test_a_start_succeeds_after_one_that_was_cut_off_while_it_created_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(monkeypatch, tmp_path / "p.db", before="insert into meta")

    positions = PositionStore(tmp_path / "p.db")
    assert positions.chunk_name(1)
    positions.close()


def cut_off(monkeypatch: pytest.MonkeyPatch, path: Path, *, before: str) -> None:
    """Open positions, and interrupt that before a statement."""
    cut: list[sqlite3.Connection] = []

    class Cut(sqlite3.Connection):
        def execute(self, sql: str, *arguments: object) -> sqlite3.Cursor:
            if before in sql:
                raise KeyboardInterrupt
            return super().execute(sql, *arguments)  # type: ignore[arg-type]

    def connect(*arguments, **options) -> sqlite3.Connection:
        cut.append(Cut(*arguments, **options))
        return cut[-1]

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect)
        with pytest.raises(KeyboardInterrupt):
            PositionStore(path)
    cut[0].close()
