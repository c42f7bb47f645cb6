"""Folders that a command writes to."""

import os
from pathlib import Path

from producer.errors import UsageError


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


def check_apart(source: str, folder: str, option: str) -> None:
    """Refuse a folder to write to that lies in what is read, or holds it: what is written would be read again.

    Raises:
        UsageError: they are not apart; the message names ``option``.
    """
    read, written = os.path.realpath(source), os.path.realpath(folder)
    shared = os.path.commonpath([read, written])
    if shared in {read, written}:
        where = "the same as" if read == written else "inside" if shared == read else "around"
        raise UsageError(f"{option} {folder} is {where} the source {source}; give a folder outside of it")
