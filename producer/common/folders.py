"""Checks of the paths that a command reads from and writes to."""

import errno
import fnmatch
import glob
import os
import re
import stat
import sys
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

from producer.common.errors import UsageError

#: The mode of a folder with lines of what is read, and with how far it was read: that may be private.
PRIVATE = 0o700


def output_folder(text: str, option: str, mode: int = 0o777) -> Path:
    """Return the absolute path of a folder to write to, created if missing.

    Args:
        text: the folder.
        option: the option that names it.
        mode: who may use it if it is created, within what the umask permits.

    Raises:
        UsageError: it is a file, cannot be created, or is not writable; the message names ``option``.
    """
    path = Path(os.path.abspath(text))
    try:
        path.mkdir(mode, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"{option} {text} is a file, and a folder is needed; give another name") from error
    except OSError as error:
        raise UsageError(
            f"{option} {text} cannot be created: {error.strerror}; give a folder you may write to"
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        is_read_only = os.statvfs(path).f_flag & os.ST_RDONLY
        reason = os.strerror(errno.EROFS if is_read_only else errno.EACCES)
        raise UsageError(f"{option} {text} cannot be written to: {reason}; give a folder you may write to")
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
        raise missing(path)


def named(text: str, exclude: Sequence[str]) -> list[str]:
    """Return the path that is named, or those that match a glob, without the files that ``exclude`` leaves out.

    A shell that expands a glob names each file itself, so a file that is named can be left out too.

    Raises:
        UsageError: there is none.
    """
    if os.path.lexists(text):
        found, base = [text], os.path.dirname(text) or "."
    else:
        found, base = sorted(glob.glob(text, recursive=True)), glob_base(text)
    if not found:
        raise missing(text)
    is_excluded = excluder(exclude, base)
    return [path for path in found if (path == text and os.path.isdir(path)) or not is_excluded(path)]


def missing(path: str) -> UsageError:
    """Return the error that nothing is at a path, or matches a glob."""
    folder = os.path.dirname(path)
    if folder and not glob.has_magic(path) and not os.path.lexists(folder):
        return UsageError(f"{path}: no such file or folder: there is no folder {folder}; give one that exists")
    return UsageError(f"{path}: no such file or folder; give one that exists, or a glob in quotes")


def glob_base(pattern: str) -> str:
    """Return the folder that all matches of a glob are in.

    >>> glob_base("/var/log/**/*.log"), glob_base("*.log")
    ('/var/log', '.')
    """
    while glob.has_magic(pattern):
        pattern = os.path.dirname(pattern)
    return pattern or "."


def excluder(patterns: Sequence[str], base: str) -> Callable[[str], bool]:
    """Return what tells whether a path in the folder ``base`` is left out.

    A pattern with a slash is one of paths in the folder, any other is one of names. What is in a folder that is left
    out is left out too.

    >>> is_excluded = excluder(["*.gz", "old/*.log", "tmp/"], "logs")
    >>> [is_excluded(f"logs/{path}") for path in ("a/b.gz", "old/a.log", "new/old/a.log", "a/tmp/b", "a.log")]
    [True, True, False, True, False]
    """
    if not patterns:
        return lambda _: False
    given = [pattern.rstrip("/") for pattern in patterns]
    relative = [os.path.relpath(os.path.join(base, pattern), base) for pattern in given if "/" in pattern]
    of_names = [re.compile(fnmatch.translate(pattern)).match for pattern in given if "/" not in pattern]
    of_paths = [re.compile(fnmatch.translate(pattern)).match for pattern in relative]

    def is_excluded(path: str) -> bool:
        names = os.path.relpath(path, base).split(os.sep)
        paths = accumulate(names, os.path.join)
        return any(match(name) for match in of_names for name in names) or (
            bool(of_paths) and any(match(inner) for inner in paths for match in of_paths)
        )

    return is_excluded


def followed_inputs(inputs: list[str]) -> list[str]:
    """Return the logs, folders and globs to follow, checked.

    Raises:
        UsageError: one of them can never be followed.
    """
    for path in inputs:
        if path == "-":
            raise UsageError("-: is read to its end without --follow; leave that out")
        check_input(path, may_be_missing=True)
    return inputs


def whole_inputs(inputs: list[str], exclude: Sequence[str]) -> tuple[list[str], bool]:
    """Return the files and folders that are meant, and whether to read a pipe from standard input.

    Args:
        inputs: files, folders, globs and ``-``.
        exclude: the patterns of what a glob leaves out.

    Raises:
        UsageError: an input does not exist, or is neither a file nor a folder.
    """
    paths: list[str] = []
    is_piped = False
    for text in inputs:
        if text == "-":
            if sys.stdin is None:
                raise UsageError("-: standard input is closed; give it a pipe or a file to read")
            if _is_whole_file(sys.stdin.fileno()):
                paths.append("/dev/stdin")  # it has a position to continue from
            else:
                is_piped = True
            continue
        found = named(text, exclude)
        for path in found:
            if not Path(path).is_file() and not Path(path).is_dir():
                raise UsageError(f"{path}: is neither a file nor a folder; '-' reads a pipe")
        paths += found
    return paths, is_piped


def _is_whole_file(descriptor: int) -> bool:
    """Return whether a descriptor is of a file of which nothing was read yet."""
    return stat.S_ISREG(os.fstat(descriptor).st_mode) and os.lseek(descriptor, 0, os.SEEK_CUR) == 0
