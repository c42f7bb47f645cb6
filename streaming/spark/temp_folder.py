"""The folder for temporary files: of this process alone, and removed at its end, or by the next start after a kill."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".wordcount-"  # a name that a watched folder passes over, should this lie in one


_held: list[int] = []


def held() -> list[int]:
    """Return the descriptors that a child must inherit for its temporary files to stay as long as it lives."""
    return list(_held)


@contextmanager
def scratch_folder() -> Iterator[None]:
    """Have the temporary files of this process, and of the JVM it starts, in one folder while the block runs."""
    before = tempfile.tempdir
    parent = Path(tempfile.gettempdir())
    _sweep(parent)
    # It is locked before it has its name, so that nobody takes it for one left behind.
    making = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}new-"))
    descriptor = os.open(making / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    folder = making.rename(parent / making.name.replace("new-", "run-"))
    tempfile.tempdir = str(folder)
    _held.append(descriptor)
    try:
        yield
    finally:
        _held.remove(descriptor)
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _sweep(parent: Path) -> None:
    """Remove what processes that were killed have left."""
    for folder in parent.glob(f"{_PREFIX}run-*"):
        with contextlib.suppress(OSError):  # somebody else's, or just gone
            descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
