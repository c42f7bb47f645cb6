"""Names of rotated logs, as logrotate, log4j, Python's logging and others give them. Pure: nothing here does I/O."""

import os
import re
from functools import lru_cache

_PACKED = re.compile(r"\.(gz|bz2|zst|xz)$")
#: A day or a month, and where there is one the time of it: logrotate's -%Y%m%d-%s, Python's _%H-%M, T10-11-12.123.
_DATE = r"(?:\d{8}|\d{4}-\d\d(?:-\d\d)?|\d\d-\d\d-\d{4})(?:[-_T.]?\d{1,10}(?:[-_.:]\d{1,6}){0,3}Z?)?"
_BEHIND = re.compile(rf"(?<=.)[.-](?:\d{{1,4}}|{_DATE}|\d{{10}}|old|bak)$")  # app.log.1, app.log-20261123, app.log.old
_INSIDE = re.compile(rf"(?<=.)[-_.]{_DATE}(?=\.[a-z]+$)")  # app-2026-11-23.log


@lru_cache(1 << 10)  # one is asked for as often as there are positions of its log
def origins(path: str) -> tuple[str, ...]:
    """Return the paths of the logs that a file may have been rotated from, by its name, the nearest first; not its own.

    >>> origins("/logs/app-2026-11-23.log.1.gz")
    ('/logs/app-2026-11-23.log.1', '/logs/app-2026-11-23.log', '/logs/app.log')
    >>> origins("/logs/node-1.log")
    ()
    """
    folder, name = os.path.split(path)
    found = [name]
    # Twice behind: app.log.1.old, app.log.2026-11-23.1
    for ending in (_PACKED, _BEHIND, _BEHIND, _INSIDE):
        found.append(ending.sub("", found[-1]))
    return tuple(os.path.join(folder, one) for one in dict.fromkeys(found) if one != name)


def family(path: str) -> str:
    """Return the path of the log that a file belongs to, by its name; that of a log is its own.

    >>> [family(f"/logs/{name}") for name in ("app.log", "app.log.1", "app.log-20261123.gz", "app-2026-11-23.log")]
    ['/logs/app.log', '/logs/app.log', '/logs/app.log', '/logs/app.log']
    >>> family("/logs/app.log.2026-11-23_10-30"), family("/logs/app-2026-11-23T10-11-12.123.log")
    ('/logs/app.log', '/logs/app.log')
    """
    return (path, *origins(path))[-1]


def rotated(path: str) -> bool:
    """Tell whether a name is that of a rotated log.

    >>> rotated("app.log.1"), rotated("app.log")
    (True, False)
    """
    return family(path) != path


def numbered(path: str) -> bool:
    """Tell whether a name is that of a rotated log by more than being compressed.

    >>> numbered("app.log.1.gz"), numbered("app.log.gz")
    (True, False)
    """
    return rotated(unpacked(path))


def is_packed(path: str) -> bool:
    """Tell whether a name is that of a compressed file.

    >>> is_packed("app.log.1.gz"), is_packed("app.log.1")
    (True, False)
    """
    return _PACKED.search(path) is not None


def unpacked(path: str) -> str:
    """Return the path of what a compressed file is unpacked to.

    >>> unpacked("app.log.1.gz")
    'app.log.1'
    """
    return _PACKED.sub("", path)
