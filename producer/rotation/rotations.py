"""Finds the rest of logs that were rotated to where no scan finds them, and reports what is not found.

A log that is followed by its name may be moved to any folder and any name, while it is followed or while nothing runs.
Its former content is recognized by its inode, or by the bytes that were published of it.
"""

import math
import os
import time
from collections.abc import Callable, Iterable

from producer.content.birth_time import birth_ns
from producer.discovery.found_file import FileKey, FoundFile, Warn
from producer.discovery.history import History
from producer.log_names import is_compressed
from producer.positions.pending import PendingPositions
from producer.positions.position import LostContent, Position
from producer.reading.line_reader import LineBlock
from producer.rotation.generations import is_later, warn_of_deleted
from producer.rotation.gone_files import GoneFiles
from producer.rotation.remembered import FollowedRests, RememberedLogs, file_of
from producer.rotation.search import Search, warn_of_counted_copy
from producer.rotation.search_places import Places
from producer.rotation.unread_rest import Log, Missing, is_of, is_same, moved, replaced, truncated, warn_of_missing

#: The share of one core that searches may take.
SEARCH_SHARE = 0.02
MOST_REPLACED = 1000  #: how many former files of logs are remembered


class Rotations:
    """What the followed logs were rotated to.

    Args:
        places: where to search.
        history: remembers from run to run which file each log is.
        positions: how far each file was published.
        warn: called for what is not found.
        settle: how many seconds a copy may take to be completed.
    """

    def __init__(
        self, places: Places, history: History, positions: PendingPositions, warn: Warn, settle: float
    ) -> None:
        self._places = places
        self._search = Search(places, positions, warn)
        self._remembered = RememberedLogs(history, positions)
        self._gone = GoneFiles(history, positions, warn, settle)
        self._positions = positions
        self._warn = warn
        self._settle = settle
        self._logs: dict[str, Log] = {}  # by path
        self._missing: list[Missing] = []
        self.rests = FollowedRests(history)  #: what is followed because a search found it
        self._replaced: dict[int, Log] = {}  # what logs were before, by inode
        self._scans, self._next_search = 0, 0.0
        self._second_scan = math.inf  # when that began, in seconds of the monotonic clock

    @property
    def is_awaited(self) -> bool:
        """Whether the rest of a log is still being looked for."""
        return bool(self._missing)

    def scan(
        self, found: dict[FileKey, FoundFile], given: Iterable[str], listed: Iterable[str], folders: Iterable[str]
    ) -> None:
        """Note which logs were replaced, and add what they were rotated to.

        Args:
            found: the files that a scan has found.
            given: the paths of logs that may be missing.
            listed: the paths of the logs of globs that an earlier run followed.
            folders: those that an earlier run followed.
        """
        self._second_scan = min(self._second_scan, time.monotonic()) if self._scans else math.inf
        logs = {file.path: file for file in found.values() if file.is_current and not is_compressed(file.real)}
        if not self._scans:
            for path in logs.keys() | {*given, *listed}:  # the run that noticed it may have ended then
                self._missing += self._remembered.truncated(path, logs.get(path))
        for path, file in logs.items():
            self._note_log(path, file, found)
        self._scans += 1
        if self._scans == 1:
            for path in given:
                if path not in logs:
                    self._look_for_former(Log(path, os.path.dirname(path), 0, 0), found)
                else:
                    for twin in list(self._search.twins(logs[path], found)):
                        self.rests.add(twin, found)
            self._look_on(listed, found)
            self._read_on(found)
            self._gone.note(folders, found)
        for log in self.rests.scan(found):
            self._seek(log, found)
        if self._missing and time.monotonic() >= self._next_search:
            self._look_for_missing(found)
        self._note_sought()

    def note_block(self, file: FoundFile, block: LineBlock) -> None:
        """Note what a block that is read of a file tells: that it lost its content, or that a copy was found."""
        for record in block.other_contents:
            known = [one for one in self._missing if is_same(one.content, record)]
            if not record.path:
                for missing in known:
                    if missing.noticed < self._second_scan:
                        warn_of_deleted(self._warn, file, missing.log.path, self._places.files(missing.folders))
                    self._resolve(missing)
            elif isinstance(record, LostContent) and not known and (log := self._log_of(file)):
                self._missing.append(missing := truncated(log, record, self._unread(file, record)))
                if not missing.is_reported:
                    self._remembered.note_reported(log.path, record)
                self._next_search = 0.0
                warn_of_counted_copy(self._warn, self._positions, file, record)

    def report_missing(self, *, is_complete: bool, may_wait: Callable[[], bool]) -> None:
        """Report the rests that were not found where a search looked for them.

        Args:
            is_complete: this poll scanned all folders.
            may_wait: tells whether a file is still being written that may be such a rest.
        """
        if (self._missing or self._gone) and not may_wait():
            for missing in list(self._missing):
                is_due = time.monotonic() - missing.noticed >= self._settle
                if missing.has_been_searched and is_due and is_complete:
                    self._report(missing)
            self._gone.report()
        self._note_sought()

    def forget(self, content: Position) -> None:
        """Forget a file that is gone, and the log that it was."""
        self._remembered.forget(content)
        self._replaced.pop(content.inode, None)
        if (log := self._logs.get(content.path)) is not None and log.inode == content.inode:
            del self._logs[content.path]

    def _log_of(self, file: FoundFile) -> Log | None:
        """Return the log that a file is, or was until it was renamed."""
        return self._logs.get(file.path) if file.is_current else self._replaced.get(file.inode)

    def _unread(self, file: FoundFile, lost: LostContent) -> int | None:
        """Return how many bytes were seen of a content and not published, None if it was not followed until then."""
        known = next((one for one in self._positions.find(file.inode) if one.device == file.device), None)
        return max(0, known.size - lost.position) if self._scans > 1 and known else None

    def _note_log(self, path: str, file: FoundFile, found: dict[FileKey, FoundFile]) -> None:
        log = self._logs.get(path)
        if log is not None and log.inode == file.inode:
            return
        self._logs[path] = new = Log(path, os.path.dirname(file.real), file.inode, birth_ns(file.opened_by))
        if log is None:
            self._look_for_former(new, found)
            return
        # It is kept open, and read to its end; it may have been replaced again before this scan.
        self._note_replaced(log, found)
        self._remembered.remember(new)

    def _note_replaced(self, log: Log, found: dict[FileKey, FoundFile]) -> bool:
        """Note that another file has the path of a log; return whether the former one is followed."""
        self._replaced[log.inode] = log
        if len(self._replaced) > MOST_REPLACED:
            del self._replaced[next(iter(self._replaced))]
        rest = next((file for file in found.values() if is_of(file, log)), None)
        if rest is not None:
            self._missing.append(replaced(log, self._remembered.content(log), rest))
            self._next_search = 0.0
        return rest is not None

    def _look_for_former(self, log: Log, found: dict[FileKey, FoundFile]) -> None:
        """Look for the file that a log was when it was last followed."""
        former = self._remembered.former(log.path)
        if former is None and not log.inode:
            return
        self._remembered.remember(log)
        if former is None or former[2:] == log[2:]:  # inodes are used again
            return
        if not self._note_replaced(former, found):
            fate = "was replaced" if log.inode else "is gone"
            self._missing.append(Missing(former, self._remembered.content(former), time.monotonic(), fate))

    def _look_on(self, listed: Iterable[str], found: dict[FileKey, FoundFile]) -> None:
        """Look for what the run before was looking for, and for logs that are gone."""
        noted = {one.key for one in self._missing}
        for missing in (*self._remembered.sought(self._logs), *self._remembered.gone(listed, self._logs)):
            if missing.key not in noted and (missing.lost_ns or not self._note_replaced(missing.log, found)):
                self._missing.append(missing)

    def _read_on(self, found: dict[FileKey, FoundFile]) -> None:
        """Follow the rests of the run before."""
        for log in list(self.rests.sought):
            if (file := file_of(log)) is None:
                self._seek(log, found)
            elif file.key not in found:
                self.rests.add(file, found)

    def _seek(self, log: Log, found: dict[FileKey, FoundFile]) -> None:
        """Look for a rest that is no longer where it was, unless the scan has found it by a name."""
        file = next((one for one in found.values() if is_of(one, log)), None)
        if file is None or file.descriptor is not None:
            self._missing.append(moved(log, self._remembered.content(log), self.rests.sought[log], file))
            self._next_search = 0.0

    def _look_for_missing(self, found: dict[FileKey, FoundFile]) -> None:
        started = time.monotonic()
        logs = {os.path.realpath(one.log.path) for one in self._missing if not one.is_rest}  # the next scan finds those
        files = self._places.files(sorted({folder for one in self._missing for folder in one.folders}))
        files = [file for file in files if file.key in found or file.path not in logs]
        for missing in list(self._missing):
            if missing.is_back(present := self._logs.get(missing.log.path)):
                self._resolve(missing)
                continue
            others = [file for file in files if present is None or not is_of(file, present)]
            # A file that is kept open may have another name by now, or be compressed.
            if (file := self._search.rest(missing, others) or missing.rest) is not None:
                if missing.rest is None:
                    self.rests.add(file, found)
                elif file is not missing.rest:
                    self.rests.note_name(file)
                for one in others:
                    is_new = one.key not in found and is_later(one, file, missing.log, present)
                    if is_new and not self._search.is_known(one):
                        self.rests.add(one, found)
                if missing.noticed < self._second_scan:
                    warn_of_deleted(self._warn, file, missing.log.path, files)
                self._resolve(missing)
            missing.has_been_searched = True
        self._next_search = started + (time.monotonic() - started) / SEARCH_SHARE

    def _resolve(self, missing: Missing) -> None:
        self._missing.remove(missing)
        self._search.forget(missing)

    def _note_sought(self) -> None:
        """Let the next run look for what this one has not found yet."""
        self.rests.remember({missing.log for missing in self._missing if missing.is_rest})
        self._remembered.seek(self._missing)

    def _report(self, missing: Missing) -> None:
        self._resolve(missing)
        if missing.is_reported:
            if isinstance(missing.content, LostContent):
                self._remembered.note_reported(missing.log.path, missing.content)
            warn_of_missing(self._warn, missing, self._places.files(missing.folders))
