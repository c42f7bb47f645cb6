"""The logs that a path or a pattern names, and what they were rotated to.

Each log that has the name is kept open, so that what is written to it is read also after it was renamed or deleted.
What it was renamed or copied to is found beside it, by its name.
"""

import fnmatch
import glob
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from producer.folder import Folder, FoundFile, Warn, skipped
from producer.rotation import family, rotated

#: A log that has lost its name is read on until nothing came for so long, as who writes to it may not know yet.
_NAMELESS_SECONDS = 600.0
#: So many logs are kept open; of more, what is written after they lost their name may be missed.
_KEPT_OPEN = 256
#: How often the folders that a pattern names are looked for.
_PATTERN_SECONDS = 0.5


@dataclass
class _Held:
    """A log that is kept open."""

    descriptor: int
    path: str
    state: tuple[int, int] = (0, 0)  # size and time of its last change
    since: float = 0.0  # when it was last seen to change, by our own clock


def unfinished_message(paths: Sequence[str]) -> str:
    """Return what is told of logs that end with a part of a line when they are followed no more.

    >>> unfinished_message(["a.log", "b.log"])
    'a.log and 1 more: the last line has no line end yet; it counts once that comes'
    """
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"{paths[0]}{more}: the last line has no line end yet; it counts once that comes"


class Logs:
    """Logs that are looked at again and again.

    Args:
        pattern: the path of a log, or a glob.
        warn: told of each thing that cannot be counted, at every look.
        apart: folders that are not looked into.
        new: they were not followed before, so that what they were rotated to is of the past.
        end: of new ones all that is there is of the past.
        live: a last line is waited for as long as its log has the name.
    """

    def __init__(  # noqa: PLR0913  # each is used
        self, pattern: str, warn: Warn, apart: Sequence[str], *, new: bool, end: bool, live: bool
    ) -> None:
        self.pattern = os.path.abspath(pattern)
        self._literal = os.path.lexists(pattern) or not glob.has_magic(pattern)
        self._warn = warn
        self._apart = apart
        self._new = new
        self._end = end
        self._live = live
        self._folders: dict[str, Folder] = {}
        self._next_folders = 0.0
        self._held: dict[tuple[int, int], _Held] = {}
        self._warned = False

    @property
    def unreadable(self) -> dict[str, None]:
        """Folders that could not be looked into."""
        return {path: None for folder in self._folders.values() for path in folder.unreadable}

    def look(self, *, whole: bool = False) -> tuple[list[FoundFile], bool]:
        """Return the logs, and what they were rotated to where it may have changed; and whether this is all there is.

        With ``whole`` it is, whatever that costs.
        """
        found: dict[tuple[int, int], FoundFile] = {}
        everything = True
        for folder in self._looked_into():
            files, all_of_them = folder.look(whole=whole, names=True)
            everything = everything and all_of_them
            for file in files:
                named = self._named(file.path)
                if named:
                    self._hold(file)
                found[file.key] = file._replace(log=True, past=self._new and (self._end or not named))
        for file in self._look_at_held(found):
            past = file.key in found and found[file.key].past
            found[file.key] = file._replace(log=True, past=past)
        if self._literal and self._live and not found and not self._warned:
            self._warn(self.pattern, "is not there yet; waiting for it")
        self._warned = True
        self._new = False
        return list(found.values()), everything

    def close(self) -> None:
        """Keep no log open any more."""
        for held in self._held.values():
            os.close(held.descriptor)
        self._held.clear()

    def _looked_into(self) -> list[Folder]:
        if time.monotonic() >= self._next_folders:
            self._next_folders = time.monotonic() + _PATTERN_SECONDS
            folder = os.path.dirname(self.pattern)
            plain = self._literal or not glob.has_magic(folder)
            paths = [folder] if plain else filter(os.path.isdir, glob.glob(folder, recursive=True))
            self._folders = {
                path: self._folders.get(path) or Folder(path, 1, self._warn, self._apart, self._accepts)
                for path in paths
            }
        return list(self._folders.values())

    def _accepts(self, name: str) -> bool:
        return self._matches(name) or self._matches(family(name))

    def _matches(self, name: str) -> bool:
        wanted = os.path.basename(self.pattern)
        if self._literal:
            return name == wanted
        return not skipped(name) and fnmatch.fnmatchcase(name, wanted)

    def _named(self, path: str) -> bool:
        return self._matches(os.path.basename(path))

    def _hold(self, file: FoundFile) -> None:
        if file.key in self._held or len(self._held) >= _KEPT_OPEN or (rotated(file.path) and not self._literal):
            return
        with suppress(OSError):  # which reading it tells
            descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            status = os.fstat(descriptor)
            if (status.st_dev, status.st_ino) == file.key and stat.S_ISREG(status.st_mode):
                self._held[file.key] = _Held(descriptor, file.path)
            else:  # another took its place
                os.close(descriptor)

    def _look_at_held(self, found: dict[tuple[int, int], FoundFile]) -> Iterator[FoundFile]:
        for key, held in list(self._held.items()):
            if key in found:
                held.path = found[key].path
            status = os.fstat(held.descriptor)
            named = self._named(held.path) and _is_at(held.path, key)
            state = status.st_size, status.st_mtime_ns
            if named or state != held.state:
                held.state, held.since = state, time.monotonic()
            elif time.monotonic() - held.since > _NAMELESS_SECONDS:
                os.close(held.descriptor)
                del self._held[key]
                continue
            file = FoundFile.of(held.path, status)
            yield file._replace(descriptor=held.descriptor, live=named and self._live)


def _is_at(path: str, key: tuple[int, int]) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == key
