"""The pieces of a long line have the words of the line, by every rule that a line may be cut for."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producer import lines
from producer.text.encoding import Encoding
from producer.text.long_lines import LineCutter, LineLimit, Part
from tests.support.reference import count

_NAMES = ["utf-8", "cp949", "gb18030", "euc_jp", "latin-1", "utf-16-le", "utf-16-be", "utf-32-le"]
_TEXT = st.lists(st.sampled_from([*"   ab\n\r'é한e\u0301\ufeff\u2003", "long" * 4]), max_size=40).map("".join)
_JUNK = st.lists(st.sampled_from([b" ", b" ", b"aaa", b"\n", b"\xa4", b"\xb0", b"\x8f", b"\xed\x95"]), max_size=25)
_ENDS = re.compile(r"\r\n|\r|\n")


def by_spaces(text: str) -> Counter[str]:
    return count(b"\n" + text.encode())  # a mark that is left here is one of the middle of a file


def by_whitespace(text: str) -> Counter[str]:
    return Counter(re.findall(r"\S+", text))


def by_words(text: str) -> Counter[str]:
    classes = "".join(unicodedata.category(char)[0] if char not in "'\u2019" else "'" for char in text)
    return Counter(text[slice(*match.span())] for match in re.finditer(r"[LN][LMN]*(?:'[LN][LMN]*)*", classes))


def by_composed_spaces(text: str) -> Counter[str]:
    return by_spaces(unicodedata.normalize("NFC", text))


_RULES: list[Callable[[str], Counter[str]]] = [by_spaces, by_whitespace, by_words, by_composed_spaces]


def cut(data: bytes, encoding: Encoding, limit: LineLimit, steps: Iterable[int]) -> tuple[list[Part], bytes]:
    """Return the parts of what arrives in steps of so many bytes, and as lines what was set aside."""
    cutter, parts, set_aside, start = LineCutter(encoding, limit, 0), list[Part](), b"", 0
    for part in _fed(cutter, data, steps):
        parts.append(part)
        if not part.lines:
            set_aside += part.raw
            if part.end is not None:
                has_end = part.end < len(data) or encoding.whole_lines_size(part.raw, start)
                set_aside = set_aside[: len(set_aside) - (encoding.unit if has_end else 0)]
                set_aside += "\n".encode(encoding.name)
        start += len(part.raw)
    return parts, set_aside


def _fed(cutter: LineCutter, data: bytes, steps: Iterable[int]) -> Iterator[Part]:
    start = 0
    for step in steps:
        yield from cutter.feed(data[start : start + step])
        start += step
    yield from cutter.feed(data[start:])
    yield from cutter.finish()


def _check(data: bytes, encoding: Encoding, limit: LineLimit, steps: Iterable[int]) -> None:
    parts, set_aside = cut(data, encoding, limit, steps)
    found, position = b"", 0
    for part in parts:
        assert len(part.lines) in {0, len(part.raw)}
        if part.lines:
            assert (part.start, part.end) == (position, position + len(part.raw))
            text = encoding.normalized(part.lines, position)
            found += b"\n" * text.startswith(lines.BOM) + text
        position += len(part.raw)
    longest = limit.most(encoding) + encoding.unit - 1
    assert b"".join(part.raw for part in parts) == data
    assert all(len(line) <= longest for part in parts for line in _lines(part.lines, encoding))
    whole = encoding.normalized(data, 0).decode("utf-8", "replace")
    pieces = found.decode("utf-8", "replace")
    aside = encoding.to_utf8(set_aside, 0).decode("utf-8", "replace")
    if parts and not parts[0].lines:
        aside = aside.removeprefix("\ufeff")
    for rule in _RULES:
        aside = encoding.to_utf8(set_aside, 0).decode("utf-8", "replace")
        assert rule(pieces) + rule(aside.removeprefix("\ufeff") if parts and not parts[0].lines else aside) == rule(
            whole
        )


def _lines(data: bytes, encoding: Encoding) -> list[bytes]:
    units = [data[at : at + encoding.unit] for at in range(0, len(data), encoding.unit)]
    ends = {text.encode(encoding.name) for text in "\r\n"}
    return b"".join(b"\0\0\0\0\0" if unit in ends else unit for unit in units).split(b"\0\0\0\0\0")


@given(_TEXT, st.sampled_from(_NAMES), st.integers(8, 24), st.lists(st.integers(1, 40), max_size=9))
@example("\ufeff " + "x" * 30 + " b\n", "utf-8", 8, [])  # a mark is nothing that could be left of a cut
@example("x" * 30 + " \nb", "utf-8", 8, [31])  # whether the space is a cut is known with the next bytes
@example("\u2003\u0100" * 20 + " b", "utf-16-le", 8, [])  # the bytes of a space, in two characters
def test_what_is_cut_and_what_is_set_aside_are_the_words_of_the_line(
    text: str, name: str, size: int, steps: list[int]
) -> None:
    _check(text.encode(name, "ignore"), Encoding(name), LineLimit(size), steps)


@given(_JUNK, st.sampled_from(_NAMES[:4]), st.integers(8, 12), st.lists(st.integers(1, 9), max_size=9))
def test_bytes_that_are_no_text_keep_their_words_too(junk: list[bytes], name: str, size: int, steps: list[int]) -> None:
    _check(b"".join(junk) + b"\n\n\n", Encoding(name), LineLimit(size), steps)


@given(_TEXT, st.integers(8, 24), st.lists(st.integers(1, 40), max_size=9), st.integers(0, 60))
def test_the_pieces_are_the_same_however_a_line_arrives(text: str, size: int, steps: list[int], again: int) -> None:
    """Also if the cutter goes on where another one has searched."""
    data, limit, encoding = text.encode(), LineLimit(size), Encoding()
    whole, _ = cut(data, encoding, limit, [])
    first = LineCutter(encoding, limit, 0)
    parts = [part for part in first.feed(data[:again]) if part.end is not None]
    position = (parts[-1].end if parts else 0) or 0
    searched = min(again, len(data))
    second = LineCutter(encoding, limit, position, searched, lambda size, offset: data[offset : offset + size])
    parts += [part for part in _fed(second, data[searched:], steps) if part.end is not None]

    assert b"".join(part.lines for part in parts) == b"".join(part.lines for part in whole)
    assert [part.start for part in parts if not part.lines] == sorted({part.start for part in whole if not part.lines})


@pytest.mark.parametrize(
    ("line", "size", "expected"),
    [
        (b"one two three\n", 7, [b"one two\n", b"three\n"]),
        (b"a  b\n", 3, [b"a  b\n"]),
        (b"a  bc\n", 3, [b"a \n", b"bc\n"]),
        (b"     \n", 2, [b"  \n", b"  \n"]),
        (b"longword b\n", 4, [b"b\n"]),
        (b"b longword\n", 4, [b"b\n"]),
        (b"longword \nb\n", 4, [b"b\n"]),
        (b"one two", 3, [b"one\n", b"two"]),
    ],
)
def test_a_line_is_cut_at_the_last_space_that_fits(line: bytes, size: int, expected: list[bytes]) -> None:
    cutter = LineCutter(Encoding(), LineLimit(size), 100)  # not at the start of a file, where a mark may be
    parts = [*cutter.feed(line), *cutter.finish()]

    assert b"".join(part.lines for part in parts).splitlines(keepends=True) == expected


def test_a_line_that_must_not_be_cut_is_set_aside_to_its_end() -> None:
    parts, set_aside = cut(b"a b\none two three\nc d\n", Encoding(), LineLimit(6, cuts=False), [])

    assert b"".join(part.lines for part in parts) == b"a b\nc d\n"
    assert set_aside == b"one two three\n"


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_long_word_ends_at_its_space_wherever_what_arrives_is_cut(name: str) -> None:
    data = f"{'x' * 30} be or\n".encode(name)
    for first in range(len(data)):
        parts, _ = cut(data, Encoding(name), LineLimit(28), [first])
        assert b"".join(part.lines for part in parts).decode(name) == "be or\n"


@pytest.mark.parametrize("name", ["utf-16-le", "utf-32-be"])
def test_a_line_end_that_arrives_in_two_parts_ends_the_line_at_once(name: str) -> None:
    data = "one\n".encode(name)
    cutter = LineCutter(Encoding(name), LineLimit(50), 0)

    assert [*cutter.feed(data[:-1])] == []
    assert [part.lines for part in cutter.feed(data[-1:])] == [data]


@pytest.mark.parametrize("name", ["iso2022_kr", "iso2022_jp", "hz", "utf-7"])
def test_where_a_byte_depends_on_those_before_it_no_line_is_cut(name: str) -> None:
    parts, set_aside = cut(b"one two\nthree\n", Encoding(name), LineLimit(5), [])

    assert (b"".join(part.lines for part in parts), set_aside) == (b"three\n", b"one two\n")
