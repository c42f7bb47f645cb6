"""Symlinks to logs: the rotated copies of such a log are next to the log, not next to the symlink."""

import os
import time
from collections.abc import Collection, Iterator, Sequence
from functools import partial

from producer.discovery.found_file import FoundFile
from producer.discovery.history import History
from producer.discovery.patterns import ScanRules
from producer.discovery.scanner import DirectoryScanner
from producer.log_names import family

#: The share of one core that scanning next to the targets of symlinks may take.
SCAN_SHARE = 0.02


class Symlinks:
    """The last two targets of each symlink: after it is repointed, a writer may still use the former target.

    If a symlink is repointed twice between two scans to unrelated names, the log in between is missed.

    Args:
        excluded: folders that are never scanned.
        history: the targets that earlier runs saw.
    """

    def __init__(self, excluded: Sequence[str], history: History) -> None:
        self._excluded = excluded
        self._history = history
        self._targets: dict[str, list[str]] = {}  # the last two of each symlink, the newest first
        self._has_changed = False  # since the scanners were made
        self._logs = set[str]()  # the targets' logs
        self._new_logs = set[str]()  # those not followed before, whose rotated copies are not counted
        self._scanners: dict[str, DirectoryScanner] = {}  # by the folder of the logs
        self._next_scan = 0.0

    @property
    def is_scan_due(self) -> bool:
        """Whether it is time to scan next to the targets."""
        return self._has_changed or (bool(self._scanners) and time.monotonic() >= self._next_scan)

    def __bool__(self) -> bool:
        """Tell whether there is any symlink."""
        return any(self._targets.values())

    def restore(self, link: str) -> None:
        """Take over the targets of a symlink from an earlier run."""
        self._targets[link] = [path for path in (self._history.get(f"led by {link}") or "").split("\0") if path]
        self._has_changed = True

    def note_target(self, link: str, real: str) -> None:
        """Note the target of a symlink, as a path without symlinks."""
        if link not in self._targets:
            self.restore(link)
        if self._targets[link][:1] != [real]:
            self._targets[link] = [real, *self._targets[link][:1]]
            self._history.set(f"led by {link}", "\0".join(self._targets[link]))
            self._has_changed = True

    def forget_missing(self, kept: Collection[str]) -> None:
        """Forget the symlinks that no longer exist, except the ``kept`` ones, which may come back."""
        for link in [link for link in self._targets if link not in kept and not os.path.islink(link)]:
            del self._targets[link]
            self._has_changed = True

    def scan(self, started: float) -> Iterator[tuple[FoundFile, bool]]:
        """Yield the files next to the targets that belong to their logs, and whether to skip what they hold now.

        Args:
            started: since when the scan runs, in seconds of the monotonic clock. All of it counts for the share.
        """
        if self._has_changed:
            self._update_scanners()
        for scanner in self._scanners.values():
            for file in scanner.scan(full=True).files:
                yield file, family(file.real) in self._new_logs
        for log in [log for log in self._new_logs if not self._scanners[os.path.dirname(log)].unreadable]:
            self._history.set(f"beside {log}", log)
            self._new_logs.remove(log)
        self._next_scan = started + (time.monotonic() - started) / SCAN_SHARE

    def _update_scanners(self) -> None:
        logs = {family(path) for targets in self._targets.values() for path in targets}
        new = {log for log in logs - self._logs if self._history.get(f"beside {log}") is None}
        self._new_logs = (self._new_logs & logs) | new
        self._scanners = {folder: self._scanner(folder) for folder in {os.path.dirname(log) for log in logs}}
        self._logs = logs
        self._has_changed = False

    def _scanner(self, folder: str) -> DirectoryScanner:
        if (scanner := self._scanners.get(folder)) is not None:
            return scanner
        rules = ScanRules(depth=1, excluded=self._excluded, accepts=partial(self._accepts, folder))
        return DirectoryScanner(folder, lambda *_: None, rules)  # the scan that found the symlink warns of the folder

    def _accepts(self, folder: str, name: str) -> bool:
        return family(os.path.join(folder, name)) in self._logs
