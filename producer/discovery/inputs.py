"""All that is followed, as one look sees it: the files of folders, logs, and files given by name."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence

from producer.discovery.found_file import FoundFile, Warn
from producer.discovery.history import History
from producer.discovery.logs import Logs
from producer.discovery.open_logs import OpenFileBudget
from producer.discovery.patterns import Glob, Paths, is_literal
from producer.discovery.scanner import DirectoryScanner

_Key = tuple[int, int]  # device and inode


class Inputs:
    """Folders, and files given by name.

    Args:
        inputs: folders and files; with ``logs`` also patterns, and what is not there yet.
        marks: tell what was followed before.
        warn: told of each thing that cannot be counted, at every look.
        depth: how many levels of folders to look into; None is all.
        apart: folders that are never looked into, whatever leads to them.
        logs: what is no folder is a log, which is followed through its rotations.
        live: of logs, a last line is waited for.
        from_end: what is there of places that were not followed before is of the past.
    """

    def __init__(  # noqa: PLR0913  # each is used
        self,
        inputs: Iterable[str],
        marks: History,
        warn: Warn,
        *,
        depth: int | None,
        apart: Sequence[str],
        logs: bool,
        live: bool,
        from_end: bool,
    ) -> None:
        self._warn = warn
        self._depth = depth
        self._apart = apart
        self._marks = marks
        self._places: list[DirectoryScanner | Logs] = []
        self._files: list[str] = []
        self._new: dict[DirectoryScanner, str] = {}  # that were not followed before, with their paths without symlinks
        self._from_end = from_end
        literal: list[str] = []
        wanted: list[Paths | Glob] = []
        for path in inputs:
            if os.path.isdir(path):
                folder = DirectoryScanner(path, depth, warn, apart)
                self._places.append(folder)
                if (first_ns := marks.get_ns(real := os.path.realpath(path))) is None:
                    self._new[folder] = real
                else:
                    folder.first_ns = first_ns
            elif not logs:
                self._files.append(path)
            elif is_literal(path):
                literal.append(path)
            else:
                wanted.append(Glob(path))
        if literal:  # together, so that folders with many of them are looked at once
            wanted.append(Paths(literal))
        self._room = OpenFileBudget()
        self._places += [Logs(one, warn, apart, marks, self._room, end=from_end, live=live) for one in wanted]
        self._missing: list[str] = []
        self._present: dict[DirectoryScanner | Logs, set[_Key]] = {}

    @property
    def unreadable(self) -> list[str]:
        """Folders that could not be looked into, and files that were not there."""
        return [path for place in self._places for path in place.unreadable] + self._missing

    def scan(self, *, full: bool) -> tuple[dict[_Key, FoundFile], set[_Key] | None]:
        """Return the files that may have changed; and the keys of all that are there, None where none can be gone.

        With ``full`` the files are all there are, whatever that costs.
        """
        found: dict[_Key, FoundFile] = {}
        self._missing.clear()
        for path in self._files:
            self._look_at(path, found)
        given, any_whole = set(found), not self._places
        for place, files, everything in self._look_at_places(full=full):
            past = self._from_end and place in self._new
            present = self._present.setdefault(place, set())
            if everything:
                present.clear()
                any_whole = True
            for file in files:
                present.add(file.key)
                _add(file._replace(skip_existing=True, is_live=True) if past else file, found)
            if isinstance(place, DirectoryScanner) and place in self._new and not place.unreadable:
                self._meet(place, files)
        self._room.let_go(found)
        self._turn_to_folders()
        return found, given.union(*self._present.values()) if any_whole else None

    def close(self) -> None:
        """Keep no log open any more."""
        for place in self._places:
            if isinstance(place, Logs):
                place.close()

    def _look_at_places(self, *, full: bool) -> Iterator[tuple[DirectoryScanner | Logs, list[FoundFile], bool]]:
        looked = [(place, *place.scan(full=full)) for place in self._places]
        changed = {file.key for _, files, _ in looked for file in files}
        for place, files, everything in looked:
            if isinstance(place, Logs):
                yield place, place.kept(files, changed, full=everything), everything
            else:
                yield place, files, everything

    def _turn_to_folders(self) -> None:
        """Look from the next look on into what was given as logs that were not there, and came as folders."""
        for place in [place for place in self._places if isinstance(place, Logs)]:
            for path in place.turned:
                folder = DirectoryScanner(path, self._depth, self._warn, self._apart)
                folder.first_ns = 0  # all of it came later
                real = os.path.realpath(path)
                self._marks.set(real, real)
                self._places.append(folder)
            place.turned.clear()

    def _meet(self, folder: DirectoryScanner, files: list[FoundFile]) -> None:
        """Keep when a new folder was first looked at, by the clock that its files have.

        By that, what was there is known also if the first look is cut off, and no copy made later is taken for it.
        """
        folder.first_ns = max((file.ctime_ns for file in files), default=-1) + 1
        place = self._new.pop(folder)
        self._marks.set(place, place, folder.first_ns)

    def _look_at(self, path: str, found: dict[_Key, FoundFile]) -> None:
        try:
            status = os.stat(path)
        except OSError as error:
            self._miss(path, f"cannot be looked at: {error.strerror}")
            return
        if stat.S_ISREG(status.st_mode):
            _add(FoundFile.from_status(path, os.path.realpath(path), status, is_initial=True), found)
        else:
            self._miss(path, "is no file any more")

    def _miss(self, path: str, reason: str) -> None:
        self._missing.append(path)
        self._warn(path, reason)


def _add(file: FoundFile, found: dict[_Key, FoundFile]) -> None:
    """Add a file to those found; where two ways lead to one, what each knows of it holds."""
    if (other := found.get(file.key)) is not None:
        file = other._replace(
            descriptor=file.descriptor if other.descriptor is None else other.descriptor,
            is_log=file.is_log or other.is_log,
            is_current=file.is_current or other.is_current,
            is_live=file.is_live or other.is_live,
            skip_existing=file.skip_existing and other.skip_existing,  # on one of the ways it counts
            is_initial=file.is_initial and other.is_initial,
        )
    found[file.key] = file
