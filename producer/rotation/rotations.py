"""Finds the rest of logs that were rotated to where no scan finds them, and reports what is not found.

A log that is followed by its name may be moved to any folder and any name, while it is followed or while nothing runs.
Its former content is recognized by its inode, or by the bytes that were published of it.
"""

import os
import time
from collections.abc import Collection, Iterable, Sequence

from producer.content.birth_time import birth_ns
from producer.discovery.found_file import FileKey, FoundFile, Warn
from producer.discovery.history import History
from producer.log_names import is_compressed, numbered_name
from producer.positions.pending import PendingPositions
from producer.positions.position import LostContent, Position
from producer.reading.line_reader import LineBlock
from producer.reading.rotated_copies import warn_of_twin
from producer.rotation.likeness import begins_with, is_beginning_of
from producer.rotation.missing import Log, Missing, is_same, warn_of_missing
from producer.rotation.places import Places

#: The share of one core that searches may take.
SEARCH_SHARE = 0.02
#: How many files one search opens.
MOST_OPENED = 200
#: A file that was found is read on for this many seconds after its last change, as its writer may still have it open.
FOLLOWED_SECONDS = 600.0


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
        self._history = history
        self._positions = positions
        self._warn = warn
        self._settle = settle
        self._logs: dict[str, Log] = {}  # by path
        self._missing: list[Missing] = []
        self._followed: dict[FileKey, FoundFile] = {}
        self._rejected = set[tuple[FileKey, int, int, bytes]]()
        self._next_search = 0.0
        self._is_first_scan = True

    @property
    def is_awaited(self) -> bool:
        """Whether the rest of a log is still being looked for."""
        return bool(self._missing)

    @property
    def keys(self) -> Collection[FileKey]:
        """The files that are followed because a search found them."""
        return self._followed.keys()

    def scan(self, found: dict[FileKey, FoundFile], given: Iterable[str]) -> None:
        """Note which logs were replaced, and add what they were rotated to.

        Args:
            found: the files that a scan has found.
            given: the paths of logs that may be missing.
        """
        logs = {file.path: file for file in found.values() if file.is_current and not is_compressed(file.real)}
        for path, file in logs.items():
            self._note_log(path, file, found)
        if self._is_first_scan:
            self._is_first_scan = False
            for path in given:
                if path not in logs:
                    self._look_for_former(Log(path, os.path.dirname(path), 0, 0, 0), found)
                else:
                    self._look_for_twin(logs[path], found)
        self._check_followed(found)
        if self._missing and time.monotonic() >= self._next_search:
            self._search(found)

    def note_block(self, file: FoundFile, block: LineBlock) -> None:
        """Note what a block that is read of a file tells: that it lost its content, or that a copy was found."""
        for record in block.other_contents:
            if not record.path:
                for missing in [one for one in self._missing if is_same(one.content, record)]:
                    self._resolve(missing)
            elif file.is_current and isinstance(record, LostContent) and (log := self._logs.get(file.path)):
                self._missing.append(Missing(Log(**vars(log)), record, time.monotonic()))
                self._next_search = 0.0
                log.size = file.size
                self._report_counted_copy(file, record)

    def report_missing(self, *, is_complete: bool, may_wait: bool) -> None:
        """Report the rests that were not found where a search looked for them.

        Args:
            is_complete: this poll scanned all folders.
            may_wait: a file is still being written that may be such a rest.
        """
        for missing in list(self._missing):
            is_due = time.monotonic() - missing.noticed >= self._settle
            if missing.has_been_searched and is_due and is_complete and not may_wait:
                self._report(missing)

    def report_all(self) -> None:
        """Report the rests that were not found so far."""
        for missing in list(self._missing):
            self._report(missing)

    def _report_counted_copy(self, log: FoundFile, lost: LostContent) -> None:
        """Warn if a file that was counted as another one turns out to be a copy: its original was truncated late."""
        for one in self._positions.alike([lost.head]):
            is_same = (one.extent, one.fingerprint) == (lost.extent, lost.fingerprint)
            if isinstance(one, Position) and is_same and one.path and one.birth_ns >= lost.mtime_ns:
                self._warn(
                    one.path,
                    f"holds the {lost.extent:,} bytes that {log.path} had before it was truncated, and counts as"
                    " another file; if it is a copy, these lines count twice",
                )

    def _note_log(self, path: str, file: FoundFile, found: dict[FileKey, FoundFile]) -> None:
        log = self._logs.get(path)
        if log is not None and log.inode == file.inode:
            log.size = max(log.size, file.size)
            return
        self._logs[path] = new = Log(path, os.path.dirname(file.real), file.inode, birth_ns(file.path), file.size)
        if log is not None or not self._look_for_former(new, found):
            self._remember(new)  # a log that is replaced while it is followed is kept open, and read to its end

    def _look_for_former(self, log: Log, found: dict[FileKey, FoundFile]) -> bool:
        """Look for the file that a log was when it was last followed; return whether it is missing."""
        if (remembered := self._history.get(_name(log.path))) is None:
            return False
        inode, birth = map(int, remembered.split())
        if inode in {0, log.inode} or any(file.inode == inode for file in found.values()):
            return False
        log = Log(log.path, log.folder, inode, birth, 0)
        contents = [one for one in self._positions.find(inode) if one.path]
        content = next((one for one in contents if one.birth_ns == birth), None)
        self._missing.append(Missing(log, content, time.monotonic()))
        return True

    def _look_for_twin(self, log: FoundFile, found: dict[FileKey, FoundFile]) -> None:
        """Look for a copy of a log that has grown and still begins with what was published of it.

        It may have been truncated since the copy was made, and have the same lines again.
        """
        content = next((one for one in self._positions.find(log.inode) if one.device == log.device), None)
        if content is None or not content.extent or log.size <= content.size or not begins_with(log, content):
            return
        newer = [file for file in self._places.files([os.path.dirname(log.real)]) if file.key not in found]
        for file in newer[:MOST_OPENED]:
            is_new = birth_ns(file.path) > content.mtime_ns and not self._is_known(file)
            if not is_new or not begins_with(file, content):
                continue
            if is_beginning_of(file, log):
                warn_of_twin(self._warn, file.path, log.path)
            else:  # the log was truncated
                found[file.key] = file._replace(is_log=True)
                self._followed[file.key] = file

    def _remember(self, log: Log) -> None:
        """Remember which file a log is, so that the next run looks for it; inode 0 is none."""
        self._history.set(_name(log.path), f"{log.inode} {log.birth_ns}")

    def _check_followed(self, found: dict[FileKey, FoundFile]) -> None:
        for key, file in list(self._followed.items()):
            try:
                status = os.stat(file.path)
            except OSError:
                del self._followed[key]
                continue
            is_idle = time.time() - status.st_mtime > FOLLOWED_SECONDS
            if (status.st_dev, status.st_ino) != key or (is_idle and key not in found):
                del self._followed[key]
            else:
                self._add(FoundFile.from_status(file.path, file.real, status), found)

    def _add(self, file: FoundFile, found: dict[FileKey, FoundFile]) -> None:
        found[file.key] = found.get(file.key, file)._replace(is_log=True, is_sought=True, skip_existing=False)
        self._followed[file.key] = file

    def _search(self, found: dict[FileKey, FoundFile]) -> None:
        started = time.monotonic()
        folders = {folder for one in self._missing for folder in (one.log.folder, os.path.dirname(one.log.path))}
        files = self._places.files(sorted(folders))
        for missing in list(self._missing):
            if (file := self._rest(missing, files)) is not None:
                self._add(file, found)
                self._add_later(file, missing.log, files, found)
                self._resolve(missing)
            missing.has_been_searched = True
        self._next_search = started + (time.monotonic() - started) / SEARCH_SHARE

    def _add_later(
        self, rest: FoundFile, log: Log, files: Sequence[FoundFile], found: dict[FileKey, FoundFile]
    ) -> None:
        """Add what the log was rotated to after ``rest``: their names differ in a number or a date."""
        pattern = numbered_name(rest.real, log.path)
        for file in files:
            is_later = file.mtime_ns >= rest.mtime_ns and numbered_name(file.real, log.path) == pattern
            if is_later and file.key not in found and not self._is_known(file):
                found[file.key] = file._replace(is_log=True)
                self._followed[file.key] = file

    def _rest(self, missing: Missing, files: Sequence[FoundFile]) -> FoundFile | None:
        """Return the file that has a missing content."""
        log, content = missing.log, missing.content
        if not isinstance(content, LostContent):  # else its own inode has other content now
            for file in files:
                if file.inode == log.inode and birth_ns(file.path) == log.birth_ns:
                    return file
        if content is None or not content.extent:
            return None
        opened = 0
        for file in files:
            rejected = (file.key, file.size, file.mtime_ns, content.fingerprint)
            if file.inode == log.inode or rejected in self._rejected or self._is_known(file):
                continue
            if (answer := begins_with(file, content)) is True:
                return file
            if answer is False:
                self._rejected.add(rejected)
            opened += 1
            if opened == MOST_OPENED:
                break
        return None

    def _is_known(self, file: FoundFile) -> bool:
        positions = [one for one in self._positions.find(file.inode) if one.device == file.device]
        return bool(positions) and birth_ns(file.path) in {one.birth_ns for one in positions}

    def _resolve(self, missing: Missing) -> None:
        self._missing.remove(missing)
        self._remember(self._logs.get(missing.log.path, Log(missing.log.path, missing.log.folder, 0, 0, 0)))

    def _report(self, missing: Missing) -> None:
        self._resolve(missing)
        warn_of_missing(self._warn, missing)


def _name(path: str) -> str:
    return f"log at {path}"
