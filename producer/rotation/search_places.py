"""The files that a log may have been rotated to: in its folder, in those below it, and in the given ones."""

import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from producer.discovery.found_file import FoundFile, is_ignored

#: How many entries of folders one search looks at: those of the nearest folders first.
MOST_ENTRIES = 10_000
#: How many levels of folders below that of the log are searched, as in archive/2026/11.
LEVELS = 3


class Places:
    """The folders and names that a search looks at.

    Args:
        archives: folders that logs are moved to, besides those of the logs.
        names: globs of the names that rotated logs have; empty if any name will do.
        excluded: folders that are never searched.
    """

    def __init__(self, archives: Sequence[str], names: Sequence[str], excluded: Sequence[str]) -> None:
        self._archives = list(map(os.path.abspath, archives))
        self._names = names
        self._excluded = {(status.st_dev, status.st_ino) for status in map(os.stat, excluded)}

    def files(self, folders: Iterable[str]) -> list[FoundFile]:
        """Return the files in these folders and in the archives, the most recently changed first."""
        roots = dict.fromkeys(os.path.realpath(folder) for folder in (*self._archives, *folders))
        found = {file.key: file for file in self._walk(deque((root, 0) for root in roots))}
        return sorted(found.values(), key=lambda file: file.mtime_ns, reverse=True)

    def _walk(self, folders: deque[tuple[str, int]]) -> Iterator[FoundFile]:
        seen, entries_left = set(self._excluded), MOST_ENTRIES
        while folders and entries_left > 0:
            folder, level = folders.popleft()
            try:
                status = os.stat(folder)
                if (status.st_dev, status.st_ino) in seen:
                    continue
                seen.add((status.st_dev, status.st_ino))
                with os.scandir(folder) as listing:
                    entries = [entry for entry in listing if not is_ignored(entry.name)]
            except OSError:  # the scan for the log reports what matters
                continue
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                if is_folder and level < LEVELS:
                    folders.append((entry.path, level + 1))
                elif not is_folder and self._accepts(entry.name) and entries_left > 0:
                    entries_left -= 1
                    yield from _file(entry)

    def _accepts(self, name: str) -> bool:
        return not self._names or any(fnmatchcase(name, pattern) for pattern in self._names)


def _file(entry: os.DirEntry[str]) -> Iterator[FoundFile]:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return
    if stat.S_ISREG(status.st_mode):
        yield FoundFile.from_status(entry.path, entry.path, status)
