"""The files that this command itself writes to: what it prints must not be counted again.

Standard output and standard error may be files in a watched folder (``> logs/result.txt``). They may also be pipes
whose readers write there (``| tee logs/result.txt``).
"""

import functools
import os
import stat
from collections.abc import Iterator

from producer.discovery.found_file import FileKey

_STANDARD_OUTPUT, _STANDARD_ERROR = 1, 2
_PROCESSES = "/proc"


def own_outputs() -> frozenset[FileKey]:
    """Return the regular files that standard output and standard error lead to, also through the pipes of a shell."""
    files, pipes = set[FileKey](), set[FileKey]()
    for descriptor in (_STANDARD_OUTPUT, _STANDARD_ERROR):
        try:
            status = os.fstat(descriptor)
        except OSError:  # it is closed
            continue
        if stat.S_ISREG(status.st_mode):
            files.add((status.st_dev, status.st_ino))
        elif stat.S_ISFIFO(status.st_mode):
            pipes.add((status.st_dev, status.st_ino))
    return frozenset(files) | _written_behind(frozenset(pipes))


@functools.cache  # it looks at every process, and each folder that is scanned asks
def _written_behind(ours: frozenset[FileKey]) -> frozenset[FileKey]:
    """Return the files that the readers of our pipes have open for writing, and those of the readers of their pipes.

    A program that started this one and reads what it prints is no such reader: the logs that it writes are its own.
    """
    pipes, found, seen = set(ours), set[FileKey](), set[FileKey]()
    processes = [list(_open_files(pid)) for pid in _other_processes()] if pipes else []
    while pipes:
        seen |= pipes
        readers = [opened for opened in processes if any(key in pipes and not writes for key, _, writes in opened)]
        written = {(key, mode) for opened in readers for key, mode, writes in opened if writes}
        found |= {key for key, mode in written if stat.S_ISREG(mode)}
        pipes = {key for key, mode in written if stat.S_ISFIFO(mode)} - seen
    return frozenset(found)


def _other_processes() -> list[str]:
    """Return the ids of all processes but this one and those that it descends from."""
    try:
        pids = {name for name in os.listdir(_PROCESSES) if name.isdecimal()}
        pid = str(os.getpid())
        while pid in pids:
            pids.remove(pid)
            with open(f"{_PROCESSES}/{pid}/stat", "rb") as file:
                pid = file.read().rpartition(b")")[2].split()[1].decode()  # after the name, which may have any byte
    except OSError:  # not on Linux
        return []
    return sorted(pids)


def _open_files(pid: str) -> Iterator[tuple[FileKey, int, bool]]:
    """Yield the files that a process has open, with their modes, and whether it may write to them."""
    folder = f"{_PROCESSES}/{pid}/fd"
    try:
        names = os.listdir(folder)
    except OSError:  # it has ended, or belongs to another user
        return
    for name in names:
        try:
            status = os.stat(f"{folder}/{name}")
            access = os.lstat(f"{folder}/{name}").st_mode  # of the link: how the file was opened
        except OSError:
            continue
        yield (status.st_dev, status.st_ino), status.st_mode, bool(access & stat.S_IWUSR)
