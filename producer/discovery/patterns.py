"""What names logs: their paths, or a glob; and by their names what they were rotated to."""

import fnmatch
import glob
import os
import re
from collections.abc import Iterable

from producer.discovery.scanner import skipped
from producer.log_names import origins


def is_literal(pattern: str) -> bool:
    """Tell whether a path is meant and no glob."""
    return os.path.lexists(pattern) or not glob.has_magic(pattern)


class Paths:
    """Logs that are given by their paths."""

    literal = True
    in_one_place = True  #: the folders they are in are to be there

    def __init__(self, paths: Iterable[str]) -> None:
        self.given = dict.fromkeys(map(os.path.abspath, paths))  #: in the order in which they were given
        self._names = {os.path.basename(path) for path in self.given}
        self._begin = os.path.commonprefix([_begin(name) for name in self._names])  # noqa: RUF071  # no paths

    def __str__(self) -> str:
        """Return what is shown of them."""
        more = f" and {len(self.given) - 1} more" if len(self.given) > 1 else ""
        return f"{next(iter(self.given), '')}{more}"

    def folders(self) -> list[str]:
        """Return the folders that they are in."""
        return list(dict.fromkeys(map(os.path.dirname, self.given)))

    def accepts(self, name: str) -> bool:
        """Tell whether a file of this name may be one of them, or what one was rotated to."""
        return name.startswith(self._begin) and (
            name in self._names or any(one in self._names for one in origins(name))
        )

    def matches(self, path: str) -> bool:
        """Tell whether a path is that of one of them."""
        return path in self.given

    def leave_out(self, path: str) -> None:
        """Follow one of them no more."""
        del self.given[path]

    def owners(self, path: str) -> list[str]:
        """Return which of them a file may belong to."""
        return [one for one in (path, *origins(path)) if one in self.given]


class Glob:
    """Logs that a glob names; a last ``**`` names those in all folders below."""

    literal = False

    def __init__(self, pattern: str) -> None:
        pattern = os.path.abspath(pattern)
        if os.path.basename(pattern) == "**":
            pattern = os.path.join(pattern, "*")
        self.given = {pattern: None}
        self._folder, wanted = os.path.split(pattern)
        self.in_one_place = not glob.has_magic(self._folder)
        self._matches = re.compile(fnmatch.translate(wanted)).match
        self._begin = _begin(re.split(r"[*?[]", wanted, maxsplit=1)[0])

    def __str__(self) -> str:
        """Return what is shown of them."""
        return next(iter(self.given))

    def folders(self) -> list[str]:
        """Return the folders that there are of those that it names."""
        if self.in_one_place:
            return [self._folder]
        found = glob.glob(os.path.join(self._folder, ""), recursive=True)  # with the slash no files are looked at
        return list(dict.fromkeys(path.rstrip(os.sep) or os.sep for path in found))

    def accepts(self, name: str) -> bool:
        """Tell whether a file of this name may be one of them, or what one was rotated to."""
        return name.startswith(self._begin) and (self.matches(name) or any(map(self.matches, origins(name))))

    def matches(self, path: str) -> bool:
        """Tell whether a path in one of the folders is that of one of them."""
        name = os.path.basename(path)
        return self._matches(name) is not None and not skipped(name)

    def owners(self, path: str) -> list[str]:  # noqa: ARG002  # as that of Paths
        """Return which of the globs a file may belong to: there is one."""
        return list(self.given)


def _begin(name: str) -> str:
    """Return what the name of each file begins with that belongs to a log whose name begins so.

    A date may be before the ending. To compare this is cheap, where a folder holds many other files.

    >>> _begin("app.log"), _begin("app-2026"), _begin("syslog")
    ('app', 'app-2026', 'syslog')
    """
    return os.path.splitext(name)[0] if "." in name[1:] else name
