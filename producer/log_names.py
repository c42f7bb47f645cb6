"""Names of rotated logs, as logrotate, log4j, Python's logging and others give them. Pure: no I/O.

A log and the files rotated from it are one family, named by the path of the log: app.log, app.log.1, app.log.2.gz.
"""

import os
import re
from functools import lru_cache

_NUMBER = re.compile(r"(?:(?<![a-z])[0-9a-f]*)?\d[0-9a-f]*")  # also of the hexadecimal kind, as TAI64 has it
_COMPRESSED = re.compile(r"\.(gz|bz2|zst|xz)$")
#: A day or a month, optionally with a time: logrotate's -%Y%m%d-%s, Python's _%H-%M, log4j's T10-11-12.123.
_DATE = r"(?:\d{8}|\d{4}-\d\d(?:-\d\d)?|\d\d-\d\d-\d{4})(?:[-_T.]?\d{1,10}(?:[-_.:]\d{1,6}){0,3}Z?)?"
_SUFFIX = re.compile(rf"(?<=.)[.-](?:\d{{1,4}}|{_DATE}|\d{{10}}|old|bak)$")  # app.log.1, app.log-20261123, app.log.old
_BEFORE_EXTENSION = re.compile(rf"(?<=.)[-_.]{_DATE}(?=\.[a-z]+$)")  # app-2026-11-23.log


@lru_cache(1 << 10)  # the same paths are asked for again and again
def origins(path: str) -> tuple[str, ...]:
    """Return the paths a file may have been rotated from, judged by its name: the nearest first, without its own path.

    >>> origins("/logs/app-2026-11-23.log.1.gz")
    ('/logs/app-2026-11-23.log.1', '/logs/app-2026-11-23.log', '/logs/app.log')
    >>> origins("/logs/node-1.log")
    ()
    """
    folder, name = os.path.split(path)
    found = [name]
    # Names may have two suffixes: app.log.1.old, app.log.2026-11-23.1.
    for ending in (_COMPRESSED, _SUFFIX, _SUFFIX, _BEFORE_EXTENSION):
        found.append(ending.sub("", found[-1]))
    return tuple(os.path.join(folder, one) for one in dict.fromkeys(found) if one != name)


def family(path: str) -> str:
    """Return the path of the log that a file belongs to, judged by its name; for a log, its own path.

    >>> [family(f"/logs/{name}") for name in ("app.log", "app.log.1", "app.log-20261123.gz", "app-2026-11-23.log")]
    ['/logs/app.log', '/logs/app.log', '/logs/app.log', '/logs/app.log']
    >>> family("/logs/app.log.2026-11-23_10-30"), family("/logs/app-2026-11-23T10-11-12.123.log")
    ('/logs/app.log', '/logs/app.log')
    """
    return (path, *origins(path))[-1]


def is_rotated(path: str) -> bool:
    """Tell whether a name is that of a rotated log.

    >>> is_rotated("app.log.1"), is_rotated("app.log.gz"), is_rotated("app.log")
    (True, True, False)
    """
    return family(path) != path


def may_be_copied_from(path: str, original: str) -> bool:
    """Tell by their names whether a file may be a copy of another one of the same log.

    Any file may be compressed, and be decompressed again under the same name. Any other uncompressed copy is one of the
    log itself, as a log that was rotated before is renamed.

    >>> may_be_copied_from("app.log.1", "app.log"), may_be_copied_from("app.log.2.gz", "app.log.1")
    (True, True)
    >>> may_be_copied_from("app.log.2", "app.log.1"), may_be_copied_from("sales-2026-11.csv", "sales-2026-10.csv")
    (False, False)
    >>> may_be_copied_from("app.log.2", "app.log.2.gz"), may_be_copied_from("app.log.1", "app.log.2.gz")
    (True, False)
    """
    if is_compressed(original):
        return uncompressed_path(original) == path
    return is_compressed(path) or original in origins(path)


def numbered_name(path: str, log: str) -> str:
    """Return the path of a rotated file with ``#`` for each number, but for those in the name of its log.

    >>> numbered_name("/logs/node-1_2026-11-28.log.gz", "/logs/node-1.log")
    '/logs/node-1_#-#-#.log'
    >>> numbered_name("/logs/old/@400000005f5e1000.s", "/logs/node-1.log")
    '/logs/old/@#.s'
    """
    stem = os.path.splitext(os.path.basename(log))[0]
    return stem.join(_NUMBER.sub("#", part) for part in uncompressed_path(path).split(stem))


def is_compressed(path: str) -> bool:
    """Tell whether a name is that of a compressed file.

    >>> is_compressed("app.log.1.gz"), is_compressed("app.log.1")
    (True, False)
    """
    return _COMPRESSED.search(path) is not None


def uncompressed_path(path: str) -> str:
    """Return the path of what a compressed file is unpacked to; for any other file, its own path.

    >>> uncompressed_path("app.log.1.gz"), uncompressed_path("app.log.1")
    ('app.log.1', 'app.log.1')
    """
    return _COMPRESSED.sub("", path)
