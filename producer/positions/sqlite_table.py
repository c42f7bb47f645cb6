"""A SQLite table of dataclass instances: the fields of the class are its columns."""

import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_TYPES: dict[Any, str] = {int: "integer", bool: "integer", bytes: "blob", str: "blob"}


class Table(Generic[T]):
    """A table of records, one for each key.

    Text is stored as bytes, since a path need not be valid UTF-8.

    Args:
        name: the table's name.
        record: the dataclass; its fields are of type int, bool, bytes or str.
        key: the fields that identify a record.
        content: the records are contents. They are also selected by their heads, and by a property ``family``, a text
            that is stored with them.
    """

    def __init__(self, name: str, record: type[T], key: Sequence[str], *, content: bool = False) -> None:
        self.name = name
        self._record = record
        self._types: dict[str, Any] = {field.name: field.type for field in fields(record)}  # type: ignore[arg-type]
        self.columns = [*self._types, *(["family"] if content else [])]
        columns = ", ".join(f"{column} {_TYPES[self._types.get(column, str)]}" for column in self.columns)
        #: The statements that create the table.
        self.schema = [f"create table {name} ({columns}, primary key ({', '.join(key)})) without rowid"]
        if content:
            self.schema.append(f"create index {name}_family on {name} (family)")
            self.schema.append(f"create index {name}_head on {name} (head, mtime_ns)")
        values = f"({', '.join(self.columns)}) values ({', '.join('?' * len(self.columns))})"
        self._replace = f"replace into {name} {values}"

    def insert_from(self, source: str) -> str:
        """Return the statement that copies the rows of another table or view, with a condition."""
        return f"insert into {self.name} ({', '.join(self.columns)}) select {', '.join(self.columns)} from {source}"  # noqa: S608  # as above

    def replace(self, database: sqlite3.Connection, records: Iterable[T]) -> None:
        """Store records in place of those with the same keys."""
        rows = [[_to_sql(getattr(record, column)) for column in self.columns] for record in records]
        database.executemany(self._replace, rows)

    def delete(self, database: sqlite3.Connection, **key: int) -> None:
        """Remove the record with this key, if there is one."""
        condition = " and ".join(f"{column} = ?" for column in key)
        database.execute(f"delete from {self.name} where {condition}", [*map(_to_sql, key.values())])  # noqa: S608  # as above

    def select(self, database: sqlite3.Connection, column: str, value: int | str) -> list[T]:
        """Return the records with this value in a column."""
        query = f"select * from {self.name} where {column} = ?"  # noqa: S608  # both are names in this program
        return [self._from_sql(row) for row in database.execute(query, (_to_sql(value),))]

    def used_under(self, database: sqlite3.Connection, prefix: str, span_ns: int) -> list[T]:
        """Return the records of paths with this prefix that changed at most ``span_ns`` before the last one of them.

        After the clock was set back, a time in the future says nothing.
        """
        under = f"from {self.name} where substr(path, 1, ?) = ?"
        query = f"select * {under} and mtime_ns >= min(?, (select max(mtime_ns) {under})) - ?"
        value = os.fsencode(prefix)
        parameters = (len(value), value, time.time_ns(), len(value), value, span_ns)
        return [self._from_sql(row) for row in database.execute(query, parameters)]

    def alike(self, database: sqlite3.Connection, heads: Sequence[bytes], limit: int) -> list[T]:
        """Return at most ``limit`` contents with one of these heads, the most recently changed of each head first."""
        one = f"select * from (select * from {self.name} where head = ? order by mtime_ns desc limit {limit})"  # noqa: S608  # as above
        rows = database.execute(" union all ".join([one] * len(heads)), heads).fetchmany(limit)
        return [self._from_sql(row) for row in rows]

    def _from_sql(self, row: sqlite3.Row) -> T:
        values = {name: type_(row[name]) for name, type_ in self._types.items() if type_ is not str}
        values |= {name: os.fsdecode(row[name]) for name, type_ in self._types.items() if type_ is str}
        if "inode" in values:
            values["inode"] %= 1 << 64  # see _to_sql
        return self._record(**values)


def _to_sql(value: int | bytes | str) -> int | bytes:
    if isinstance(value, str):
        return os.fsencode(value)
    if isinstance(value, int) and value >= 1 << 63:  # SQLite's integers are signed; some file systems number inodes so
        return value - (1 << 64)
    return value
