"""All that one command follows, as one scan finds it: the files of folders, logs, and files given by name."""

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from producer.common.folders import excluder
from producer.discovery.found_file import FileKey, FoundFile, IsDone, ScanResult, Warn
from producer.discovery.history import History
from producer.discovery.logs import LogScanner
from producer.discovery.open_logs import OpenFileBudget, OpenLogs
from producer.discovery.own_outputs import own_outputs
from producer.discovery.patterns import Glob, Paths, ScanRules, is_literal
from producer.discovery.scanner import WRITTEN_HERE, DirectoryScanner


@dataclass(frozen=True, slots=True, kw_only=True)
class InputOptions:
    """How inputs are found and followed.

    Attributes:
        depth: how many levels of folders to scan; None is all.
        excluded: folders that are never scanned, whatever leads to them, because this command writes to them.
        exclude: the patterns of what is left out of folders and globs.
        safe_links: skip symlinks in a folder that lead out of it.
        follow_logs: an input that is not a folder is a log or a glob of logs, followed through its rotations; it may be
            missing.
        once: an unterminated last line of an idle log counts too, as in a folder; otherwise it awaits its line end.
        from_end: of inputs not followed before, only what is appended from now on counts.
        archives: folders that rotated logs are moved or copied to.
        rotated_names: globs of the names that rotated logs have; empty if any name will do.
    """

    depth: int | None = None
    excluded: Sequence[str] = ()
    exclude: Sequence[str] = ()
    safe_links: bool = False
    follow_logs: bool = False
    once: bool = False
    from_end: bool = False
    archives: Sequence[str] = ()
    rotated_names: Sequence[str] = ()


class Inputs:
    """Scans folders, logs and files, and keeps logs open until ``close``.

    Args:
        inputs: the paths of folders and files; with ``options.follow_logs`` globs as well.
        history: what earlier runs followed.
        warn: called for everything that cannot be counted, at every full scan.
        options: how the inputs are found.
    """

    def __init__(self, inputs: Iterable[str], history: History, warn: Warn, options: InputOptions) -> None:
        self._warn = warn
        self._history = history
        self._from_end = options.from_end
        self._options = options
        self._files: list[str] = []
        self._own_outputs = own_outputs()
        self._missing_files: list[str] = []
        self._new_folders: dict[DirectoryScanner, str] = {}  # those not followed before, with their real paths
        self._present: dict[DirectoryScanner | LogScanner, set[FileKey]] = {}
        self._open = ExitStack()
        self._budget = OpenFileBudget()
        #: The folders that an earlier run followed, without symlinks.
        self.former_folders: list[str] = []
        #: The scanners of the folders, in the order in which they were given.
        self.folders: list[DirectoryScanner] = []
        #: The scanners of the logs: one for all logs given by their paths, and one for each glob.
        self.logs: list[LogScanner] = []
        #: The logs given by their paths, which may be missing.
        self.log_paths: list[str] = []
        patterns: list[Paths | Glob] = []
        for path in inputs:
            if os.path.isdir(path):
                self._add_folder(path)
            elif not options.follow_logs:
                self._files.append(path)
            elif is_literal(path):
                self.log_paths.append(os.path.abspath(path))
            else:
                patterns.append(Glob(path, options.exclude))
        if self.log_paths:  # together, so that a folder with many of them is scanned once
            patterns.append(Paths(self.log_paths))
        for pattern in patterns:
            open_logs = self._open.enter_context(OpenLogs(self._budget, live=not options.once))
            self.logs.append(
                LogScanner(pattern, warn, history, open_logs, excluded=options.excluded, from_end=options.from_end)
            )

    def close(self) -> None:
        """Close the logs that are kept open."""
        self._open.close()

    @property
    def unreadable(self) -> list[str]:
        """Folders that could not be listed, and given files that were missing."""
        scanners: list[DirectoryScanner | LogScanner] = [*self.folders, *self.logs]
        return [path for scanner in scanners for path in scanner.unreadable] + self._missing_files

    @property
    def listed_logs(self) -> list[str]:
        """The logs of globs that the run before followed."""
        return [path for logs in self.logs for path in logs.listed]

    def scan(
        self, *, full: bool, is_done: IsDone = lambda _: False
    ) -> tuple[dict[FileKey, FoundFile], set[FileKey] | None]:
        """Return the files that may have changed, and the keys of all files there are, None if they are not known.

        Args:
            full: return all files, whatever that costs.
            is_done: tells that nothing is to be done about a file that has not changed: it need not be returned.
        """
        found: dict[FileKey, FoundFile] = {}
        self._missing_files.clear()
        for path in self._files:
            self._find_file(path, found)
        given = set(found)
        folder_results = [(folder, folder.scan(full=full, is_done=is_done)) for folder in self.folders]
        log_results = [(logs, logs.scan(full=full, is_done=is_done)) for logs in self.logs]
        results = [result for _, result in (*folder_results, *log_results)]
        changed = {file.key for result in results for file in result.files}
        for folder, result in folder_results:
            if self._from_end and folder in self._new_folders:
                skipped = [file._replace(skip_existing=True, is_live=True) for file in result.files]
                self._merge(folder, result._replace(files=skipped), found)
            else:
                self._merge(folder, result, found)
            if folder in self._new_folders and not folder.unreadable:
                self._finish_first_scan(folder, result.files)
        for logs, result in log_results:
            self._merge(logs, logs.with_open_logs(result, changed, is_done), found)
        self._budget.report_evicted(found)
        self._follow_folders_among_logs()
        are_keys_new = not results or any(result.is_complete for result in results)
        return found, given.union(*self._present.values()) if are_keys_new else None

    def _scanner(self, path: str) -> DirectoryScanner:
        options = self._options
        excludes = excluder(options.exclude, path)
        rules = ScanRules(options.depth, options.excluded, excludes=excludes, safe_links=options.safe_links)
        return DirectoryScanner(path, self._warn, rules)

    def _add_folder(self, path: str) -> None:
        scanner = self._scanner(path)
        self.folders.append(scanner)
        real = os.path.realpath(path)
        name = f"{os.path.abspath(path)}/"  # no log has such a name
        if (former := self._history.get(name)) != real:
            self._history.set(name, real)
            if former is not None and (unread := self._history.find_unread(former)) is not None:
                self._warn(
                    path,
                    f"led to {former} in the run before, where {unread} has lines that are not counted; give both"
                    " folders",
                )
        if (first_scan_ns := self._history.get_ns(real)) is None:
            self._new_folders[scanner] = real
        else:
            scanner.first_scan_ns = first_scan_ns
            self.former_folders.append(real)

    def _follow_folders_among_logs(self) -> None:
        """Scan from now on the folders that have appeared where a log was expected."""
        for logs in self.logs:
            for path in logs.became_folders:
                scanner = self._scanner(path)
                scanner.first_scan_ns = 0  # no file in it was there when following began
                real = os.path.realpath(path)
                self._history.set(real, real)
                self.folders.append(scanner)
            logs.became_folders.clear()

    def _finish_first_scan(self, folder: DirectoryScanner, files: Sequence[FoundFile]) -> None:
        """Note when a new folder was first scanned, by the clock that its files have.

        This separates the initial files from later ones, even if a kill comes before all initial files are read.
        """
        folder.first_scan_ns = max((file.ctime_ns for file in files), default=-1) + 1
        real = self._new_folders.pop(folder)
        self._history.set(real, real, folder.first_scan_ns)

    def _merge(
        self, scanner: DirectoryScanner | LogScanner, result: ScanResult, found: dict[FileKey, FoundFile]
    ) -> None:
        present = self._present.setdefault(scanner, set())
        if result.is_complete:
            present.clear()
        for file in result.files:
            present.add(file.key)
            _add(file, found)

    def _find_file(self, path: str, found: dict[FileKey, FoundFile]) -> None:
        try:
            status = os.stat(path)
        except OSError as error:
            self._report_missing(path, f"cannot be accessed: {error.strerror}")
            return
        if (status.st_dev, status.st_ino) in self._own_outputs:
            self._report_missing(path, WRITTEN_HERE)
        elif stat.S_ISREG(status.st_mode):
            _add(FoundFile.from_status(path, os.path.realpath(path), status, is_initial=True), found)
        else:
            self._report_missing(path, "is no longer a regular file")

    def _report_missing(self, path: str, reason: str) -> None:
        self._missing_files.append(path)
        self._warn(path, reason)


def _add(file: FoundFile, found: dict[FileKey, FoundFile]) -> None:
    """Add a file to ``found``; if it was found before, combine what each scanner knows of it."""
    if (other := found.get(file.key)) is not None:
        file = other._replace(
            descriptor=file.descriptor if other.descriptor is None else other.descriptor,
            is_log=file.is_log or other.is_log,
            is_current=file.is_current or other.is_current,
            is_live=file.is_live or other.is_live,
            skip_existing=file.skip_existing and other.skip_existing,  # it counts if one scanner counts it
            is_sought=file.is_sought or other.is_sought,
            is_initial=file.is_initial and other.is_initial,
        )
    found[file.key] = file
