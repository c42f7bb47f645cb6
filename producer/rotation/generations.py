"""Tells which numbered files of a rotated log are missing: they were deleted before anything of them was read."""

import os
from collections.abc import Iterable

from producer.discovery.found_file import FoundFile, Warn
from producer.log_names import family, numbered_name, uncompressed_path

#: More digits than this are a date or a time.
_MOST_DIGITS = 4


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
