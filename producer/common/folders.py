"""Checks of the paths that a command reads from and writes to."""

import glob
import os
from pathlib import Path

from producer.common.errors import UsageError


def output_folder(text: str, option: str) -> Path:
    """Return the absolute path of a folder to write to, created if missing.

    Raises:
        UsageError: it is a file, cannot be created, or is not writable; the message names ``option``.
    """
    path = Path(os.path.abspath(text))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"{option} {text} is a file, and a folder is needed; give another name") from error
    except OSError as error:
        raise UsageError(
            f"{option} {text} cannot be created: {error.strerror}; give a folder you may write to"
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise UsageError(f"{option} {text} cannot be written to: Permission denied; give a folder you may write to")
    return path


def check_separate(source: str, folder: str, option: str) -> None:
    """Refuse a folder to write to that is, contains or is inside what is read: its files would be read again.

    Raises:
        UsageError: the two are not separate; the message names ``option``.
    """
    read, written = os.path.realpath(source), os.path.realpath(folder)
    shared = os.path.commonpath([read, written])
    if shared in {read, written}:
        relation = "is the same as" if read == written else "is inside" if shared == read else "contains"
        raise UsageError(f"{option} {folder} {relation} the source {source}; give a folder outside of it")


def check_input(path: str, *, may_be_missing: bool) -> None:
    """Refuse a path that cannot be followed: it must be a folder, a log, or a glob of logs.

    Args:
        path: the path or glob.
        may_be_missing: a log need not exist yet, if its folder does.

    Raises:
        UsageError: it is something else, is not accessible, or can never exist.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        if not os.access(path, os.R_OK | os.X_OK):
            raise UsageError(f"{path}: cannot be accessed: Permission denied; allow access, or give another folder")
    elif os.path.exists(path):
        if not os.path.isfile(path):
            raise UsageError(f"{path}: is neither a file nor a folder; '-' reads a pipe")
    elif path.endswith("/"):
        raise UsageError(f"{path}: no such folder; make it first, or give a log, without the final slash")
    elif not (glob.glob(path, recursive=True) or (may_be_missing and (glob.has_magic(path) or os.path.isdir(folder)))):
        raise UsageError(f"{path}: no such file or folder; give one that exists, or a glob in quotes")
