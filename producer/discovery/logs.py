"""Scans for the logs of a pattern, and for their rotated files, which are recognized by their names."""

import os
import time
from collections.abc import Collection, Iterable, Sequence

from producer.discovery import scanner
from producer.discovery.found_file import FileKey, FoundFile, IsDone, ScanResult, Warn
from producer.discovery.history import History, ListedLogs
from producer.discovery.open_logs import NAMELESS_SECONDS, OpenLogs
from producer.discovery.patterns import Glob, Paths, ScanRules
from producer.discovery.scanner import DirectoryScanner
from producer.discovery.symlinks import Symlinks
from producer.log_names import is_compressed, origins

#: Seconds between two searches for the folders that a glob matches, or more if their share of one core asks for it.
GLOB_SECONDS = 0.5
GLOB_SHARE = 0.02
#: How many paths of logs are remembered of which no file may be there any longer.
_MOST_FORMER = 100


class LogScanner:
    """Scans for logs and their rotated files.

    Args:
        pattern: the paths of the logs, or a glob.
        warn: called for everything that cannot be counted, at every full scan.
        history: what earlier runs followed. Files that a new log was rotated to before are not counted.
        open_logs: keeps the logs open.
        excluded: folders that are never scanned.
        from_end: of new logs, only what is appended from now on counts.
    """

    def __init__(
        self,
        pattern: Paths | Glob,
        warn: Warn,
        history: History,
        open_logs: OpenLogs,
        *,
        excluded: Sequence[str],
        from_end: bool,
    ) -> None:
        self._pattern = pattern
        self._warn = warn
        self._history = history
        self._new = {one for one in pattern.given if history.is_new(one)}
        self._from_end = from_end
        self._next_search = 0.0
        self._seconds = 0.0  # that the last scan took after that of the folders
        self._symlinks = Symlinks(excluded, history)
        self._logs = set[str]()  # the paths of logs that exist, or did
        self._missing = set[str]()  # the paths found to be no logs at least once
        self._has_warned_of_missing = False
        #: Keeps the logs open.
        self.open_logs = open_logs
        #: Finds the files by their names.
        rules = ScanRules(1, excluded, pattern.accepts, pattern.excludes, awaits_roots=pattern.has_fixed_folders)
        self.directories = DirectoryScanner((), warn, rules)
        #: Given paths that turned out to be folders, and are not followed here any longer.
        self.became_folders: list[str] = []
        self._listed = None if isinstance(pattern, Paths) else ListedLogs(history, str(pattern))
        if pattern.is_literal:
            for path in pattern.given:
                self._symlinks.restore(path)

    @property
    def unreadable(self) -> dict[str, None]:
        """Folders that the last full scan could not list."""
        return self.directories.unreadable

    @property
    def listed(self) -> list[str]:
        """The logs of a glob that the run before followed."""
        return self._listed.former if self._listed else []

    def scan(self, *, full: bool = False, is_done: IsDone = lambda _: False) -> ScanResult:
        """Return the files that may have changed; with ``full`` all files, whatever that costs.

        A file that was found before and has not changed since is left out if it ``is_done``. Only ``with_open_logs``
        adds the files that have no name any longer.
        """
        started = time.monotonic()
        self._update_folders(started)
        found: dict[FileKey, FoundFile] = {}
        owners = set[str]()
        with_targets = full or self._symlinks.is_scan_due
        lacks_targets = bool(self._symlinks) and not with_targets
        files, is_complete = self.directories.scan(full=with_targets, is_done=is_done)
        scanned = time.monotonic()
        for file in files:
            if file_owners := self._pattern.owners(file.path):
                owners.update(file_owners)
                if self._pattern.matches(file.path) and os.path.islink(file.path):
                    self._symlinks.note_target(file.path, file.real)
                self._add(file, found, skip_existing=self._is_already_there(file, file_owners))
        if with_targets or self._symlinks.is_scan_due:
            for file, skip_existing in self._symlinks.scan(started):
                if file.key not in found:
                    self._add(file, found, skip_existing=skip_existing)
        is_complete = is_complete and not lacks_targets
        if self._listed is not None:
            current = [file.path for file in found.values() if file.is_current]
            self._listed.note(current, self.open_logs.deleted, is_complete=is_complete)
        if is_complete:
            self._forget_former_logs(found.values())
            self._find_folders_among_logs(found.values())
            self._symlinks.forget_missing(self._pattern.given)
        if not self._has_warned_of_missing:
            self._has_warned_of_missing = True
            self._warn_of_missing(owners)
        self._new.clear()
        self._seconds = time.monotonic() - scanned
        return ScanResult(list(found.values()), is_complete)

    def with_open_logs(
        self, result: ScanResult, changed: set[FileKey], is_done: IsDone = lambda _: False
    ) -> ScanResult:
        """Return the result of ``scan`` with the logs that are kept open, as they are now.

        Args:
            result: what ``scan`` has returned.
            changed: the files that any scan found. Those that are kept open here are added, with what this scanner
                knows of them.
            is_done: tells which of them are left out if they have not changed.
        """
        started = time.monotonic()
        found = {file.key: file for file in result.files}
        self.open_logs.scan(found, changed, full=result.is_complete, is_done=is_done)
        if self.open_logs.saw_rotation:  # the rotated file exists by now
            self.directories.scan_soon()
        if result.is_complete:
            seconds = self._seconds + time.monotonic() - started
            self.directories.next_full_scan += seconds / scanner.FULL_SCAN_SHARE
        return result._replace(files=list(found.values()))

    def _update_folders(self, now: float) -> None:
        if now >= self._next_search:
            self.directories.set_roots(self._pattern.folders())
            self._next_search = now + max(GLOB_SECONDS, (time.monotonic() - now) / GLOB_SHARE)

    def _warn_of_missing(self, owners: set[str]) -> None:
        if isinstance(self._pattern, Paths) and self.open_logs.live:
            for path in self._pattern.given:
                if path not in owners and os.path.dirname(path) not in self.unreadable and not os.path.exists(path):
                    self._warn(path, "does not exist yet; waiting for it")

    def _find_folders_among_logs(self, found: Iterable[FoundFile]) -> None:
        if isinstance(self._pattern, Paths):
            paths = {file.path for file in found}
            for path in [path for path in self._pattern.given if path not in paths and os.path.isdir(path)]:
                self._pattern.remove(path)
                self.became_folders.append(path)

    def _is_already_there(self, file: FoundFile, owners: Sequence[str]) -> bool:
        """Tell whether a file's content is to be skipped: it was there before anything of its log was followed."""
        is_before = self._new.issuperset(owners) and (self._from_end or not self._pattern.matches(file.path))
        return is_before and not self._history.knows_log_of(file.real)

    def _add(self, file: FoundFile, found: dict[FileKey, FoundFile], *, skip_existing: bool) -> None:
        matches = self._pattern.matches(file.path)
        # A glob may match rotated files as well. A file with a dated name and no log next to it is the log itself.
        may_be_rotated = is_compressed(file.real) or any(self._is_log(path) for path in origins(file.real))
        is_current = matches and (self._pattern.is_literal or not may_be_rotated or self.open_logs.was_current(file))
        if (other := found.get(file.key)) is not None:  # the same file under another name
            is_current, skip_existing = is_current or other.is_current, skip_existing and other.skip_existing
            is_better = matches and (file.path == file.real or other.path != other.real)  # whatever comes first
            file = file if is_better else other
        file = file._replace(
            is_log=True,
            is_current=is_current,
            is_live=is_current and self.open_logs.live,
            skip_existing=skip_existing,
        )
        found[file.key] = file
        is_idle = time.time() - file.mtime_ns / 1e9 > NAMELESS_SECONDS
        if (is_current or not (is_compressed(file.real) or is_idle)) and not self.open_logs.keep_open(file):
            self._warn(
                str(self._pattern),
                f"only the {self.open_logs.budget.most} most recently changed logs are kept open;"
                " what is written to another log after it is deleted is lost",
            )

    def _forget_former_logs(self, found: Collection[FoundFile]) -> None:
        """Forget the paths of logs of which no file is there any longer."""
        if len(self._logs) + len(self._missing) > _MOST_FORMER + 2 * len(found):
            paths = {path for file in found for path in origins(file.real)}
            self._logs &= paths
            self._missing &= paths

    def _is_log(self, path: str) -> bool:
        """Tell whether a log is or was at a path: while it is rotated it may be away for a moment."""
        if path not in self._logs:
            is_first_time = path not in self._missing
            self._missing.add(path)
            if (os.path.isfile(path) and not os.path.islink(path)) or (is_first_time and self._history.was_at(path)):
                self._logs.add(path)
        return path in self._logs
