"""Which file each log was, and what logs were rotated to, from run to run."""

import os
import time
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from producer.content.birth_time import birth_ns
from producer.discovery.found_file import FileKey, FoundFile, status_at
from producer.discovery.history import MOST_LISTED, History
from producer.positions.pending import PendingPositions
from producer.positions.position import LostContent, Position
from producer.rotation.gone_files import IDLE_NS
from producer.rotation.unread_rest import Log, Missing, truncated

#: What a log lost so many seconds before a start is looked for again: the run before may not have found it yet.
_RECENT_SECONDS = 600.0
_SOUGHT = "sought"
_RESTS = "rests"
#: A rest is read on for so many nanoseconds after its last change, as its writer may have it open.
FOLLOWED_NS = 600_000_000_000
MOST_RESTS = 1000  #: how many are remembered, the last ones found


class _Sought(NamedTuple):
    """What a log was: see ``Missing``."""

    log: Log
    lost_ns: int
    is_reported: bool

    def __str__(self) -> str:
        numbers = self.log.inode, self.log.birth_ns, self.lost_ns, int(self.is_reported)
        return "\0".join((" ".join(map(str, numbers)), self.log.folder, self.log.path))


class RememberedLogs:
    """Remembers which file each log is, and which files logs were that are still looked for.

    Args:
        history: remembers it from run to run.
        positions: how far each file was published.
    """

    def __init__(self, history: History, positions: PendingPositions) -> None:
        self._history = history
        self._positions = positions
        lines = (history.get(_SOUGHT) or "").split("\0")
        self._sought = [  # what logs were that are looked for
            _Sought(Log(path, folder, int(inode), int(birth)), int(lost), is_reported == "1")
            for file, folder, path in zip(lines[::3], lines[1::3], lines[2::3], strict=False)
            for inode, birth, lost, is_reported in [file.split(" ")]
        ]

    def former(self, path: str) -> Log | None:
        """Return what a log was when it was last followed."""
        inode, birth, *folder = (self._history.get(_name(path)) or "0 0").split(" ", 2)
        return Log(path, (folder or [os.path.dirname(path)])[0], int(inode), int(birth)) if inode != "0" else None

    def remember(self, log: Log) -> None:
        """Remember which file a log is; inode 0 is none."""
        self._history.set(_name(log.path), f"{log.inode} {log.birth_ns} {log.folder}")

    def seek(self, missing: Iterable[Missing]) -> None:
        """Let the next run look for what logs were, if this one does not find it."""
        sought = [_Sought(one.log, one.lost_ns, one.is_reported) for one in missing if not one.is_rest][-MOST_LISTED:]
        if sought != self._sought:
            self._sought = sought
            self._history.set(_SOUGHT, "\0".join(map(str, sought)))

    def sought(self, logs: Mapping[str, Log]) -> Iterator[Missing]:
        """Yield what the run before was still looking for.

        Args:
            logs: those that are there, by path.
        """
        for log, lost_ns, is_reported in self._sought:
            if lost_ns:
                lost = (one for one in self._positions.lost_contents(log.inode) if one.path and one.lost_ns == lost_ns)
                yield from (replace(truncated(log, one, None), is_reported=is_reported) for one in lost)
                continue
            fate = "was replaced" if os.path.lexists(log.path) else "is gone"
            missing = Missing(log, self.content(log), time.monotonic(), fate, is_reported=is_reported)
            if not missing.is_back(logs.get(log.path)):
                yield missing

    def gone(self, listed: Iterable[str], logs: Mapping[str, Log]) -> Iterator[Missing]:
        """Yield logs of globs that are gone, once. Those that were idle for long, by any clock, were complete.

        Args:
            listed: the paths of those that the run before followed.
            logs: those that are there, by path.
        """
        former = [log for path in listed if path not in logs and (log := self.former(path)) is not None]
        gone = [(log, self.content(log)) for log in former]
        known = [one.mtime_ns for log in logs.values() for one in self._positions.find(log.inode)]
        times = (*known, *(content.mtime_ns for _, content in gone if content is not None))
        last_ns = min(time.time_ns(), max(times, default=0))
        for log, content in gone:
            is_idle = content is None or last_ns - content.mtime_ns > IDLE_NS
            yield Missing(log, content, time.monotonic(), "is gone", is_reported=not is_idle)
            self.remember(log._replace(inode=0, birth_ns=0))

    def forget(self, content: Position) -> None:
        """Forget the log that a file was, if nothing has its path any longer."""
        path = content.path
        inode = int((self._history.get(_name(path)) or "0").partition(" ")[0])
        if path and inode in {0, content.inode} and not os.path.lexists(path):
            self._history.remove(_name(path))
            self._history.remove(_reported(path))

    def content(self, log: Log) -> Position | None:
        """Return what was published of a log; None if nothing was, or it has identified a copy."""
        return next((one for one in self._positions.find(log.inode) if one.path and one.birth_ns == log.birth_ns), None)

    def truncated(self, path: str, file: FoundFile | None) -> Iterator[Missing]:
        """Yield what a log lost last, if that was a moment ago. The log may have been replaced since.

        Args:
            path: the log.
            file: what is there now.
        """
        since_ns = time.time_ns() - _RECENT_SECONDS * 1e9
        present = Log(path, os.path.dirname(file.real), file.inode, 0) if file else None
        logs = {one.inode: one for one in (present, self.former(path)) if one is not None}
        lost = [content for inode in logs for content in self._positions.lost_contents(inode)]
        for content in self._positions.relatives(path):  # it may have been truncated first, and renamed then
            if isinstance(content, LostContent) and content.path == path and content.inode not in logs:
                logs[content.inode] = Log(path, os.path.dirname(path), content.inode, content.birth_ns)
                lost.append(content)
        recent = [content for content in lost if content.path and content.lost_ns > since_ns]
        last = max(recent, key=lambda content: content.lost_ns, default=None)
        if last is not None and not self.was_reported(path, last):
            yield truncated(logs[last.inode], last, None)

    def was_reported(self, path: str, content: LostContent) -> bool:
        """Tell whether it was reported, or need not be, that no file has a content which the log at a path has lost."""
        return self._history.get_ns(_reported(path)) == content.lost_ns

    def note_reported(self, path: str, content: LostContent) -> None:
        """Remember that it was reported, or need not be."""
        self._history.set(_reported(path), path, content.lost_ns)


class FollowedRests:
    """The files that logs were rotated to, which no scan finds: they are read on, also by the next run.

    Args:
        history: remembers them from run to run.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._files: dict[FileKey, FoundFile] = {}
        self._kept_open: dict[FileKey, FoundFile] = {}  # this run reads them without their names
        self._births: dict[FileKey, int] = {}  # of both
        self._noted: dict[FileKey, str] = {}
        lines = (history.get(_RESTS) or "").split("\0")
        #: The rests that are not where they were, at first those of the run before, and their sizes in bytes then.
        self.sought = {
            Log(path, os.path.dirname(path), int(inode), int(birth)): int(size)
            for inode, birth, size, path in (line.split(" ", 3) for line in lines if line)
        }

    @property
    def keys(self) -> Collection[FileKey]:
        """Those that are followed by their names."""
        return self._files.keys()

    def add(self, file: FoundFile, found: dict[FileKey, FoundFile]) -> None:
        """Follow a file by its name, and add it to what a scan has found."""
        found[file.key] = found.get(file.key, file)._replace(is_log=True, is_sought=True, skip_existing=False)
        if file.key not in self._files:
            self._births[file.key] = birth_ns(file.opened_by)
        self._files[file.key] = file

    def note_name(self, file: FoundFile) -> None:
        """Note under which name the next run finds a file that is kept open."""
        self._kept_open[file.key] = file
        self._births[file.key] = birth_ns(file.path)

    def scan(self, found: dict[FileKey, FoundFile]) -> list[Log]:
        """Add the files, as they are now, to what a scan has found; forget those that are idle for long.

        Returns:
            Those that are no longer where they were.
        """
        moved = []
        for files in (self._files, self._kept_open):
            for key, file in list(files.items()):
                now = file.as_it_is_now()
                if now is None:
                    moved.append(Log(file.path, os.path.dirname(file.path), file.inode, self._births[key]))
                    self.sought[moved[-1]] = file.size
                    del files[key]
                elif time.time_ns() - now.mtime_ns > FOLLOWED_NS and key not in found:
                    del files[key]
                elif files is self._files:
                    self.add(now, found)
        return moved

    def remember(self, sought: Container[Log]) -> None:
        """Let the next run read them on, and look for those that are still ``sought``."""
        files = self._kept_open | self._files
        paths = {key: file.path for key, file in files.items()}
        kept = {log: size for log, size in self.sought.items() if log in sought}
        if (paths, kept) == (self._noted, self.sought):
            return
        self._noted, self.sought = paths, kept
        self._births = {key: self._births[key] for key in files}
        rests = [(log.inode, log.birth_ns, size, log.path) for log, size in kept.items()]
        rests += [(one.inode, self._births[one.key], one.size, os.path.abspath(one.path)) for one in files.values()]
        self._history.set(_RESTS, "\0".join(" ".join(map(str, rest)) for rest in rests[-MOST_RESTS:]))


def file_of(log: Log) -> FoundFile | None:
    """Return the file that is still at the path of a log."""
    status = status_at(log.path)
    if status is None or (status.st_ino, birth_ns(log.path)) != (log.inode, log.birth_ns):
        return None
    return FoundFile.from_status(log.path, os.path.realpath(log.path), status)


def _reported(path: str) -> str:
    return f"unfound {path}"


def _name(path: str) -> str:
    return f"log at {path}"
