"""Lock files, so that one process at a time uses a state or a target."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from producer.common.errors import LockedError

#: Seconds to wait for a lock whose owner has ended: a killed process can leave a child that ends a moment later.
PATIENCE_SECONDS = 20.0
_PAUSE_SECONDS = 0.05


@contextmanager
def lock(path: Path, what: str) -> Iterator[int]:
    """Hold the lock at ``path`` while the block runs.

    A child process that inherits the file descriptor keeps the lock for as long as it lives, even if its parent is
    killed.

    Args:
        path: the lock file, created if missing; it holds the process id of its owner.
        what: what is locked, for the message.

    Yields:
        The file descriptor of the lock. By default, child processes do not inherit it.

    Raises:
        LockedError: another process holds the lock; the message names its process id.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(descriptor, what)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        yield descriptor
    finally:
        os.close(descriptor)  # without LOCK_UN, which would take the lock from a child that inherited it


def _acquire(descriptor: int, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            if _is_running(owner) or time.monotonic() > deadline:
                raise LockedError(
                    f"{what} is in use by process {owner or 'unknown'}; stop that process first, or give another folder"
                ) from None
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _is_running(owner: str) -> bool:
    try:
        os.kill(int(owner), 0)
    except PermissionError:
        return True
    except (ValueError, ProcessLookupError):
        return False
    return True
