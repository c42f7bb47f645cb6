"""What ``wordcount batch`` counts: files of this machine, each once, and addresses that Spark reads itself."""

import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from producer.common.errors import UsageError, WordCountError
from producer.common.folders import excluder, named
from producer.discovery.found_file import FoundFile, Warn
from producer.discovery.own_outputs import own_outputs
from producer.discovery.patterns import ScanRules
from producer.discovery.scanner import WRITTEN_HERE, DirectoryScanner
from producer.kafka.address import is_kafka
from streaming.sources.files import STANDARD_INPUT
from streaming.sources.remote import is_remote

#: How many files a message names after the first: enough to find them by, and still a line.
_MOST_NAMED = 9


class BatchInputs(NamedTuple):
    """What is counted: files of this machine, each of them once, and addresses that Spark reads itself.

    Attributes:
        files: the files, and pipes that have a name; standard input is ``-``.
        remote: the addresses.
    """

    files: list[FoundFile]
    remote: list[str]

    @property
    def size(self) -> int:
        """How many bytes the files have; pipes have none."""
        return sum(file.size for file in self.files)


def find_inputs(
    inputs: Sequence[str],
    depth: int | None,
    warn: Warn,
    output: Path | None = None,
    exclude: Sequence[str] = (),
    *,
    safe_links: bool = False,
) -> BatchInputs:
    """Find the files that are meant: each file once, however often it is named, linked or matched.

    Args:
        inputs: files, folders, globs, ``-`` and remote addresses.
        depth: how many levels of folders to scan; None is all.
        warn: takes the path and the reason of each thing in a folder that is skipped.
        output: a folder that is skipped, because the counts are saved there.
        exclude: the patterns of what is left out of folders and globs.
        safe_links: skip symlinks in a folder that lead out of it.

    Raises:
        UsageError: an input does not exist, or is of a kind that is not read.
        WordCountError: a file cannot be read.
    """
    found: dict[tuple[int, int], FoundFile] = {}
    for text in inputs:
        if is_kafka(text):
            raise UsageError(f"{text}: batch counts files; 'wordcount stream kafka://… --once' counts a topic")
        if is_remote(text):
            continue
        if text == STANDARD_INPUT:
            if sys.stdin is None:
                raise UsageError("-: standard input is closed; give it a pipe or a file to read")
            file = FoundFile.from_status(text, text, os.fstat(sys.stdin.fileno()))
            found.setdefault(file.key, file)
            continue
        for path in named(text, exclude):
            excluded = [str(output)] if output else []
            rules = ScanRules(depth, excluded, excludes=excluder(exclude, path), safe_links=safe_links)
            for file in _files(path, rules, warn):
                found.setdefault(file.key, file)
    paths = [file.path for file in found.values() if file.path != STANDARD_INPUT]
    if denied := [path for path in paths if not os.access(path, os.R_OK)]:
        reason = "cannot be read: Permission denied; allow reading it, or leave it out: --exclude NAME"
        raise unreadable(dict.fromkeys(denied, reason))
    return BatchInputs(list(found.values()), [text for text in inputs if is_remote(text)])


def unreadable(reasons: Mapping[str, str]) -> WordCountError:
    """Return the error that these paths cannot be read: why the first cannot, and which others.

    Args:
        reasons: why each of them cannot be read, and what to do.
    """
    (path, reason), *others = reasons.items()
    if not others:
        return WordCountError(f"{path}: {reason}")
    names = ", ".join([*(other for other, _ in others[:_MOST_NAMED]), *(["…"] if others[_MOST_NAMED:] else [])])
    return WordCountError(f"{path}: {reason}; {len(others)} more cannot be read: {names}")


def _files(path: str, rules: ScanRules, warn: Warn) -> Iterable[FoundFile]:
    if os.path.isdir(path):
        scanner = DirectoryScanner(path, warn, rules)
        files = scanner.scan().files
        if scanner.unreadable:
            raise WordCountError(  # a warning has named each of them
                f"{next(iter(scanner.unreadable))}: cannot be accessed; allow access, or leave it out: --exclude NAME"
            )
        return sorted(files)
    try:
        status = os.stat(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give a path that exists") from error
    if (status.st_dev, status.st_ino) in own_outputs():
        warn(path, WRITTEN_HERE)
        return []
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISFIFO(status.st_mode):
        raise UsageError(f"{path}: is no file, no folder and no pipe; give one of these, or '-' for standard input")
    return [FoundFile.from_status(path, os.path.realpath(path), status)]
