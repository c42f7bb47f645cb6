"""What a log was rotated to after a file that is known, judged by names and times.

Nothing was published of these files. One of a number in between that is missing was deleted before it was read.
"""

import os
from collections.abc import Iterable

from producer.content.birth_time import birth_ns
from producer.discovery.found_file import FoundFile, Warn
from producer.log_names import family, is_compressed, numbered_name, uncompressed_path
from producer.rotation.unread_rest import Log

#: More digits than this are a date or a time.
_MOST_DIGITS = 4
#: A log is created this many nanoseconds after the former one was moved, at most, where a clock ticks slowly.
_TICK_NS = 100_000_000


def warn_of_deleted(warn: Warn, rest: FoundFile, log: str, files: Iterable[FoundFile]) -> None:
    """Warn if a log was rotated several times while nothing ran, and what it was rotated to is not all there.

    Args:
        warn: called with the path of each file that is missing, and the reason.
        rest: what the log was rotated to first.
        log: the path of the log.
        files: those next to it.
    """
    for path in _missing_since(rest, log, files):
        warn(
            path,
            f"is missing, and {rest.path} is there: {log} was rotated to both while nothing ran, and what the missing"
            " one held is not counted",
        )


def _missing_since(rest: FoundFile, log: str, files: Iterable[FoundFile]) -> list[str]:
    """Return the paths that a log was rotated to after ``rest``, by their numbers, and that are not there.

    A log is renamed to the number 1, and the numbers of the others move on; or each file keeps the next number.
    """
    folder, name = os.path.split(rest.real)
    before, *after = numbered_name(name, log).split("#")
    if len(after) != 1 or before != f"{os.path.basename(log)}.":  # of other names, the numbers may be days
        return []
    usual, numbers = os.path.join(folder, os.path.basename(log)), dict[int, FoundFile]()
    for file in (rest, *files):
        one = os.path.basename(uncompressed_path(file.real))
        number = one[len(before) : len(one) - len(after[0])]
        is_rotated = os.path.dirname(file.real) == folder and family(file.real) == usual != file.real
        if is_rotated and one == f"{before}{number}{after[0]}" and number.isdecimal() and len(number) <= _MOST_DIGITS:
            numbers[int(number)] = file
        elif is_rotated and file.mtime_ns >= rest.mtime_ns:
            return []  # its names have changed since
    own = next((number for number, file in numbers.items() if file.key == rest.key), 0)
    newest = max((number for number, file in numbers.items() if file.mtime_ns >= rest.mtime_ns), default=0)
    expected = range(own + 1, newest) if newest > own else range(1, own)
    return [os.path.join(folder, f"{before}{number}{after[0]}") for number in expected if number not in numbers]


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
