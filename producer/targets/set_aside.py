"""Tells of what is set aside because it is too long, and notes where it is."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from producer.common.escaping import escape_unprintable
from producer.common.folders import PRIVATE

_NOTES, _BYTES = "notes.txt", "bytes"


class SetAside:
    """Tells of each part of a source that is set aside, and notes it if there is a folder.

    A part of a file is noted before the position behind it is committed, so a crash in between may note it twice.

    Args:
        folder: holds the notes, and the bytes that cannot be read again; it is created with the first one. None if
            there is no place for them.
        warn: called with what is read and the reason.
        to_topic: the lines go to a topic, which has a limit of its own.
    """

    def __init__(self, folder: Path | None, warn: Callable[[str, str], None], *, to_topic: bool = False) -> None:
        self._folder = folder
        self._warn = warn
        self._to_topic = to_topic
        self._kept: BinaryIO | None = None

    def keep(self, data: bytes) -> None:
        """Keep the next bytes of a part that cannot be read again, until it is noted."""
        if self._folder is None:
            return
        if self._kept is None:
            self._folder.mkdir(PRIVATE, exist_ok=True)
            numbers = (path.suffix[1:] for path in self._folder.glob(f"{_BYTES}.*"))
            taken = [int(number) for number in numbers if number.isdecimal()]  # others are the user's
            self._kept = (self._folder / f"{_BYTES}.{max(taken, default=0) + 1}").open("xb")
        self._kept.write(data)

    def note(self, source: str, start: int, size: int) -> None:
        """Note and report that ``size`` bytes of a source, from byte ``start`` on, are set aside.

        Args:
            source: the path of the file, or what else is read.
            start: the first byte; uncompressed if the file is compressed.
            size: how many bytes.
        """
        where = ""
        if self._folder is not None:
            self._folder.mkdir(PRIVATE, exist_ok=True)
            place = [escape_unprintable(source), str(start), str(size)]
            if self._kept is not None:
                with self._kept:
                    _sync(self._kept)
                place.append(os.path.basename(self._kept.name))
                self._kept = None
            notes = self._folder / _NOTES
            with notes.open("ab") as file:
                file.write("\t".join(place).encode() + b"\n")
                _sync(file)
            where = f"; {notes} says where it is"
        limit = "--max-line, or than the topic takes," if self._to_topic else "--max-line"
        self._warn(
            source,
            f"a word or line of {size:,} bytes from byte {start:,} on is longer than {limit} and is left out{where}",
        )


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
