"""A folder that is followed into a directory of chunks, one poll at a time."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from producer.discovery.inputs import Inputs
from producer.follower import Follower, FollowerOptions
from producer.positions.sqlite_store import PositionStore
from producer.targets.directory import DirectoryTarget
from tests.support.reference import count


class Watched:
    """Follows ``folder``, or ``inputs`` in it; ``poll`` polls once, ``restart`` starts another process."""

    def __init__(self, root: Path, *, folder: Path | None = None, **options: Any) -> None:
        self.folder = folder or root / "in"
        self.target_folder = root / "chunks"
        self.folder.mkdir(exist_ok=True)
        self.target_folder.mkdir()
        self.warnings: list[tuple[str, str]] = []
        self._file = root / "positions.db"
        self._opened = ExitStack()
        self._options: dict[str, Any] = {"settle": 0}
        self.restart(**options)

    def restart(self, **options: Any) -> None:
        self.close()
        self._options |= options
        self._positions = PositionStore(self._file)
        self.target = DirectoryTarget(self.target_folder, self._positions)
        options = {"inputs": [""], **self._options}
        inputs = [str(self.folder / name) for name in options.pop("inputs")]
        callbacks = {name: options.pop(name) for name in ("admit", "should_stop") if name in options}
        self.follower = Follower(
            inputs,
            self.target,
            FollowerOptions(**options),
            warn=lambda *warning: self.warnings.append(warning),
            **callbacks,
        )
        for part in (self._positions, self.target, self.follower.inputs):
            self._opened.callback(part.close)
        self._opened.callback(self.follower.finish)

    def close(self) -> None:
        self._opened.close()

    def abandon(self) -> None:
        """End as a killed process does: nothing more is reported, and only what the process has open is closed."""
        self._opened.pop_all()
        for part in (self.follower.inputs, self.target, self._positions):
            part.close()

    def write(self, name: str | bytes, data: bytes) -> Path:
        """Write a file in place, as ``cat > name`` does."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def append(self, name: str | bytes, data: bytes) -> None:
        with self.path(name).open("ab") as file:
            file.write(data)

    def path(self, name: str | bytes) -> Path:
        return self.folder / (name if isinstance(name, str) else name.decode("utf-8", "surrogateescape"))

    def poll(self, after_scan: Callable[[], object] = lambda: None) -> dict[str, int]:
        """Poll once and return the counts of all chunks so far; ``after_scan`` is called before files are read."""
        scan = Inputs.scan

        def scan_then_call(inputs: Inputs, **options: Any) -> object:
            found = scan(inputs, **options)
            after_scan()
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Inputs, "scan", scan_then_call)
            self.follower.poll()
        return self.counts

    @property
    def open_descriptors(self) -> list[int]:
        """The descriptors of files in ``folder``, also of deleted ones, that this process has open."""
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]  # not the one that lists them
        return [int(link.name) for link in links if link.readlink().is_relative_to(self.folder)]

    @property
    def counts(self) -> Counter[str]:
        return count(*self.chunks)

    @property
    def chunks(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.target_folder.glob("chunk-*"))]

    def warned(self, name: str) -> list[str]:
        """Return the reasons that were given for a file."""
        return [reason for path, reason in self.warnings if path == str(self.folder / name)]


def wait_for_a_clock_tick(folder: Path) -> None:
    """Wait until a file changed in the folder gets another time than one changed before."""
    probe = folder.parent / "probe"
    probe.touch()
    before = probe.stat().st_ctime_ns
    deadline = time.monotonic() + 5
    while probe.stat().st_ctime_ns == before:
        assert time.monotonic() < deadline
        probe.touch()
