"""Tells which files a log was rotated to after one that is known: nothing was published of them."""

import os

from producer.content.birth_time import birth_ns
from producer.discovery.found_file import FoundFile
from producer.log_names import family, is_compressed, numbered_name
from producer.rotation.unread_rest import Log

#: A log is created this many nanoseconds after the former one was moved, at most, where a clock ticks slowly.
_TICK_NS = 100_000_000


def is_later(file: FoundFile, rest: FoundFile, former: Log, present: Log | None) -> bool:
    """Tell whether a log was rotated to a file, judged by the names and times.

    The file is named like the one before but for numbers and dates, or it has a usual name of a rotated log and no
    other log is there that it may belong to. It was created after the former log, and written before the present one
    was created. What compresses a file may give it any later time.

    Args:
        file: the file.
        rest: what the log was rotated to before.
        former: the log as it was before that rotation.
        present: the log as it is now, None if it is not there.
    """
    if file.mtime_ns < rest.mtime_ns or not _has_name_of(file, rest, former):
        return False
    birth = birth_ns(file.path)
    if 0 < birth < former.birth_ns:
        return False
    is_replaced = present is not None and present[2:] != former[2:]
    if present is None or not is_replaced or is_compressed(file.real) or 0 in {birth, present.birth_ns}:
        return True
    return min(birth, file.mtime_ns) <= present.birth_ns + _TICK_NS


def _has_name_of(file: FoundFile, rest: FoundFile, log: Log) -> bool:
    if numbered_name(file.real, log.path) == numbered_name(rest.real, log.path):
        return True
    log_there = family(file.real)
    is_usual = os.path.basename(log_there) == os.path.basename(log.path) and log_there != file.real
    return is_usual and (os.path.dirname(log_there) == log.folder or not os.path.lexists(log_there))
