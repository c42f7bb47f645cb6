"""Temporary folders that are removed even after a kill: the lock on one is free once its processes have ended."""

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from producer.common.errors import UsageError

_LOCK = "lock"
_PREFIX = ".wordcount-run-"  # the scanner skips hidden names, should the temporary folder be in a watched one
_FORMER_PREFIX = ".wordcount-new-"  # earlier versions gave a folder this name until they had locked it
#: Paths that all of Spark understands: it takes others for globs, escapes or addresses, or a path for too long.
_PLAIN = re.compile(r"/[A-Za-z0-9_./+,@=-]{0,200}")

_descriptors: list[int] = []


def lock_descriptors() -> list[int]:
    """Return the descriptors that a child process must inherit to keep the temporary folders while it lives.

    >>> with temp_folder(Path(tempfile.gettempdir()), ".example-"):
    ...     len(lock_descriptors())
    1
    """
    return list(_descriptors)


@contextmanager
def temp_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Make a folder and remove it at the end of the block; after a kill, ``remove_abandoned`` removes it.

    Args:
        parent: where the folder is made.
        prefix: what its name starts with.

    Yields:
        The folder; the name ``lock`` in it is taken.
    """
    folder, descriptor = _make(parent, prefix)
    _descriptors.append(descriptor)
    try:
        yield folder
    finally:
        _descriptors.remove(descriptor)
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def remove_abandoned(parent: Path, prefix: str, *, keep_unlocked: bool = False) -> None:
    """Remove the folders of ``temp_folder`` whose processes were killed, however early.

    Args:
        parent: where the folders are.
        prefix: what their names start with.
        keep_unlocked: keep a folder that has files but no lock. Among temporary files, a cleaner of old files may have
            removed the lock of a process that still runs.
    """
    for folder in parent.glob(f"{prefix}*"):
        if folder.is_symlink():  # not made here: another user may write to the parent, too
            continue
        with contextlib.suppress(OSError):  # another user's, or just removed
            names = os.listdir(folder)
            if keep_unlocked and names and _LOCK not in names:
                continue
            descriptor = _open_lock(folder)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


@contextmanager
def scratch_folder() -> Iterator[None]:
    """Put the temporary files of this process, and of the JVM it starts, in one folder while the block runs.

    Raises:
        UsageError: no temporary folder can be written to, or it cannot be given a name that Spark understands.
    """
    before = tempfile.tempdir
    try:
        parent = Path(os.path.abspath(tempfile.gettempdir()))
    except FileNotFoundError as error:
        raise UsageError("no temporary folder can be written to; set TMPDIR to one that can") from error
    for prefix in (_PREFIX, _FORMER_PREFIX):
        remove_abandoned(parent, prefix, keep_unlocked=True)
    with temp_folder(parent, _PREFIX) as folder, _plain_name(folder) as name:
        tempfile.tempdir = name
        try:
            yield
        finally:
            tempfile.tempdir = before


@contextmanager
def _plain_name(folder: Path) -> Iterator[str]:
    """Yield a path to a folder that Spark understands: its own, or the one by which the system shows it as open."""
    if _PLAIN.fullmatch(str(folder)):
        yield str(folder)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        name = f"/proc/{os.getpid()}/fd/{descriptor}"
        if not os.path.isdir(name):
            raise UsageError(f"TMPDIR {folder.parent}: Spark does not understand this path; set TMPDIR to a plain one")
        yield name
    finally:
        os.close(descriptor)


def _make(parent: Path, prefix: str) -> tuple[Path, int]:
    """Return a new folder and the descriptor of its lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        # Another process that starts now may find the folder not locked yet, and remove it.
        with contextlib.suppress(FileNotFoundError):
            descriptor = _open_lock(folder)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if os.path.samestat(os.fstat(descriptor), os.stat(folder / _LOCK)):
                    return folder, descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)


def _open_lock(folder: Path) -> int:
    return os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
