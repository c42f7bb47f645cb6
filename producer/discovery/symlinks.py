"""Symlinks to logs: what those were rotated to is beside them, not beside the symlink."""

import os
import time
from collections.abc import Collection, Iterator, Sequence
from functools import partial

from producer.discovery.found_file import FoundFile
from producer.discovery.history import History
from producer.discovery.scanner import DirectoryScanner
from producer.log_names import family

#: Looking beside what symlinks lead to may take this share of one core.
SCAN_SHARE = 0.02


class Links:
    """Where symlinks lead, and where they led before: who writes there may not know yet that they moved on.

    Args:
        apart: folders that are not looked into.
        marks: tell where they led when this was followed before.
    """

    def __init__(self, apart: Sequence[str], marks: History) -> None:
        self._apart = apart
        self._marks = marks
        self._led: dict[str, list[str]] = {}  # the last two places of each
        self._changed = False  # since the next were made of it
        self._logs = set[str]()  # that they lead and led to
        self._new = set[str]()  # of which what is beside them is of the past
        self._folders: dict[str, DirectoryScanner] = {}  # where they are
        self._next = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to look beside what they lead to."""
        return self._changed or (bool(self._folders) and time.monotonic() >= self._next)

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return any(self._led.values())

    def recall(self, link: str) -> None:
        """Take up where a symlink led when it was followed before."""
        self._led[link] = [path for path in (self._marks.get(f"led by {link}") or "").split("\0") if path]
        self._changed = True

    def lead(self, link: str, real: str) -> None:
        """Note where a symlink leads."""
        if link not in self._led:
            self.recall(link)
        if self._led[link][:1] != [real]:
            self._led[link] = [real, *self._led[link][:1]]
            self._marks.set(f"led by {link}", "\0".join(self._led[link]))
            self._changed = True

    def forget(self, kept: Collection[str]) -> None:
        """Forget the symlinks that are gone, except those which may come back."""
        for link in [link for link in self._led if link not in kept and not os.path.islink(link)]:
            del self._led[link]
            self._changed = True

    def scan(self, started: float) -> Iterator[tuple[FoundFile, bool]]:
        """Yield the files beside what they lead to that may be of the same logs, and whether they are of the past.

        What was done since ``started`` is of their share of a core: where they are is looked over with them.
        """
        if self._changed:
            self._find_folders()
        for folder in self._folders.values():
            for file in folder.scan(full=True)[0]:
                yield file, family(file.real) in self._new
        for log in [log for log in self._new if not self._folders[os.path.dirname(log)].unreadable]:
            self._marks.set(f"beside {log}", log)
            self._new.remove(log)
        self._next = started + (time.monotonic() - started) / SCAN_SHARE

    def _find_folders(self) -> None:
        logs = {family(path) for led in self._led.values() for path in led}
        new = {log for log in logs - self._logs if self._marks.get(f"beside {log}") is None}
        self._new = (self._new & logs) | new
        self._folders = {
            # What cannot be looked into there is told of the symlink.
            path: self._folders.get(path)
            or DirectoryScanner(path, 1, lambda *_: None, self._apart, partial(self._accepts, path))
            for path in {os.path.dirname(log) for log in logs}
        }
        self._logs = logs
        self._changed = False

    def _accepts(self, folder: str, name: str) -> bool:
        return family(os.path.join(folder, name)) in self._logs
