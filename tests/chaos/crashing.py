"""A follower in this process that can be stopped, and can crash at any step."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from producer.discovery import open_logs, scanner, symlinks
from producer.discovery.inputs import Inputs
from producer.positions.sqlite_store import PositionStore
from producer.rotation import rotations
from tests.support.clock import Clock
from tests.support.watched import Watched


class Crash(BaseException):
    """The process ends here: nothing of it runs any longer."""


class Crashing(Watched):
    """A follower that runs once it is polled, until it is stopped or crashes.

    Args:
        root: a new folder for its state.
        folder: a new folder for what it follows.
        clock: what it takes for the time.
        full_scan_share: see ``producer.discovery.scanner``.
    """

    def __init__(self, root: Path, folder: Path, clock: Clock, full_scan_share: float, **options: Any) -> None:
        self.clock = clock
        self.lines = Counter[bytes]()  #: all that was published
        self.is_running = False
        self._steps_left: int | None = None  # until it crashes
        self._is_to_stop = False
        self._after_scan: Callable[[], object] = lambda: None
        self._read = set[Path]()
        self._patch = pytest.MonkeyPatch()
        self._instrument(full_scan_share)
        super().__init__(root, folder=folder, admit=self._step, should_stop=self._should_stop, **options)
        self.stop()

    def end(self) -> None:
        """Stop for good."""
        self.stop()
        self._patch.undo()

    def stop(self) -> None:
        """Stop in order."""
        with self.clock.applied():
            self.close()
        self.is_running = False

    def poll(self, after_scan: Callable[[], object] = lambda: None) -> Any:
        """Poll once, and first start if it does not run."""
        self._after_scan = after_scan
        try:
            with self.clock.applied():
                if not self.is_running:
                    self.restart()
                    self.is_running = True
                self.follower.poll()
        finally:
            self._after_scan = lambda: None
        self._read_chunks()

    def stop_while_polling(self) -> None:
        """Stop in order as soon as the first lines are read."""
        self._is_to_stop = True
        self.poll()
        self._is_to_stop = False
        self.stop()

    def crash(self, steps: int) -> bool:
        """Crash after some steps of a poll, or after all of it; return whether the poll was completed."""
        self._steps_left = steps
        try:
            self.poll()
        except Crash:
            is_complete = False
        else:
            is_complete = True
        self._steps_left = None
        self.abandon()
        self.is_running = False
        return is_complete

    def _instrument(self, full_scan_share: float) -> None:
        """Make each moment at which something is published a step, and scan all at each poll."""
        patch, commit, scan = self._patch, PositionStore.commit, Inputs.scan
        patch.setattr(scanner, "FULL_SCAN_SHARE", full_scan_share)
        patch.setattr(scanner, "QUICK_SCAN_SHARE", float("inf"))
        for module, share in ((symlinks, "SCAN_SHARE"), (open_logs, "SCAN_SHARE"), (rotations, "SEARCH_SHARE")):
            patch.setattr(module, share, float("inf"))

        def commit_in_steps(*args: Any, **options: Any) -> None:
            self._step()
            commit(*args, **options)
            self._step()

        def scan_then_call(*args: Any, **options: Any) -> Any:
            found = scan(*args, **options)
            with self.clock.suspended():
                self._after_scan()
            self._step()
            return found

        patch.setattr(PositionStore, "commit", commit_in_steps)
        patch.setattr(Inputs, "scan", scan_then_call)
        patch.setattr(os, "fsync", self._step)

    def _step(self, *_: object) -> None:
        if self._steps_left is not None:
            if self._steps_left == 0:
                raise Crash
            self._steps_left -= 1

    def _should_stop(self) -> bool:
        self._step()
        return self._is_to_stop

    def _read_chunks(self) -> None:
        for path in self.target_folder.glob("chunk-*"):
            if path not in self._read:
                self._read.add(path)
                self.lines.update(path.read_bytes().splitlines())
