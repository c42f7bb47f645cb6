"""Names of rotated logs, as logrotate, log4j, Python's logging and others give them. Pure: nothing here does I/O."""

import os
import re

_PACKED = re.compile(r"\.(gz|bz2|zst|xz)$")
#: A day or a month, and where there is one the time of it: logrotate's -%Y%m%d-%s, Python's _%H-%M, T10-11-12.123.
_DATE = r"(?:\d{8}|\d{4}-\d\d(?:-\d\d)?|\d\d-\d\d-\d{4})(?:[-_T.]?\d{1,10}(?:[-_.:]\d{1,6}){0,3}Z?)?"
_BEHIND = re.compile(rf"(?<=.)[.-](?:\d{{1,4}}|{_DATE}|\d{{10}}|old|bak)$")  # app.log.1, app.log-20261123, app.log.old
_INSIDE = re.compile(rf"(?<=.)[-_.]{_DATE}(?=\.[a-z]+$)")  # app-2026-11-23.log


def family(path: str) -> str:
    """Return the path of the log that a file belongs to, by its name; that of a log is its own.

    >>> [family(f"/logs/{name}") for name in ("app.log", "app.log.1", "app.log-20261123.gz", "app-2026-11-23.log")]
    ['/logs/app.log', '/logs/app.log', '/logs/app.log', '/logs/app.log']
    >>> family("/logs/app.log.2026-11-23_10-30"), family("/logs/app-2026-11-23T10-11-12.123.log")
    ('/logs/app.log', '/logs/app.log')
    >>> family("/logs/node-1.log")
    '/logs/node-1.log'
    """
    folder, name = os.path.split(path)
    name = _PACKED.sub("", name)
    for _ in range(2):  # app.log.1.old, app.log.2026-11-23.1
        name = _BEHIND.sub("", name)
    return os.path.join(folder, _INSIDE.sub("", name))


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
    return rotated(_PACKED.sub("", path))


def is_packed(path: str) -> bool:
    """Tell whether a name is that of a compressed file.

    >>> is_packed("app.log.1.gz"), is_packed("app.log.1")
    (True, False)
    """
    return _PACKED.search(path) is not None
