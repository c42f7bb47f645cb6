"""What is remembered of inputs between runs: which were followed before, since when, and where their symlinks led."""

import os
import stat
from collections.abc import Callable, Collection
from hashlib import blake2b
from itertools import islice

from producer.discovery.found_file import is_ignored
from producer.log_names import family
from producer.positions.position import Forgotten, HistoryEntry, Key, PositionLookup

#: How many logs are remembered, the last ones found.
MOST_LISTED = 4096
#: How many files of a folder that is followed no longer are looked at.
_MOST_LOOKED_AT = 10_000


class History:
    """Values that are remembered under names, such as the path of an input.

    Args:
        stored: finds what an earlier run remembered.
    """

    def __init__(self, stored: PositionLookup) -> None:
        self._stored = stored
        self._new: dict[Key, HistoryEntry | Forgotten] = {}
        self._taken: dict[Key, HistoryEntry | Forgotten] = {}  # on their way to the target

    def get(self, name: str) -> str | None:
        """Return the value that is remembered under a name, None if there is none."""
        entry = self._find(name)
        return entry.value if entry else None

    def get_ns(self, name: str) -> int | None:
        """Return the time that is remembered under a name, in nanoseconds, None if there is none."""
        entry = self._find(name)
        return entry.time_ns if entry else None

    def set(self, name: str, value: str, time_ns: int = 0) -> None:
        """Remember a value, and a time, under a name."""
        entry = HistoryEntry(name_hash=_hash(name), value=value, time_ns=time_ns)
        self._new[entry.key] = entry

    def remove(self, name: str) -> None:
        """Remember nothing under a name any longer."""
        if self.get(name) is not None:
            self.forget(("history", _hash(name)))

    def forget(self, key: Key) -> None:
        """Let the target remove the record with this key, whatever it is of."""
        self._new[key] = Forgotten(key)

    def counted_until(self, path: str) -> int:
        """Return up to which time the files that a log was rotated to are counted and forgotten, 0 if none is.

        Args:
            path: a file of the log.

        Returns:
            When the last of these files had last changed, in nanoseconds.
        """
        return self.get_ns(_counted(path)) or 0

    def note_counted(self, path: str, time_ns: int) -> None:
        """Note what ``counted_until`` returns."""
        self.set(_counted(path), "", time_ns)

    def is_new(self, name: str) -> bool:
        """Tell whether nothing is remembered under a name, and remember the name."""
        new = self.get(name) is None
        if new:
            self.set(name, name)
        return new

    def was_at(self, path: str) -> bool:
        """Tell whether a file was last seen at a path."""
        return any(content.path == path for content in self._stored.relatives(path))

    def knows_log_of(self, path: str) -> bool:
        """Tell whether any file was followed of the log that a file belongs to by its name."""
        return bool(self._stored.relatives(path))

    def find_unread(self, folder: str) -> str | None:
        """Return the path of a file in a folder, or below, that is new or has grown since it was last read."""
        files = ((root, name) for root, _, names in os.walk(folder) for name in names if not is_ignored(name))
        for root, name in islice(files, _MOST_LOOKED_AT):
            path = os.path.join(root, name)
            try:
                status = os.stat(path)
            except OSError:
                continue
            known = max((one.size for one in self._stored.find(status.st_ino)), default=0)
            if stat.S_ISREG(status.st_mode) and status.st_size > known:
                return path
        return None

    def take(self) -> list[HistoryEntry | Forgotten]:
        """Return what was remembered and forgotten since the last call; the target has stored what that returned."""
        self._taken, self._new = self._new, {}
        return list(self._taken.values())

    def _find(self, name: str) -> HistoryEntry | None:
        key = "history", _hash(name)
        entry = self._new.get(key) or self._taken.get(key) or self._stored.history(_hash(name))
        return entry if isinstance(entry, HistoryEntry) else None


class ListedLogs:
    """Remembers from run to run which logs a glob matched.

    Args:
        history: where they are remembered.
        glob: the glob.
    """

    def __init__(self, history: History, glob: str) -> None:
        self._history = history
        self._name = f"logs of {glob}"
        #: The logs of the run before.
        self.former = [path for path in (history.get(self._name) or "").split("\0") if path]
        self._paths = dict.fromkeys(self.former)

    def note(self, found: Collection[str], deleted: Callable[[], set[str]], *, is_complete: bool) -> None:
        """Note the logs that a scan found; if it found all there are, forget those that are gone.

        Those that ``deleted`` returns are kept open, as somebody may write to them.
        """
        if not is_complete and self._paths.keys() >= set(found):
            return
        gone = {path for path in self._paths if not os.path.lexists(path)} if is_complete else set[str]()
        if gone:
            gone -= deleted()
        kept = [path for path in self._paths if path not in gone]
        paths = dict.fromkeys([*kept, *found][-MOST_LISTED:])
        if paths.keys() != self._paths.keys():
            self._history.set(self._name, "\0".join(paths))
        self._paths = paths


def _counted(path: str) -> str:
    return f"counted files of {family(path)}"


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(os.fsencode(name), digest_size=7).digest())
