"""The logs that a path or a pattern names, and what they were rotated to, which is found beside them by its name."""

import fnmatch
import glob
import os
import time
from collections.abc import Sequence

from producer.folder import Folder, FoundFile, Warn, skipped
from producer.held import KEPT_OPEN, NAMELESS_SECONDS, Held
from producer.links import Links
from producer.marks import Marks
from producer.rotation import is_packed, origins

#: How often the folders that a pattern names are looked for.
_PATTERN_SECONDS = 0.5


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
        marks: tell what was followed before. What new logs were rotated to is of the past.
        end: of new ones all that there is is of the past.
        live: a last line is waited for as long as its log has the name.
    """

    def __init__(  # noqa: PLR0913  # each is used
        self, pattern: str, warn: Warn, apart: Sequence[str], marks: Marks, *, end: bool, live: bool
    ) -> None:
        self.pattern = os.path.abspath(pattern)
        self._literal = os.path.lexists(pattern) or not glob.has_magic(pattern)
        self._warn = warn
        self._apart = apart
        self._marks = marks
        self._new = marks.is_new(self.pattern)
        self._end = end
        self._live = live
        self._folders: dict[str, Folder] = {}
        self._next_folders = 0.0
        self._links = Links(apart, marks)
        self._held = Held(live=live)
        self._logs = set[str]()  # that there are, or were
        self._asked = set[str]()
        self._warned = False
        if self._literal:
            self._links.recall(self.pattern)

    @property
    def unreadable(self) -> dict[str, None]:
        """Folders that could not be looked into."""
        return {path: None for folder in self._folders.values() for path in folder.unreadable}

    def look(self, *, whole: bool = False) -> tuple[list[FoundFile], bool]:
        """Return the logs, and what they were rotated to where it may have changed; and whether this is all there is.

        With ``whole`` it is, whatever that costs.
        """
        found: dict[tuple[int, int], FoundFile] = {}
        beside = whole or self._links.due
        everything = beside or not self._links
        for folder in self._looked_into():
            files, all_of_them = folder.look(whole=beside, names=True)
            everything = everything and all_of_them
            for file in files:
                if self._named(file.path) and os.path.islink(file.path):
                    self._links.lead(file.path, file.real)
                self._find(file, found, past=self._is_past(file))
        if beside or self._links.due:
            for file, past in self._links.look():
                if file.key not in found:
                    self._find(file, found, past=past)
        if everything:
            self._links.forget(self.pattern)
        self._held.look(found)
        if self._literal and self._live and not found and not self._warned:
            self._warn(self.pattern, "is not there yet; waiting for it")
        self._warned = True
        self._new = False
        return list(found.values()), everything

    def close(self) -> None:
        """Keep no log open any more."""
        self._held.close()

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
        return any(self._matches(one) for one in (name, *origins(name)))

    def _matches(self, name: str) -> bool:
        wanted = os.path.basename(self.pattern)
        if self._literal:
            return name == wanted
        return not skipped(name) and fnmatch.fnmatchcase(name, wanted)

    def _named(self, path: str) -> bool:
        return self._matches(os.path.basename(path))

    def _is_past(self, file: FoundFile) -> bool:
        """Tell whether a file is of the past: only where nothing of its log was followed, under whatever pattern."""
        past = self._new and (self._end or not self._named(file.path))
        return past and not self._marks.knows_log_of(file.real)

    def _find(self, file: FoundFile, found: dict[tuple[int, int], FoundFile], *, past: bool) -> None:
        named = self._named(file.path)
        # A pattern may name also what a log was rotated to. Under a dated name without a log beside it, it is one.
        copy = is_packed(file.real) or any(self._is_log(one) for one in origins(file.real))
        own = named and (self._literal or not copy or self._held.was_own(file))
        if (other := found.get(file.key)) is not None:  # under another name
            own, past = own or other.own, past and other.past
            file = file if named else other
        file = file._replace(log=True, own=own, live=own and self._live, past=past)
        found[file.key] = file
        idle = time.time() - file.mtime_ns / 1e9 > NAMELESS_SECONDS
        if (own or not (is_packed(file.real) or idle)) and not self._held.hold(file):
            self._warn(
                self.pattern,
                f"names more than {KEPT_OPEN} logs; what is written to the others after they are deleted is lost",
            )

    def _is_log(self, path: str) -> bool:
        """Tell whether there is a log at a path, or was: it may be away for a moment while it is rotated."""
        if path not in self._logs:
            asked = path in self._asked
            self._asked.add(path)
            if (os.path.isfile(path) and not os.path.islink(path)) or (not asked and self._marks.was_at(path)):
                self._logs.add(path)
        return path in self._logs
