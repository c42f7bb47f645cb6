"""One process at a time on one state."""

import fcntl
import os
import time
from pathlib import Path

from producer.common.errors import LockedError

#: A process killed outright can leave a child that needs a moment to end; so long a new one waits for it, in seconds.
_PATIENCE = 20.0
_PAUSE = 0.05


def lock(path: Path, what: str) -> int:
    """Take the lock at ``path`` and return its file descriptor; it is given back when that is closed everywhere.

    A child that inherits the descriptor keeps the lock for as long as it lives, even where its parent was killed.

    Args:
        path: the lock file, made where it is missing; it holds the process id of its owner.
        what: what is locked, for the message.

    Raises:
        LockedError: another process has the lock; the message names its process id.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            if _runs(owner) or time.monotonic() > deadline:
                os.close(descriptor)
                raise LockedError(
                    f"{what} is in use by process {owner or 'unknown'}; stop that one first, or give another folder"
                ) from None
            time.sleep(_PAUSE)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
    return descriptor


def _runs(owner: str) -> bool:
    try:
        os.kill(int(owner), 0)
    except PermissionError:
        return True
    except (ValueError, ProcessLookupError):
        return False
    return True
