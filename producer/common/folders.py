"""Folders that a command writes to."""

import glob
import os
from pathlib import Path

from producer.common.errors import UsageError


def output_folder(text: str, option: str) -> Path:
    """Return a folder to write to, made if missing, as an absolute path.

    Raises:
        UsageError: it is a file, cannot be made, or cannot be written to; the message names ``option``.
    """
    path = Path(os.path.abspath(text))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"{option} {text}: is a file, and a folder is needed; give another name") from error
    except OSError as error:
        raise UsageError(
            f"{option} {text}: cannot be made: {error.strerror}; give a folder you may write to"
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise UsageError(f"{option} {text}: cannot be written to: Permission denied; give a folder you may write to")
    return path


def check_separate(source: str, folder: str, option: str) -> None:
    """Refuse a folder to write to that lies in what is read, or holds it: what is written would be read again.

    Raises:
        UsageError: they are not apart; the message names ``option``.
    """
    read, written = os.path.realpath(source), os.path.realpath(folder)
    shared = os.path.commonpath([read, written])
    if shared in {read, written}:
        where = "the same as" if read == written else "inside" if shared == read else "around"
        raise UsageError(f"{option} {folder} is {where} the source {source}; give a folder outside of it")


def check_input(path: str, *, waits: bool) -> None:
    """Refuse a path that cannot be followed: that of a folder, of a log, or a pattern of logs.

    Args:
        path: what was given.
        waits: a log may not be there yet.

    Raises:
        UsageError: it is something else, may not be looked into, or can never be there.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        if not os.access(path, os.R_OK | os.X_OK):
            raise UsageError(f"{path}: cannot be looked into: Permission denied; allow it, or give another folder")
    elif os.path.exists(path):
        if not os.path.isfile(path):
            raise UsageError(f"{path}: is neither a file nor a folder; '-' reads a pipe")
    elif path.endswith("/"):
        raise UsageError(f"{path}: no such folder; make it first, or give a log without the slash")
    elif not (glob.glob(path, recursive=True) or (waits and (glob.has_magic(path) or os.path.isdir(folder)))):
        raise UsageError(f"{path}: no such file or folder; give one that exists, or a glob in quotes")
