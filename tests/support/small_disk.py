"""A small disk that can be filled and freed: a tmpfs that needs no rights, in a mount namespace of its own."""

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MOUNT = 'mount -t tmpfs -o size="$1" tmpfs "$2" && echo mounted && exec sleep infinity'
_BLOCK = bytes(1 << 16)


class SmallDisk:
    """A disk at a folder, there for the commands that are started with ``prefix``.

    Args:
        folder: where it is.
        holder: a process that sees it.
    """

    def __init__(self, folder: Path, holder: int) -> None:
        self.prefix = ("nsenter", f"--target={holder}", "--user", "--mount", "--preserve-credentials")
        self.folder = folder
        self.seen = Path(f"/proc/{holder}/root{folder}")  #: where this process sees it
        self._filler = self.seen / "filler"

    def fill(self) -> None:
        """Leave no room."""
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as file:
            while True:
                file.write(_BLOCK)

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Put a new disk at a folder for the block."""
    folder.mkdir()
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", _MOUNT, "sh", f"{megabytes}m", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"mounted\n"
            yield SmallDisk(folder, holder.pid)
        finally:
            holder.kill()
