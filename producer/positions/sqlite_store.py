"""How far each source has been handed on, kept in SQLite so that a crash cannot cut a step in half."""

import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from producer.common.errors import WordCountError
from producer.log_names import family

_VERSION = 3
_SCHEMA = (
    "create table meta (producer text not null)",
    "create table chunk (number integer primary key, name text not null)",
    """
create table source (
    device integer, inode integer, path blob, position integer, extent integer, fingerprint blob, size integer,
    ctime_ns integer, birth_ns integer, complete integer, earlier integer, earlier_fingerprint blob, copy integer,
    beside integer, family blob, primary key (inode, device)
) without rowid
""",
    "create index source_family on source (family)",
)


@dataclass(frozen=True, slots=True)
class Position:
    """How far one source has been handed on.

    A source is known by device and inode, which survive a rename, and by its time of birth and a fingerprint, which
    tell when the inode now holds something else.

    Attributes:
        device: with ``inode``, which file it is.
        inode: see ``device``.
        path: where it was last seen, without symlinks.
        position: the bytes of lines handed on; of a compressed source, the bytes it holds uncompressed, or more.
        extent: the first bytes of the file that ``fingerprint`` was made over.
        fingerprint: see ``producer.reading.fingerprint.Fingerprint``.
        size: the file's size in bytes when it was last read.
        ctime_ns: when the file was last changed then, in nanoseconds.
        birth_ns: when the file was made, in nanoseconds; 0 if unknown.
        complete: nothing of it waits to be handed on.
        earlier: what ``extent`` was before it was last read while it had a name: a copy made in between is shorter.
            Of a compressed source it is ``position``: what it is unpacked to has so many bytes.
        earlier_fingerprint: the fingerprint over so many bytes.
        copy: whether it is one of another file is yet to be told, as of what is only the beginning of one so far.
        beside: it was passed over, as it was there beside a log when that was first followed.
    """

    device: int
    inode: int
    path: str
    position: int
    extent: int
    fingerprint: bytes
    size: int
    ctime_ns: int
    birth_ns: int
    complete: bool
    earlier: int = 0
    earlier_fingerprint: bytes = b""
    copy: bool = False
    beside: bool = False

    def read_as(self, former: "Position") -> "Position":
        """Return the same, when nothing was read since the former."""
        return replace(
            self,
            earlier=former.earlier,
            earlier_fingerprint=former.earlier_fingerprint,
            copy=former.copy,
            beside=former.beside,
        )


class PositionStore:
    """The positions of all sources, and the number of the last chunk, in one file.

    Raises:
        WordCountError: the file was made by a newer version, or is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = Lock()
        with self._told():
            # One thread asks while another commits: they take turns.
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = full")  # a commit is on the disk before the rename follows
            version = self._database.execute("pragma user_version").fetchone()[0]
            if version == 0:
                self._create()
            elif version != _VERSION:
                raise WordCountError(
                    f"{path} has format {version}, made by another version; this one knows {_VERSION}:"
                    " use the other one, or start anew"
                )
            row = self._database.execute("select producer from meta").fetchone()
            if row is None:
                raise sqlite3.DatabaseError("it names no producer")
            self._producer: str = row[0]

    def _create(self) -> None:
        with self._database:
            self._database.execute("begin")
            for statement in _SCHEMA:
                self._database.execute(statement)
            self._database.execute("insert into meta values (?)", (secrets.token_hex(4),))
            self._database.execute(f"pragma user_version = {_VERSION}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Take turns with other threads, and tell what the database complains of in a line that names it."""
        try:
            with self._turn:
                yield
        except sqlite3.OperationalError as error:
            raise WordCountError(
                f"the positions in {self._path} cannot be written: {error}; make room on the disk or allow writing,"
                " and run the same command again: nothing is lost"
            ) from error
        except sqlite3.DatabaseError as error:
            raise WordCountError(
                f"the positions in {self._path} are damaged: {error}; restore the folder from a copy, or start anew"
            ) from error

    def chunk_name(self, number: int) -> str:
        """Return the name of a chunk, which no other producer gives to one of its own."""
        return f"chunk-{self._producer}-{number:09d}.txt"

    def is_own(self, name: str) -> bool:
        """Tell whether a file of this name is a chunk of this producer, finished or not."""
        return name.lstrip(".").startswith(f"chunk-{self._producer}-")

    def last_chunk(self) -> tuple[int, str] | None:
        """Return number and name of the last chunk committed, None before the first."""
        with self._told():
            row = self._database.execute("select number, name from chunk order by number desc limit 1").fetchone()
        return (row[0], row[1]) if row else None

    def find(self, inode: int) -> list[Position]:
        """Return the positions of the sources with this inode, of whatever device."""
        with self._told():
            rows = self._database.execute("select * from source where inode = ?", (_signed(inode),)).fetchall()
        return [_position(row) for row in rows]

    def relatives(self, path: str) -> list[Position]:
        """Return the positions of sources whose names are those of the same log; see ``producer.log_names``."""
        with self._told():
            rows = self._database.execute("select * from source where family = ?", (_family(path),)).fetchall()
        return [_position(row) for row in rows]

    def commit(self, positions: Iterable[Position], chunk: tuple[int, str] | None = None) -> None:
        """Move positions on and note number and name of the chunk that holds the lines, all or nothing.

        Raises:
            WordCountError: the disk is full or failing; nothing was moved.
        """
        rows = [
            (
                *(p.device, _signed(p.inode), os.fsencode(p.path), p.position, p.extent, p.fingerprint),
                *(
                    p.size,
                    p.ctime_ns,
                    p.birth_ns,
                    p.complete,
                    p.earlier,
                    p.earlier_fingerprint,
                    p.copy,
                    p.beside,
                    _family(p.path),
                ),
            )
            for p in positions
        ]
        with self._told(), self._database:
            self._database.execute("begin")
            self._database.executemany("replace into source values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            if chunk is not None:
                self._database.execute("delete from chunk")
                self._database.execute("insert into chunk values (?, ?)", chunk)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _signed(inode: int) -> int:
    """Return the inode as SQLite can hold it: some file systems number from 2**63 up."""
    return inode - (1 << 64) if inode >= 1 << 63 else inode


def _family(path: str) -> bytes:
    return os.fsencode(family(path))


def _position(row: tuple[Any, ...]) -> Position:
    device, inode, path, *rest, complete, earlier, earlier_fingerprint, copy, beside, _ = row
    inode %= 1 << 64  # as ``_signed`` had it
    told = [bool(complete), earlier, earlier_fingerprint, bool(copy), bool(beside)]  # SQLite has no booleans
    values = [device, inode, os.fsdecode(path), *rest, *told]
    return Position(*values)
