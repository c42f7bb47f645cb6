"""A folder that is followed into a directory of chunks, one poll at a time."""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from producer.follower import Follower
from producer.positions.sqlite_store import PositionStore
from producer.targets.directory import DirectoryTarget
from tests.support.reference import count


class Watched:
    """Follows ``folder``, or ``inputs`` in it; ``poll`` polls once, ``restart`` starts another process."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.folder = root / "in"
        self.target = root / "chunks"
        self.folder.mkdir()
        self.target.mkdir()
        self.warnings: list[tuple[str, str]] = []
        self._file = root / "positions.db"
        self._opened = ExitStack()
        self._options: dict[str, Any] = {"settle": 0}
        self.restart(**options)

    def restart(self, **options: Any) -> None:
        self.close()
        self._options |= options
        positions = PositionStore(self._file)
        target = DirectoryTarget(self.target, positions)
        options = {"inputs": [""], **self._options}
        inputs = [str(self.folder / name) for name in options.pop("inputs")]
        self.follower = Follower(inputs, target, warn=lambda *what: self.warnings.append(what), **options)
        for part in (positions, target, self.follower):
            self._opened.callback(part.close)

    def close(self) -> None:
        self._opened.close()

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

    def poll(self) -> dict[str, int]:
        """Poll once and return the counts of all chunks so far."""
        self.follower.poll()
        return self.counts

    @property
    def counts(self) -> Counter[str]:
        return count(*self.chunks)

    @property
    def chunks(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.target.glob("chunk-*"))]

    def warned(self, name: str) -> list[str]:
        """Return the reasons that were given for a file."""
        return [reason for path, reason in self.warnings if path == str(self.folder / name)]
