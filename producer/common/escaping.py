r"""Escapes text for a terminal: the characters that would control it, and those that nobody would see. Pure: no I/O.

Each function escapes more than the one before it, as Python writes the character in a string: ``\x1b``, ``\u202e``.
"""

import unicodedata

#: Characters that change the direction of the text around them.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Characters that are not seen, though Unicode counts them as letters, marks or signs: fillers, joiners and variation
#: selectors.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
#: The most combining marks over one letter. No script has more, and a terminal gives a thousand a line of their own.
_MOST_MARKS = 8


def escape_controls(text: str) -> str:
    r"""Return lines without terminal commands: control characters and changes of direction are escaped.

    >>> escape_controls("\x1b[2J\tword: 1\n")
    '\\x1b[2J\\tword: 1\n'
    """
    if text.isprintable():
        return text
    return "".join(_escape(char) if char != "\n" and _commands_terminal(char) else char for char in text)


def escape_unprintable(text: str) -> str:
    r"""Return text as one line: every character that Python does not call printable is escaped, line ends too.

    >>> escape_unprintable("a\nb\u200b")
    'a\\nb\\u200b'
    """
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def escape_invisible(text: str) -> str:
    r"""Return text as one line in which every character is seen: fillers and marks over nothing are escaped as well.

    >>> escape_invisible("\x1b[2J"), escape_invisible("a\u202eb\u200b"), escape_invisible("\u0301")
    ('\\x1b[2J', 'a\\u202eb\\u200b', '\\u0301')
    """
    parts = []
    marks_left = 0  # none where there is no visible character for a mark to be over
    for char in text:
        is_seen = char.isprintable() and char not in _INVISIBLE
        if unicodedata.category(char).startswith("M"):
            is_seen = is_seen and marks_left > 0
            marks_left -= is_seen
        else:
            marks_left = _MOST_MARKS if is_seen and char != " " else 0
        parts.append(char if is_seen else _escape(char))
    return "".join(parts)


def _commands_terminal(char: str) -> bool:
    return unicodedata.category(char) == "Cc" or char in _DIRECTIONS


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
