"""The positions of all files in one SQLite database, so that a crash cannot cut a commit in half."""

import os
import resource
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from producer.common.errors import WordCountError
from producer.log_names import family
from producer.positions.position import MOST_ALIKE, HistoryEntry, Key, LostContent, Position, PositionUpdate
from producer.positions.sqlite_table import Table

_VERSION = 5
_POSITIONS = Table("position", Position, ["inode", "device"], content=True)
_LOST_CONTENTS = Table("lost_content", LostContent, ["inode", "slot"], content=True)
_HISTORY = Table("history", HistoryEntry, ["name_hash"])
_TABLES = (*_POSITIONS.schema, *_LOST_CONTENTS.schema, *_HISTORY.schema)
_SCHEMA = (
    "create table meta (producer text not null)",
    "create table chunk (number integer primary key, name text not null)",
    *_TABLES,
)
#: Version 3 had one table of everything: lost contents with devices from -1 to -8, the history with device -1000.
_FROM_VERSION_3 = (
    *_TABLES,
    """
    create temporary view former as select *, copy as copy_pending, beside as next_to_log, -1 as checked_from,
        0 as checksum, x'' as tail, x'' as head, 0 as mtime_ns, -1 - device as slot, ctime_ns as lost_ns,
        inode as name_hash, path as value, ctime_ns as time_ns
        from source
    """,
    _POSITIONS.insert_from("former where device >= 0"),
    _LOST_CONTENTS.insert_from("former where device between -8 and -1"),
    _HISTORY.insert_from("former where device = -1000"),
    "drop view former",
    "drop table source",
)
#: Version 4 had no keys of the ends of contents.
_FROM_VERSION_4 = (f"alter table {_POSITIONS.name} add column tail blob not null default x''",)
_UPGRADES = {3: _FROM_VERSION_3, 4: _FROM_VERSION_4}


class PositionStore:
    """The positions of all files, and the number of the last chunk, in one database.

    Raises:
        WordCountError: the file was made by another version, or is not such a database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = Lock()
        with self._errors_in_one_line():
            # One thread reads while another commits: they take turns.
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._database.row_factory = sqlite3.Row
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = full")  # a commit is on the disk before the rename follows
            version = self._database.execute("pragma user_version").fetchone()[0]
            if version == 0:
                self._upgrade(_SCHEMA, producer=secrets.token_hex(4))
            elif version in _UPGRADES:
                self._upgrade(_UPGRADES[version])
            elif version != _VERSION:
                raise WordCountError(
                    f"{path} has format {version}, and this version reads format {_VERSION};"
                    " use the version that wrote it, or start with another folder"
                )
            row = self._database.execute("select producer from meta").fetchone()
            if row is None:
                raise sqlite3.DatabaseError("the name of the producer is missing")
            self._producer: str = row["producer"]

    def _upgrade(self, statements: Iterable[str], producer: str | None = None) -> None:
        """Bring the database to the current version in one transaction."""
        with self._database:
            self._database.execute("begin")
            for statement in statements:
                self._database.execute(statement)
            if producer is not None:
                self._database.execute("insert into meta values (?)", (producer,))
            self._database.execute(f"pragma user_version = {_VERSION}")

    @contextmanager
    def _errors_in_one_line(self) -> Iterator[None]:
        """Take turns with other threads, and turn errors of the database into one line that names its file."""
        try:
            with self._turn:
                yield
        except sqlite3.OperationalError as error:
            is_limited = resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY
            raise WordCountError(
                f"the positions in {self._path} cannot be written: {error}; make room on the disk"
                f"{', raise ulimit -f' if is_limited else ''} or allow writing, and run the same command again: nothing"
                " is lost"
            ) from error
        except sqlite3.DatabaseError as error:
            raise WordCountError(
                f"the positions in {self._path} are damaged: {error};"
                " restore the folder from a backup, or start with another folder"
            ) from error

    def chunk_name(self, number: int) -> str:
        """Return the name of a chunk, which no other producer gives to one of its own."""
        return f"chunk-{self._producer}-{number:09d}.txt"

    def is_own(self, name: str) -> bool:
        """Tell whether a file of this name is a chunk of this producer, finished or not."""
        return name.lstrip(".").startswith(f"chunk-{self._producer}-")

    def last_chunk(self) -> tuple[int, str] | None:
        """Return number and name of the last chunk committed, None before the first."""
        with self._errors_in_one_line():
            row = self._database.execute("select number, name from chunk order by number desc limit 1").fetchone()
        return (row["number"], row["name"]) if row else None

    def find(self, inode: int) -> list[Position]:
        """Return the positions of the files with this inode, on any device."""
        with self._errors_in_one_line():
            return _POSITIONS.select(self._database, "inode", inode)

    def lost_contents(self, inode: int) -> list[LostContent]:
        """Return the contents that the files with this inode had and lost."""
        with self._errors_in_one_line():
            return _LOST_CONTENTS.select(self._database, "inode", inode)

    def relatives(self, path: str) -> list[Position | LostContent]:
        """Return what is known of the files whose names belong to the same log; see ``producer.log_names``."""
        log = family(path)
        with self._errors_in_one_line():
            positions = _POSITIONS.select(self._database, "family", log)
            return [*positions, *_LOST_CONTENTS.select(self._database, "family", log)]

    def alike(self, heads: Sequence[bytes]) -> list[Position | LostContent]:
        """Return some of the contents that begin with one of these ``heads``, at most ``MOST_ALIKE`` of each kind."""
        with self._errors_in_one_line():
            any_of = ", ".join("?" * len(heads))  # of most files there is none
            tables = [f"select 1 from {table.name} where head in ({any_of})" for table in (_POSITIONS, _LOST_CONTENTS)]  # noqa: S608  # names of this program
            if self._database.execute(" union all ".join(tables) + " limit 1", [*heads, *heads]).fetchone() is None:
                return []
            positions = _POSITIONS.alike(self._database, heads, MOST_ALIKE)
            return [*positions, *_LOST_CONTENTS.alike(self._database, heads, MOST_ALIKE)]

    def used_under(self, folder: str, span_ns: int) -> list[Position]:
        """Return the positions of the files in a folder that were in use when they were last seen."""
        with self._errors_in_one_line():
            return _POSITIONS.used_under(self._database, os.path.join(folder, ""), span_ns)

    def history(self, name_hash: int) -> HistoryEntry | None:
        """Return what is remembered under a name, None if nothing is."""
        with self._errors_in_one_line():
            return next(iter(_HISTORY.select(self._database, "name_hash", name_hash)), None)

    def commit(self, update: PositionUpdate, chunk: tuple[int, str] | None = None) -> None:
        """Store an update, and number and name of the chunk that holds the lines, all or nothing.

        Raises:
            WordCountError: the disk is full or failing; nothing was stored.
        """
        with self._errors_in_one_line(), self._database:
            self._database.execute("begin")
            _POSITIONS.replace(self._database, update.positions)
            _LOST_CONTENTS.replace(self._database, update.lost_contents)
            _HISTORY.replace(self._database, update.history)
            for forgotten in update.forgotten:
                self._delete(forgotten.key)
            if chunk is not None:
                self._database.execute("delete from chunk")
                self._database.execute("insert into chunk values (?, ?)", chunk)

    def _delete(self, key: Key) -> None:
        match key:
            case "history", int(name_hash):
                _HISTORY.delete(self._database, name_hash=name_hash)
            case "lost", int(inode), int(slot):
                _LOST_CONTENTS.delete(self._database, inode=inode, slot=slot)
            case int(device), int(inode):
                _POSITIONS.delete(self._database, inode=inode, device=device)

    def close(self) -> None:
        """Close the database."""
        self._database.close()
