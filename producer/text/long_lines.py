"""Cuts lines that are too long, with a bound on what is held in memory. Pure: no I/O.

A long line becomes several lines at spaces. As a space splits a line into words anyway, its words stay the same, empty
ones too, if something is left on both sides of each cut: a stream drops empty lines. A piece without a space to cut at
is set aside, so what is counted of a line and what is set aside are together the words of the line.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain
from typing import NamedTuple

from producer.text.encoding import Encoding

#: An encoding other than UTF-8 may have one byte for a character that takes so many in UTF-8.
_UTF_8_BYTES = 3
#: Of lines that are cut, about so many bytes are copied at once.
_CUT_BYTES = 1 << 20


@dataclass(frozen=True)
class LineLimit:
    """How long lines may be.

    Attributes:
        size: the most bytes of a word in a long line, and of a line, in the encoding of its source; at least 8.
        cuts: a longer line is cut at spaces; otherwise all of it is set aside.
        utf8_size: the most bytes of a line in UTF-8, if the target has a limit of its own.
    """

    size: int = 1 << 20
    cuts: bool = True
    utf8_size: int | None = None

    def within(self, utf8_size: int | None) -> "LineLimit":
        """Return the same limit for a target that takes no more than so many bytes of UTF-8."""
        return replace(self, utf8_size=utf8_size)

    def most(self, encoding: Encoding) -> int:
        """Return the most bytes of a line in an encoding: a word of ``size`` bytes and the space behind it.

        >>> LineLimit(100).most(Encoding("utf-16-le")), LineLimit(100, utf8_size=90).most(Encoding("cp949"))
        (102, 30)
        """
        unit = encoding.unit
        size = self.size + unit
        if self.utf8_size is not None:
            size = min(size, self.utf8_size // (1 if encoding.name == "utf-8" else _UTF_8_BYTES))
        return max(size - size % unit, 2 * unit)

    def is_exceeded(self, size: int, encoding: Encoding) -> bool:
        """Tell whether so many bytes without a line end are more than a line may have."""
        return size >= self.most(encoding) + encoding.unit


DEFAULT_LIMIT = LineLimit()


class Part(NamedTuple):
    """What comes next of a source: a run of whole lines, or bytes of a piece that is set aside.

    Attributes:
        start: where the lines or the piece begin in the source, in bytes.
        raw: the bytes of the source.
        lines: as many bytes, with line ends where lines are cut; empty if ``raw`` is set aside.
        end: where the next part begins; None if the piece goes on.
    """

    start: int
    raw: bytes
    lines: bytes
    end: int | None

    def split(self, limit: int | None, encoding: Encoding) -> Iterator[tuple[bytes, bytes]]:
        """Yield ``raw`` and ``lines`` after every ``limit`` lines; None leaves them whole."""
        start = 0
        for lines in encoding.split(self.lines, limit, self.start):
            yield self.raw[start : start + len(lines)], lines
            start += len(lines)


class LineCutter:
    """Makes lines of what arrives of a source, and holds no more of it than one line may have and one block.

    Args:
        encoding: that of the source.
        limit: how long lines may be.
        position: where a line begins in the source, in bytes.
        searched: what is before this has no line end, and was searched before.
        read: returns so many bytes of the source from an offset on, for what was searched before.
    """

    def __init__(
        self,
        encoding: Encoding,
        limit: LineLimit,
        position: int,
        searched: int | None = None,
        read: Callable[[int, int], bytes] = lambda *_: b"",
    ) -> None:
        self._encoding = encoding
        self._cuts = limit.cuts and encoding.is_stateless
        self._most = limit.most(encoding)
        self._start = self._offset = position  # of the line or piece, and of what is held of it
        self.searched = position if searched is None else searched  #: the end of what has arrived
        self._held: list[bytes] = []
        self._tail = b""
        self._before: Callable[[], bytes] | None = None  # reads what was searched before
        self._is_set_aside = limit.is_exceeded(self.searched - position, encoding)
        if self._is_set_aside:
            self._offset = self.searched - encoding.unit  # a space there can be cut at if something follows
        if self._offset < self.searched:
            self._before = partial(read, self.searched - self._offset, self._offset)

    def feed(self, data: bytes) -> Iterator[Part]:
        """Yield the lines that are whole with the next bytes of the source, and what is set aside."""
        before = self.searched - self._offset
        lines = self._whole_lines_size(data)
        self.searched += len(data)
        self._held.append(data)
        may_cut = self._is_set_aside or before + len(data) >= self._most + self._encoding.unit
        if not lines and not may_cut:
            return
        data = self._take_held()
        if not may_cut:  # no line can be too long
            whole, data = data[: before + lines], data[before + lines :]
            yield self._lines(whole, whole)
            self._offset += len(whole)
        while may_cut and data and (part := self._set_aside(data) if self._is_set_aside else self._cut(data)):
            yield part
            self._offset += len(part.raw)
            data = data[len(part.raw) :]
        if data:
            self._held.append(data)

    def finish(self) -> Iterator[Part]:
        """Yield what is left at the end of the source, where the last line need not have a line end."""
        if data := self._take_held():
            start, lines = (self._start, b"") if self._is_set_aside else (self._offset, data)
            yield Part(start, data, lines, self.searched)

    def _take_held(self) -> bytes:
        if self._before is not None:
            self._held.insert(0, self._before())
            self._before = None
        held, self._held = self._held, []
        return held[0] if len(held) == 1 else b"".join(held)

    def _whole_lines_size(self, data: bytes) -> int:
        """Return how many bytes of what arrives next belong to whole lines."""
        tail = self._tail
        if self._encoding.unit > 1:  # a line end may have begun in what arrived before
            data = tail + data
            self._tail = data[1 - self._encoding.unit :]
        return max(0, self._encoding.whole_lines_size(data, self.searched - len(tail)) - len(tail))

    def _lines(self, raw: bytes, lines: bytes) -> Part:
        return Part(self._offset, raw, lines, self._offset + len(raw))

    def _cut(self, data: bytes) -> Part | None:
        """Return whole lines that ``data`` begins with, where long ones are cut, or the start of one that cannot be."""
        unit, most = self._encoding.unit, self._most
        text, start = bytearray(), 0  # the lines so far, once one was cut
        while (window := data[start : start + most + unit]) and not (text and start >= _CUT_BYTES):
            size = self._encoding.whole_lines_size(window, self._offset + start)
            if not size and self._cuts and len(window) == most + unit:
                least = unit
                if self._offset + start == 0 and data.startswith(mark := self._encoding.mark):
                    least += len(mark)  # it is dropped, so a cut behind it would make an empty line
                behind = self._encoding.after_last(" ", window[least:most], self._offset + start + least)
                if behind:
                    size = least + behind
                    text += data[len(text) : start + size - unit] + "\n".encode(self._encoding.name)
            if not size:
                break
            start += size
        if start:
            raw = data[:start]
            return self._lines(raw, bytes(text + raw[len(text) :]) if text else raw)
        if len(data) < most + unit:
            return None
        self._start, self._is_set_aside = self._offset, True
        return Part(self._offset, data[:most], b"", None)

    def _set_aside(self, data: bytes) -> Part | None:
        """Return the bytes of the piece that is set aside, with the space or line end behind it once that is there."""
        found = _find_end(self._encoding, data, self._offset, cuts=self._cuts)
        if found is not None:
            self._is_set_aside = False
            return Part(self._start, data[:found], b"", self._offset + found)
        unit = self._encoding.unit  # of the next search, which begins between two characters
        size = len(data) - unit - (self._offset + len(data)) % unit
        return Part(self._start, data[:size], b"", None) if size > 0 else None


def utf8_lines(
    blocks: Iterable[bytes], encoding: Encoding, limit: LineLimit, set_aside: Callable[[int, int], None]
) -> Iterator[bytes]:
    r"""Yield a whole file as lines of UTF-8, which are cut and decoded as those of a growing file are.

    Args:
        blocks: what the file holds.
        encoding: that of the file.
        limit: how long lines may be.
        set_aside: called with the first byte and the size of what is set aside.

    >>> list(utf8_lines([b"\xff\xfea", b"\0\n\0b\0"], Encoding("utf-16-le"), LineLimit(), print))
    [b'a\n', b'b\n']
    """
    cutter = LineCutter(encoding, limit, 0)
    for part in chain(chain.from_iterable(map(cutter.feed, blocks)), cutter.finish()):
        if part.lines:
            yield encoding.normalized(part.lines, part.start)
        elif part.end is not None:
            set_aside(part.start, part.end - part.start)


def _find_end(encoding: Encoding, data: bytes, position: int, *, cuts: bool) -> int | None:
    """Return how many bytes of ``data`` a piece has, with the line end behind it, or a space with more behind that."""
    pattern, signs = _pattern(encoding, cuts=cuts)
    if not any(sign in data for sign in signs):  # a tenth of the time
        return None
    matches = pattern.finditer(data)
    return next((match.end() for match in matches if (position + match.start()) % encoding.unit == 0), None)


@lru_cache
def _pattern(encoding: Encoding, *, cuts: bool) -> tuple[re.Pattern[bytes], list[bytes]]:
    """Return the pattern of what a piece ends with, and what it always begins with."""
    space, feed, carriage = (text.encode(encoding.name) for text in " \n\r")
    ends = b"|".join(map(re.escape, (carriage + feed, feed, carriage)))
    behind = b"(?!%b)(?=.{%d})" % (ends, encoding.unit)
    pattern = ends + (b"|" + re.escape(space) + behind if cuts else b"")
    return re.compile(pattern, re.DOTALL), [feed, carriage, space] if cuts else [feed, carriage]
