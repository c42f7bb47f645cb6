r"""Turns lines of any encoding into UTF-8.

Positions in files are counted in bytes of the file, so lines are cut first, by the bytes of their ends, and decoded
then. Most encodings write a line end as ASCII does, in one byte that is part of no other character. In UTF-16 and
UTF-32 a line end has two or four bytes, which must begin at a multiple of as many bytes.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from producer import lines
from producer.common.errors import UsageError

#: Byte order marks, and the encodings they tell. The mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How many bytes at the start of a file show its byte order mark.
MARK_BYTES = 4
#: What Python calls encodings whose mark the file has, and the encoding of a file without one.
_MARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
#: Encodings in which a byte may mean another character by what is before it in its line.
_STATEFUL = ("iso2022", "hz", "utf-7")
_UNITS = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}


@dataclass(frozen=True)
class Encoding:
    """An encoding, by the name that Python knows it by."""

    name: str = "utf-8"

    @property
    def unit(self) -> int:
        """How many bytes a line feed has."""
        return _UNITS.get(self.name, 1)

    @property
    def is_stateless(self) -> bool:
        """Whether what follows a space can be decoded alone."""
        return not self.name.startswith(_STATEFUL)

    @property
    def mark(self) -> bytes:
        """The byte order mark; empty if the encoding has none."""
        return "\ufeff".encode(self.name, "ignore")

    def of(self, head: bytes | bytearray) -> "Encoding":
        r"""Return the encoding of a file: that of its byte order mark, or this one if it has none.

        Args:
            head: the first ``MARK_BYTES`` bytes of the file, or all if it has fewer.

        >>> UTF_8.of(b"\xff\xfea\0").name, Encoding("cp949").of(b"text").name
        ('utf-16-le', 'cp949')
        """
        return next((Encoding(name) for mark, name in _MARKS if head.startswith(mark)), self)

    @staticmethod
    def is_undecided(head: bytes | bytearray) -> bool:
        r"""Tell whether more bytes may make ``head`` a byte order mark, or another one.

        >>> [Encoding.is_undecided(head) for head in (b"", b"\xff\xfe", b"\xff\xfea\0", b"a")]
        [True, True, False, False]
        """
        return len(head) < MARK_BYTES and any(mark.startswith(bytes(head)) for mark, _ in _MARKS)

    def whole_lines_size(self, data: bytes | bytearray, position: int) -> int:
        r"""Return the size in bytes of the whole lines that ``data`` begins with.

        Args:
            data: part of a file.
            position: where it begins in the file, in bytes.

        >>> Encoding("utf-16-le").whole_lines_size("one\ntwo".encode("utf-16-le"), 0)
        8
        """
        if self.unit == 1:
            return lines.whole_lines_size(data)
        return max(self.after_last(end, data, position) for end in ("\n", "\r"))

    def after_last(self, text: str, data: bytes | bytearray, position: int) -> int:
        """Return where the last ``text`` in ``data`` ends, 0 if there is none."""
        wanted = text.encode(self.name)
        found = data.rfind(wanted)
        while found != -1 and (position + found) % self.unit:
            found = data.rfind(wanted, 0, found + len(wanted) - 1)
        return 0 if found == -1 else found + len(wanted)

    def split(self, data: bytes, limit: int | None, position: int) -> Iterator[bytes]:
        r"""Split ``data`` after every ``limit`` lines; None leaves it whole. ``position`` is where it begins.

        >>> list(Encoding("utf-16-be").split(b"\0a\0\n\0b\0\n", 1, 0))
        [b'\x00a\x00\n', b'\x00b\x00\n']
        """
        if self.unit == 1 or limit is None:
            yield from lines.split(data, limit)
            return
        start = 0
        for end in islice(self._line_ends(data, position), limit - 1, None, limit):
            yield data[start:end]
            start = end
        if start < len(data):
            yield data[start:]

    def _line_ends(self, data: bytes, position: int) -> Iterator[int]:
        ends = b"|".join(re.escape(text.encode(self.name)) for text in ("\r\n", "\n", "\r"))
        return (match.end() for match in re.finditer(ends, data) if (position + match.start()) % self.unit == 0)

    def to_utf8(self, data: bytes, position: int) -> bytes:
        r"""Return ``data`` as UTF-8. What cannot be decoded becomes U+FFFD. ``position`` is where it begins.

        >>> Encoding("cp949").to_utf8("한국어".encode("cp949"), 0).decode()
        '한국어'
        """
        if self.name == "utf-8":  # Spark replaces what is no UTF-8
            return data
        begun = -position % self.unit  # the rest of a character whose first bytes were published as a line
        text = "\ufffd" * bool(begun) + data[begun:].decode(self.name, "replace")
        return text.encode("utf-8", "replace")

    def normalized(self, data: bytes, position: int) -> bytes:
        """Return lines as UTF-8, so that other lines may follow them (see ``lines.normalize``)."""
        return lines.normalize(self.to_utf8(data, position), position)


UTF_8 = Encoding()


def encoding(text: str, option: str) -> Encoding:
    """Return the encoding that Python knows by a name.

    Raises:
        UsageError: there is none, or lines in it cannot be told apart; the message names ``option``.

    >>> encoding("EUC-KR", "--encoding").name, encoding("UTF16", "--encoding").name
    ('euc_kr', 'utf-16-le')
    """
    try:
        name = codecs.lookup(text.strip()).name
        written = "a\nb".encode(name := _MARKED.get(name, name))
    except (LookupError, ValueError) as error:  # a name with NUL is a ValueError, and so is what cannot be encoded
        raise UsageError(f"{option} {text!r} is no encoding; give one such as cp949, latin-1 or utf-16-le") from error
    if written != b"a\nb" and name not in _UNITS:
        raise UsageError(f"{option} {text!r} ends lines in another way than text files do; convert the files to UTF-8")
    return Encoding(name)
