"""Awkward inputs and the counts they must give on every path; every line of it written by hand."""

from typing import NamedTuple


class Golden(NamedTuple):
    name: str
    data: bytes
    counts: dict[str, int]


GOLDEN = [
    Golden("plain", b"to be or\nnot to be\n", {"to": 2, "be": 2, "or": 1, "not": 1}),
    Golden("empty line", b"a\n\nb\n", {"a": 1, "b": 1}),
    Golden("two spaces", b"a  b\n", {"a": 1, "": 1, "b": 1}),
    Golden("leading space", b" a\n", {"": 1, "a": 1}),
    Golden("trailing space", b"a \n", {"a": 1, "": 1}),
    Golden("only a space", b" \n", {"": 2}),
    Golden("tab", b"a\tb\tc d\n", {"a\tb\tc": 1, "d": 1}),
    Golden("carriage return and newline", b"a b\r\nb c\r\n", {"a": 1, "b": 2, "c": 1}),
    Golden("lone carriage return", b"a b\rc\r\rd", {"a": 1, "b": 1, "c": 1, "d": 1}),
    Golden("mixed line ends", b"a\r\n\nb\r\rc\n\r\nd\n", {"a": 1, "b": 1, "c": 1, "d": 1}),
    Golden("other separators are no line ends", b"a\x0bb\x0cc\xc2\x85d\xe2\x80\xa8e\n", {"a\x0bb\x0cc\x85d\u2028e": 1}),
    Golden("no last newline", b"a b\nc", {"a": 1, "b": 1, "c": 1}),
    Golden("byte order mark", b"\xef\xbb\xbfa b\na\n", {"a": 2, "b": 1}),
    Golden("byte order mark alone on its line", b"\xef\xbb\xbf\nb\n", {"b": 1}),
    Golden("two byte order marks", b"\xef\xbb\xbf\xef\xbb\xbfa\n", {"\ufeffa": 1}),
    Golden("byte order mark in the middle", b"a\n\xef\xbb\xbfb\n", {"a": 1, "\ufeffb": 1}),
    Golden("bytes that are no UTF-8", b"\xff a\xfe\xfd b\xc3\n", {"\ufffd": 1, "a\ufffd\ufffd": 1, "b\ufffd": 1}),
    Golden("cut sequences", b"\xe2\x82 \xf0\x9f\x98 \xed\xa0\x80\n", {"\ufffd": 2, "\ufffd\ufffd\ufffd": 1}),
    Golden("overlong sequence", b"\xc0\x80\n", {"\ufffd\ufffd": 1}),
    Golden("NUL", b"a\x00b \x00\n", {"a\x00b": 1, "\x00": 1}),
    Golden("Korean", "한국어 단어 한국어\n".encode(), {"한국어": 2, "단어": 1}),
    Golden("combining characters are not composed", "e\u0301 é\n".encode(), {"e\u0301": 1, "é": 1}),
    Golden("emoji", "👍 👩\u200d🚀 👍\n".encode(), {"👍": 2, "👩\u200d🚀": 1}),
    Golden("no-break space is no space", "a\u00a0b c\n".encode(), {"a\u00a0b": 1, "c": 1}),
    Golden("upper and lower case differ", b"The the THE\n", {"The": 1, "the": 1, "THE": 1}),
    Golden("quotes and commas", b"\"a\" b,c \\ 'd'\n", {'"a"': 1, "b,c": 1, "\\": 1, "'d'": 1}),
    Golden("colons", b"a: 1 b: 2\n", {"a:": 1, "1": 1, "b:": 1, "2": 1}),
    Golden("a word of 1 MB", b"x" * (1 << 20) + b" y\n", {"x" * (1 << 20): 1, "y": 1}),
    Golden("empty file", b"", {}),
    Golden("one newline", b"\n", {}),
]
