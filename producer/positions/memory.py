"""Positions in memory."""

import os
from collections import defaultdict
from collections.abc import Hashable, Sequence
from itertools import chain, islice
from typing import TypeVar

from producer import log_names
from producer.positions.position import MOST_ALIKE, Content, Forgotten, HistoryEntry, Key, LostContent, Position, Record

K = TypeVar("K", bound=Hashable)


class MemoryPositions:
    """The last record of each key. Lookups cost what they return, however many records there are."""

    def __init__(self) -> None:
        self._by_key: dict[Key, Record] = {}
        self._by_inode: dict[int, dict[Key, Position | LostContent]] = defaultdict(dict)
        self._by_family: dict[str, dict[Key, Position | LostContent]] = defaultdict(dict)
        self._by_head: dict[bytes, dict[Key, Position | LostContent]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, key: Key) -> bool:
        return key in self._by_key

    def add(self, record: Record) -> None:
        """Keep a record instead of the former one with its key."""
        former = self._by_key.get(record.key)
        if isinstance(former, Position | LostContent):
            self._remove(former, record)
        if isinstance(record, Forgotten):
            self._by_key.pop(record.key, None)
            return
        self._by_key[record.key] = record
        if isinstance(record, HistoryEntry):
            return
        self._by_head[record.head][record.key] = record  # the last one is the most recently read
        self._by_inode[record.inode][record.key] = record
        self._by_family[record.family][record.key] = record

    def _remove(self, former: Position | LostContent, record: Record) -> None:
        """Remove a record from where the one that replaces it is not found."""
        is_forgotten = isinstance(record, Forgotten)
        _remove(self._by_head, former.head, former.key)
        if is_forgotten or (isinstance(record, Content) and record.path != former.path):  # the file was renamed
            _remove(self._by_family, former.family, former.key)
        if is_forgotten:
            _remove(self._by_inode, former.inode, former.key)

    def find(self, inode: int) -> list[Position]:
        """Return the positions of the files with this inode, on any device."""
        return [record for record in self._by_inode.get(inode, {}).values() if isinstance(record, Position)]

    def lost_contents(self, inode: int) -> list[LostContent]:
        """Return the contents that the files with this inode had and lost."""
        return [record for record in self._by_inode.get(inode, {}).values() if isinstance(record, LostContent)]

    def relatives(self, path: str) -> list[Position | LostContent]:
        """Return what is known of the files whose names belong to the same log; see ``producer.log_names``."""
        return list(self._by_family.get(log_names.family(path), {}).values())

    def alike(self, heads: Sequence[bytes]) -> list[Position | LostContent]:
        """Return some of the contents that begin with one of these ``heads``, at most ``MOST_ALIKE`` of each kind."""
        found = [islice(reversed(self._by_head[head].values()), MOST_ALIKE) for head in heads if head in self._by_head]
        return list(chain.from_iterable(found))

    def used_under(self, folder: str, span_ns: int) -> list[Position]:
        """Return the positions of the files in a folder that were in use when they were last seen."""
        prefix = os.path.join(folder, "")
        found = [one for one in self._by_key.values() if isinstance(one, Position) and one.path.startswith(prefix)]
        last_ns = max((one.mtime_ns for one in found), default=0)
        return [one for one in found if last_ns - one.mtime_ns <= span_ns]

    def history(self, name_hash: int) -> HistoryEntry | None:
        """Return what is remembered under a name, None if nothing is."""
        entry = self._by_key.get(("history", name_hash))
        return entry if isinstance(entry, HistoryEntry) else None


def _remove(index: dict[K, dict[Key, Position | LostContent]], value: K, key: Key) -> None:
    """Remove a record from an index, which keeps no value without records."""
    del index[value][key]
    if not index[value]:
        del index[value]
