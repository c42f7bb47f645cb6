"""Files that are replaced in one step: after a crash there is the old content or the new one, never a part."""

import os
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """Create or replace a file that holds ``data``.

    The data is first written to a hidden file in the same folder, named by ``temporary_path``. After a kill that file
    is left there until the next call for the same path.

    Raises:
        OSError: the data cannot be written; the file at ``path`` is unchanged.
    """
    temporary = temporary_path(path)
    temporary.write_bytes(data)
    replace_file(temporary, path)


def replace_file(temporary: Path, path: Path) -> None:
    """Move a finished file to ``path``, on the same file system, once its data is on the disk.

    Raises:
        OSError: it cannot be moved; the file at ``path`` is unchanged.
    """
    sync(temporary)
    temporary.replace(path)


def temporary_path(path: Path) -> Path:
    """Return where ``write_file`` writes the data of a file first.

    >>> temporary_path(Path("state/manifest.json")).as_posix()
    'state/.manifest.json.tmp'
    """
    return path.with_name(f".{path.name.removeprefix('.')}.tmp")


def sync(path: Path) -> None:
    """Wait until the data of a file, or the names in a folder, are on the disk.

    Raises:
        OSError: the disk does not take them.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
