"""The logs that paths or a glob name, and what they were rotated to, which is found beside them by its name."""

import os
import time
from collections.abc import Iterable, Sequence

from producer.discovery.found_file import FoundFile, Warn
from producer.discovery.history import History
from producer.discovery.open_logs import NAMELESS_SECONDS, OpenFileBudget, OpenLogs
from producer.discovery.patterns import Glob, Paths
from producer.discovery.scanner import DirectoryScanner
from producer.discovery.symlinks import Links
from producer.log_names import is_packed, origins

#: The folders that a glob names are looked for so often, or as often as this share of one core allows.
GLOB_SECONDS = 0.5
GLOB_SHARE = 0.02


class Logs:
    """Logs that are looked at again and again.

    Args:
        wanted: the paths of logs, or a glob.
        warn: told of each thing that cannot be counted, at every look.
        apart: folders that are not looked into.
        marks: tell what was followed before. What new logs were rotated to is of the past.
        room: how many may be kept open.
        end: of new ones all that there is is of the past.
        live: a last line is waited for as long as its log has the name.
    """

    def __init__(  # each is used
        self,
        wanted: Paths | Glob,
        warn: Warn,
        apart: Sequence[str],
        marks: History,
        room: OpenFileBudget,
        *,
        end: bool,
        live: bool,
    ) -> None:
        self._wanted = wanted
        self._warn = warn
        self._marks = marks
        self._room = room
        self._new = {one for one in wanted.given if marks.is_new(one)}
        self._end = end
        self._live = live
        self._folder = DirectoryScanner((), 1, warn, apart, wanted.accepts, waits=wanted.in_one_place)
        self._next_folders = 0.0
        self._links = Links(apart, marks)
        self._held = OpenLogs(room, live=live)
        self._logs = set[str]()  # that there are, or were
        self._asked = set[str]()
        self._warned = False
        self.turned: list[str] = []  #: paths of logs that were found to be folders, and are not followed here any more
        if wanted.literal:
            for path in wanted.given:
                self._links.recall(path)

    @property
    def unreadable(self) -> dict[str, None]:
        """Folders that could not be looked into."""
        return self._folder.unreadable

    def scan(self, *, full: bool = False) -> tuple[list[FoundFile], bool]:
        """Return the logs, and what they were rotated to where it may have changed; and whether this is all there is.

        With ``full`` it is, whatever that costs. Those that have no name any more are told by ``kept``.
        """
        started = time.monotonic()
        self._find_folders(started)
        found: dict[tuple[int, int], FoundFile] = {}
        there = set[str]()  # of what was given
        beside = full or self._links.due
        partly = bool(self._links) and not beside
        files, everything = self._folder.scan(full=beside)
        for file in files:
            if of := self._wanted.owners(file.path):
                there.update(of)
                if self._wanted.matches(file.path) and os.path.islink(file.path):
                    self._links.lead(file.path, file.real)
                self._find(file, found, past=self._is_past(file, of))
        if beside or self._links.due:
            for file, past in self._links.scan(started):
                if file.key not in found:
                    self._find(file, found, past=past)
        everything = everything and not partly
        if everything:
            self._find_turned(found.values())
            self._links.forget(self._wanted.given)
        if not self._warned:
            self._warn_of_missing(there)
        self._new.clear()
        return list(found.values()), everything

    def kept(self, files: Iterable[FoundFile], changed: set[tuple[int, int]], *, full: bool) -> list[FoundFile]:
        """Return the files that ``look`` has returned, with those that are kept open, as they are now.

        What may have ``changed`` also where others found it is among them, so that what is known of it here holds.
        """
        found = {file.key: file for file in files}
        self._held.scan(found, changed, full=full)
        if self._held.rotated:  # what it was rotated to is there by now
            self._folder.scan_soon()
        return list(found.values())

    def close(self) -> None:
        """Keep no log open any more."""
        self._held.close()

    def _find_folders(self, now: float) -> None:
        if now >= self._next_folders:
            self._folder.set_roots(self._wanted.folders())
            self._next_folders = now + max(GLOB_SECONDS, (time.monotonic() - now) / GLOB_SHARE)

    def _warn_of_missing(self, there: set[str]) -> None:
        self._warned = True
        if isinstance(self._wanted, Paths) and self._live:
            for path in self._wanted.given:
                if path not in there and os.path.dirname(path) not in self._folder.unreadable:
                    self._warn(path, "is not there yet; waiting for it")

    def _find_turned(self, found: Iterable[FoundFile]) -> None:
        if isinstance(self._wanted, Paths):
            named = {file.path for file in found}
            for path in [path for path in self._wanted.given if path not in named and os.path.isdir(path)]:
                self._wanted.leave_out(path)
                self.turned.append(path)

    def _is_past(self, file: FoundFile, of: Sequence[str]) -> bool:
        """Tell whether a file is of the past: only where nothing of its log was followed, under whatever pattern."""
        past = self._new.issuperset(of) and (self._end or not self._wanted.matches(file.path))
        return past and not self._marks.knows_log_of(file.real)

    def _find(self, file: FoundFile, found: dict[tuple[int, int], FoundFile], *, past: bool) -> None:
        named = self._wanted.matches(file.path)
        # A pattern may name also what a log was rotated to. Under a dated name without a log beside it, it is one.
        copy = is_packed(file.real) or any(self._is_log(one) for one in origins(file.real))
        own = named and (self._wanted.literal or not copy or self._held.was_own(file))
        if (other := found.get(file.key)) is not None:  # under another name
            own, past = own or other.is_current, past and other.skip_existing
            file = file if named else other
        file = file._replace(is_log=True, is_current=own, is_live=own and self._live, skip_existing=past)
        found[file.key] = file
        idle = time.time() - file.mtime_ns / 1e9 > NAMELESS_SECONDS
        if (own or not (is_packed(file.real) or idle)) and not self._held.hold(file):
            self._warn(
                str(self._wanted),
                f"more logs than the {self._room.most} that are kept open, which changed last;"
                " what is written to the others after they are deleted is lost",
            )

    def _is_log(self, path: str) -> bool:
        """Tell whether there is a log at a path, or was: it may be away for a moment while it is rotated."""
        if path not in self._logs:
            asked = path in self._asked
            self._asked.add(path)
            if (os.path.isfile(path) and not os.path.islink(path)) or (not asked and self._marks.was_at(path)):
                self._logs.add(path)
        return path in self._logs
