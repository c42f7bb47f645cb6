"""Which files a scan finds, and which are logs: those of given paths or of a glob, and their rotated copies by name."""

import fnmatch
import glob
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from producer.common.folders import excluder, glob_base
from producer.discovery.found_file import is_ignored
from producer.log_names import origins


@dataclass(frozen=True)
class ScanRules:
    """Which files of a folder a scan finds.

    Attributes:
        depth: how many levels of folders to scan; 1 is the folder alone, None is all.
        excluded: folders that are never scanned, whatever leads to them, because this command writes to them.
        accepts: tells whether files and folders of a name are found.
        excludes: tells whether the user leaves out the file or folder at a path.
        safe_links: skip symlinks that lead out of the folders.
        awaits_roots: warn when a folder itself is missing, and wait for it.
    """

    depth: int | None = None
    excluded: Sequence[str] = ()
    accepts: Callable[[str], bool] = lambda name: not is_ignored(name)
    excludes: Callable[[str], bool] = lambda _: False
    safe_links: bool = False
    awaits_roots: bool = True


DEFAULT_RULES = ScanRules()


def is_literal(pattern: str) -> bool:
    """Tell whether a pattern is a path and not a glob."""
    return os.path.lexists(pattern) or not glob.has_magic(pattern)


class Paths:
    """Logs given by their paths."""

    is_literal = True
    has_fixed_folders = True  #: the folders of the logs are known, so a missing one is reported

    def __init__(self, paths: Iterable[str]) -> None:
        self.given = dict.fromkeys(map(os.path.abspath, paths))  #: the paths, in the order in which they were given
        self._names = {os.path.basename(path) for path in self.given}
        self._prefix = os.path.commonprefix([_family_prefix(name) for name in self._names])  # noqa: RUF071  # names

    def __str__(self) -> str:
        """Return the paths as messages show them."""
        more = f" and {len(self.given) - 1} more" if len(self.given) > 1 else ""
        return f"{next(iter(self.given), '')}{more}"

    @staticmethod
    def excludes(_: str) -> bool:
        """Tell whether the user leaves out the file at a path: none, as each log is named."""
        return False

    def folders(self) -> list[str]:
        """Return the folders of the logs."""
        return list(dict.fromkeys(map(os.path.dirname, self.given)))

    def accepts(self, name: str) -> bool:
        """Tell whether a file of this name may be one of the logs, or may have been rotated from one."""
        return name.startswith(self._prefix) and (
            name in self._names or any(one in self._names for one in origins(name))
        )

    def matches(self, path: str) -> bool:
        """Tell whether a path is that of one of the logs."""
        return path in self.given

    def remove(self, path: str) -> None:
        """Follow one of the logs no longer."""
        del self.given[path]

    def owners(self, path: str) -> list[str]:
        """Return the given paths whose log a file may belong to."""
        return [one for one in (path, *origins(path)) if one in self.given]


class Glob:
    """Logs that match a glob; a trailing ``**`` matches those in all folders below.

    Args:
        pattern: the glob.
        exclude: the patterns of what is left out.
    """

    is_literal = False

    def __init__(self, pattern: str, exclude: Sequence[str] = ()) -> None:
        pattern = os.path.abspath(pattern)
        #: Tells whether the user leaves out the file at a path.
        self.excludes = excluder(exclude, glob_base(pattern))
        if os.path.basename(pattern) == "**":
            pattern = os.path.join(pattern, "*")
        self.given = {pattern: None}
        self._folder, name_pattern = os.path.split(pattern)
        self.has_fixed_folders = not glob.has_magic(self._folder)
        self._match = re.compile(fnmatch.translate(name_pattern)).match
        self._prefix = _family_prefix(re.split(r"[*?[]", name_pattern, maxsplit=1)[0])

    def __str__(self) -> str:
        """Return the glob as messages show it."""
        return next(iter(self.given))

    def folders(self) -> list[str]:
        """Return the folders that exist and match the glob's folder."""
        if self.has_fixed_folders:
            return [self._folder]
        found = glob.glob(os.path.join(self._folder, ""), recursive=True)  # the final slash leaves files out
        return list(dict.fromkeys(path.rstrip(os.sep) or os.sep for path in found))

    def accepts(self, name: str) -> bool:
        """Tell whether a file of this name may be one of the logs, or may have been rotated from one."""
        return name.startswith(self._prefix) and (self.matches(name) or any(map(self.matches, origins(name))))

    def matches(self, path: str) -> bool:
        """Tell whether a path in one of the folders is that of one of the logs."""
        name = os.path.basename(path)
        return self._match(name) is not None and not is_ignored(name)

    def owners(self, path: str) -> list[str]:  # noqa: ARG002  # as Paths has it
        """Return the given globs whose logs a file may belong to: this one."""
        return list(self.given)


def _family_prefix(name: str) -> str:
    """Return the prefix that all names of a log's family share, the log's name starting with ``name``.

    A date may stand before the extension. Comparing prefixes is cheap in a folder with many other files.

    >>> _family_prefix("app.log"), _family_prefix("app-2026"), _family_prefix("syslog")
    ('app', 'app-2026', 'syslog')
    """
    return os.path.splitext(name)[0] if "." in name[1:] else name
