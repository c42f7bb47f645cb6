"""Tells of bytes that are counted as text what else they seem to be. Pure: no I/O."""

import codecs
import re

#: How many bytes at the start of a file are looked at, and how many are searched for a line end.
SAMPLE_BYTES = 1 << 16
LINE_BYTES = (1 << 20) + (1 << 12)
#: So many bytes of zeros are no content: nobody has written them yet.
_UNWRITTEN = re.compile(rb"\x00{16}")
_FEWEST = 6  #: A few odd bytes are found in any log: what strangers send is logged.
_PER_HUNDRED = 100
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")


def find_fault(data: bytes) -> str | None:
    r"""Return why the bytes that a file begins with are no plausible UTF-8 text; None if they are.

    Args:
        data: the first ``LINE_BYTES`` bytes of a file, or all if it has fewer.

    >>> find_fault(b"to be\0or not\0")
    "has NUL bytes in place of line ends; replace them first, as tr '\\0' '\\n' does"
    >>> find_fault("세 단어 한국어\n".encode("cp949"))
    'is not UTF-8; give its --encoding, such as cp949 or latin-1'
    >>> find_fault(b"to be\n")
    """
    has_line_end = b"\n" in data or b"\r" in data
    sample = _UNWRITTEN.split(data[:SAMPLE_BYTES], maxsplit=1)[0]
    zeros = sample.count(0)
    if zeros >= _FEWEST - 2 and (name := _wide_encoding(sample)):
        return f"seems to be UTF-16 or UTF-32 without a byte order mark; give --encoding {name}"
    if zeros and not has_line_end:
        return "has NUL bytes in place of line ends; replace them first, as tr '\\0' '\\n' does"
    if zeros >= _FEWEST:
        return "has NUL bytes, so it seems to be no text; leave it out"
    if _is_other_encoding(sample):
        return "is not UTF-8; give its --encoding, such as cp949 or latin-1"
    return None


def _wide_encoding(sample: bytes) -> str | None:
    """Return the encoding of two or four bytes a character in which the sample is text with white space."""
    for name in _WIDE:
        decoder = codecs.getincrementaldecoder(name)()
        try:
            text = decoder.decode(sample)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and re.search(r"[ \n]", text):
            return name
    return None


def _is_other_encoding(sample: bytes) -> bool:
    """Tell whether much of a sample is not UTF-8."""
    if sample.isascii():
        return False
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    wrong = text.count("\ufffd")
    return wrong >= _FEWEST and wrong * _PER_HUNDRED >= len(text)
