"""The logs that a path or a pattern names, and what they were rotated to.

Each is kept open, so that what is written to it is read also after it was renamed or deleted. What it was renamed or
copied to is found beside it, by its name; where a symlink leads to it, beside what that leads to, and led to before.
"""

import fnmatch
import glob
import os
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from producer.folder import Folder, FoundFile, Warn, skipped
from producer.marks import Marks
from producer.rotation import family, is_packed, origins

#: A log that has lost its name is read on until nothing came for so long, as who writes to it may not know yet.
_NAMELESS_SECONDS = 600.0
#: So many logs are kept open under one pattern, those that changed last.
_KEPT_OPEN = 256
#: Looking beside what symlinks lead to may take this share of one core.
_BESIDE_SHARE = 0.02
#: How often the folders that a pattern names are looked for.
_PATTERN_SECONDS = 0.5


@dataclass
class _Held:
    """A log that is kept open."""

    descriptor: int
    file: FoundFile  # as it was last found
    since: float  # when it was last seen to change, by our own clock


def unfinished_message(paths: Sequence[str]) -> str:
    """Return what is told of logs that end with a part of a line when they are followed no more.

    >>> unfinished_message(["a.log", "b.log"])
    'a.log and 1 more: the last line has no line end yet; it counts once that comes'
    """
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"{paths[0]}{more}: the last line has no line end yet; it counts once that comes"


class Logs:
    """Logs that are looked at again and again.

    Args:
        pattern: the path of a log, or a glob.
        warn: told of each thing that cannot be counted, at every look.
        apart: folders that are not looked into.
        marks: tell what was followed before. What new logs were rotated to is of the past.
        end: of new ones all that there is is of the past.
        live: a last line is waited for as long as its log has the name.
    """

    def __init__(  # noqa: PLR0913  # each is used
        self, pattern: str, warn: Warn, apart: Sequence[str], marks: Marks, *, end: bool, live: bool
    ) -> None:
        self.pattern = os.path.abspath(pattern)
        self._literal = os.path.lexists(pattern) or not glob.has_magic(pattern)
        self._warn = warn
        self._apart = apart
        self._marks = marks
        self._new = marks.is_new(self.pattern)
        self._end = end
        self._live = live
        self._folders: dict[str, Folder] = {}
        self._next_folders = 0.0
        self._led: dict[str, list[str]] = {}  # where symlinks lead, and where they led before
        self._led_elsewhere = False  # than when ``_kin`` was made of it
        self._kin = set[str]()  # the logs of those
        self._new_kin = set[str]()  # of which what is beside them is of the past
        self._beside: dict[str, Folder] = {}  # where they are
        self._next_beside = 0.0
        self._logs = set[str]()  # that there are, or were
        self._asked = set[str]()
        self._held: dict[tuple[int, int], _Held] = {}
        self._least_ns = 0  # none of those changed before
        self._warned = False
        if self._literal:
            self._recall(self.pattern)

    @property
    def unreadable(self) -> dict[str, None]:
        """Folders that could not be looked into."""
        return {path: None for folder in self._folders.values() for path in folder.unreadable}

    def look(self, *, whole: bool = False) -> tuple[list[FoundFile], bool]:
        """Return the logs, and what they were rotated to where it may have changed; and whether this is all there is.

        With ``whole`` it is, whatever that costs.
        """
        found: dict[tuple[int, int], FoundFile] = {}
        beside = bool(self._beside) and (whole or time.monotonic() >= self._next_beside)
        everything = beside or not self._beside
        for folder in self._looked_into():
            files, all_of_them = folder.look(whole=whole or beside, names=True)
            everything = everything and all_of_them
            for file in files:
                if self._named(file.path) and os.path.islink(file.path):
                    self._lead(file.path, file.real)
                self._find(file, found, past=self._new and (self._end or not self._named(file.path)))
        if beside or self._led_elsewhere:
            self._look_beside(found)
        if everything:
            self._forget_links()
        self._look_at_held(found)
        if self._literal and self._live and not found and not self._warned:
            self._warn(self.pattern, "is not there yet; waiting for it")
        self._warned = True
        self._new = False
        return list(found.values()), everything

    def close(self) -> None:
        """Keep no log open any more."""
        for held in self._held.values():
            os.close(held.descriptor)
        self._held.clear()

    def _looked_into(self) -> list[Folder]:
        if time.monotonic() >= self._next_folders:
            self._next_folders = time.monotonic() + _PATTERN_SECONDS
            folder = os.path.dirname(self.pattern)
            plain = self._literal or not glob.has_magic(folder)
            paths = [folder] if plain else filter(os.path.isdir, glob.glob(folder, recursive=True))
            self._folders = {
                path: self._folders.get(path) or Folder(path, 1, self._warn, self._apart, self._accepts)
                for path in paths
            }
        return list(self._folders.values())

    def _recall(self, link: str) -> None:
        self._led[link] = [path for path in (self._marks.get(f"led by {link}") or "").split("\0") if path]
        self._led_elsewhere = True

    def _lead(self, link: str, real: str) -> None:
        """Note where a symlink leads, and where it led before: who writes there may not know yet."""
        if link not in self._led:
            self._recall(link)
        if self._led[link][:1] != [real]:
            self._led[link] = [real, *self._led[link][:1]]
            self._marks.set(f"led by {link}", "\0".join(self._led[link]))
            self._led_elsewhere = True

    def _forget_links(self) -> None:
        gone = [link for link in self._led if link != self.pattern and not os.path.islink(link)]
        for link in gone:
            del self._led[link]
            self._led_elsewhere = True

    def _look_beside(self, found: dict[tuple[int, int], FoundFile]) -> None:
        """Find what the logs that symlinks lead to were rotated to."""
        started = time.monotonic()
        if self._led_elsewhere:
            self._led_elsewhere = False
            kin = {family(path) for led in self._led.values() for path in led}
            new = {log for log in kin - self._kin if self._marks.get(f"beside {log}") is None}
            self._new_kin = (self._new_kin & kin) | new
            self._kin = kin
            self._beside = {
                # What cannot be looked into there is told of the symlink.
                path: self._beside.get(path)
                or Folder(path, 1, lambda *_: None, self._apart, partial(self._is_kin, path))
                for path in {os.path.dirname(log) for log in kin}
            }
        for folder in self._beside.values():
            for file in folder.look(whole=True)[0]:
                if file.key not in found:
                    self._find(file, found, past=family(file.real) in self._new_kin)
        for log in [log for log in self._new_kin if not self._beside[os.path.dirname(log)].unreadable]:
            self._marks.set(f"beside {log}", log)
            self._new_kin.remove(log)
        self._next_beside = started + (time.monotonic() - started) / _BESIDE_SHARE

    def _is_kin(self, folder: str, name: str) -> bool:
        return family(os.path.join(folder, name)) in self._kin

    def _accepts(self, name: str) -> bool:
        return any(self._matches(one) for one in (name, *origins(name)))

    def _matches(self, name: str) -> bool:
        wanted = os.path.basename(self.pattern)
        if self._literal:
            return name == wanted
        return not skipped(name) and fnmatch.fnmatchcase(name, wanted)

    def _named(self, path: str) -> bool:
        return self._matches(os.path.basename(path))

    def _find(self, file: FoundFile, found: dict[tuple[int, int], FoundFile], *, past: bool) -> None:
        named = self._named(file.path)
        # A pattern may name also what a log was rotated to. Under a dated name without a log beside it, it is one.
        copy = is_packed(file.real) or any(self._is_log(one) for one in origins(file.real))
        held = self._held.get(file.key)
        was_own = held is not None and held.file.own and held.file.real == file.real
        own = named and (self._literal or was_own or not copy)
        if (other := found.get(file.key)) is not None:  # under another name
            own, past = own or other.own, past and other.past
            file = file if named else other
        file = file._replace(log=True, own=own, live=own and self._live, past=past)
        found[file.key] = file
        if own or not (is_packed(file.real) or time.time() - file.mtime_ns / 1e9 > _NAMELESS_SECONDS):
            self._hold(file)

    def _is_log(self, path: str) -> bool:
        """Tell whether there is a log at a path, or was: it may be away for a moment while it is rotated."""
        if path not in self._logs:
            asked = path in self._asked
            self._asked.add(path)
            if (os.path.isfile(path) and not os.path.islink(path)) or (not asked and self._marks.was_at(path)):
                self._logs.add(path)
        return path in self._logs

    def _hold(self, file: FoundFile) -> None:
        if file.key in self._held:
            return
        if len(self._held) >= _KEPT_OPEN:
            self._warn(
                self.pattern,
                f"names more than {_KEPT_OPEN} logs; what is written to the others after they are deleted is lost",
            )
            if file.mtime_ns <= self._least_ns:
                return
            oldest = min(self._held, key=lambda key: self._held[key].file.mtime_ns)
            self._least_ns = self._held[oldest].file.mtime_ns
            if file.mtime_ns <= self._least_ns:
                return
            os.close(self._held.pop(oldest).descriptor)
        with suppress(OSError):  # which reading it tells
            descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            status = os.fstat(descriptor)
            if (status.st_dev, status.st_ino) == file.key and stat.S_ISREG(status.st_mode):
                self._held[file.key] = _Held(descriptor, file, time.monotonic())
            else:  # another took its place
                os.close(descriptor)

    def _look_at_held(self, found: dict[tuple[int, int], FoundFile]) -> None:
        for key, held in list(self._held.items()):
            status = os.fstat(held.descriptor)
            known = found.get(key, held.file)
            own = known.own and _is_at(known.path, key)
            file = FoundFile.of(known.path, known.real, status)._replace(
                descriptor=held.descriptor, log=True, own=own, live=own and self._live, past=known.past and key in found
            )
            if own or (file.size, file.mtime_ns) != (held.file.size, held.file.mtime_ns):
                held.since = time.monotonic()
            elif time.monotonic() - held.since > _NAMELESS_SECONDS:
                os.close(held.descriptor)
                del self._held[key]
                continue
            held.file = found[key] = file


def _is_of(log: str, name: str) -> bool:
    return family(name) == os.path.basename(log)


def _is_at(path: str, key: tuple[int, int]) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == key
