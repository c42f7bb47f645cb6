"""The options of both commands: how they are declared, and how their values are parsed. Pure: no I/O."""

import re
from collections.abc import Callable
from typing import Annotated, Any

import typer

from producer.common.errors import UsageError

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)")  # more digits would not fit into Java's numbers
_BYTES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"(\d{1,7})(KiB|MiB|GiB)")

#: The largest whole number that a setting of Spark or Kafka takes.
LARGEST = 2**31 - 1


def option(name: str, text: str, *, parse: Callable[[str, str], Any] | None = None, **more: Any) -> Any:
    """Return an option that can also come from the environment, as ``WORDCOUNT_NAME``.

    Args:
        name: the option without dashes.
        text: its help.
        parse: turns a text into the value; called with the text and the option with dashes, which its messages name.
        more: what else ``typer.Option`` takes.
    """
    flag = f"--{name}"
    if parse is not None:
        more["parser"] = parser(parse, flag)
    return typer.Option(flag, help=text, envvar=f"WORDCOUNT_{name.upper().replace('-', '_')}", **more)


def examples(*commands: str) -> str:
    """Return the end of a command's help: example commands, each on a line of its own."""
    return "\n  ".join(["\b\nExamples:", *commands])  # \b keeps the help's lines as they are


def parser(parse: Callable[[str, str], Any], flag: str) -> Callable[[Any], Any]:
    """Return what typer takes as the parser of an option; ``parse`` is called with the text and the flag."""
    return lambda value: parse(value, flag) if isinstance(value, str) else value  # a default is a value already


def duration(text: str, option: str) -> float:
    """Return a duration in seconds, from text such as ``500ms``, ``1s``, ``2m``, ``1h`` or ``1d``.

    Raises:
        UsageError: ``text`` is not a number with one of these units; the message names ``option``.

    >>> duration("500ms", "--trigger")
    0.5
    >>> duration("2m", "--trigger")
    120.0
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{option} {text!r} is not a duration; give a number and a unit: 500ms, 1s, 2m, 1h or 1d")
    return float(match[1]) * _SECONDS[match[2]]


def size(text: str, option: str) -> int:
    """Return a size in bytes, up to 1 GiB, from text such as ``64KiB``, ``1MiB`` or ``1GiB``.

    Raises:
        UsageError: ``text`` is not a number with one of these units; the message names ``option``.

    >>> size("64KiB", "--max-line")
    65536
    """
    match = _SIZE.fullmatch(text.strip())
    number = int(match[1]) * _BYTES[match[2]] if match else 0
    if not 0 < number <= _BYTES["GiB"]:
        raise UsageError(f"{option} {text!r} is not a size up to 1GiB; give a number and a unit: 64KiB, 1MiB or 1GiB")
    return number


def whole_number(text: str, option: str) -> int:
    """Return the whole number in ``text``, from 1 to ``LARGEST``.

    Raises:
        UsageError: ``text`` is not such a number; the message names ``option``.

    >>> whole_number("20", "--top")
    20
    """
    number = int(text) if re.fullmatch(r"[0-9]{1,18}", text.strip()) else 0
    if not 1 <= number <= LARGEST:
        raise UsageError(f"{option} {text!r} is not a whole number from 1 to {LARGEST}; give one")
    return number


Depth = Annotated[
    int | None,
    option(
        "depth",
        "Read this many levels of folders; 1 reads no subfolders. By default all.",
        parse=whole_number,
        metavar="N",
    ),
]
SafeLinks = Annotated[
    bool, option("safe-links", "Skip symlinks that lead out of the folder. By default they are followed.")
]
MaxLine = Annotated[
    int | None,
    option(
        "max-line",
        "Cut longer lines at spaces, by default those over 1MiB. What cannot be cut is set aside, with a warning.",
        parse=size,
        metavar="SIZE",
    ),
]
#: Why the next two do not apply.
OF_LOGS = "is for logs that are followed by their names, and the input is a folder; leave it out"
Archives = Annotated[
    list[str] | None,
    option("archive", "Rotated logs go to this folder, or below; may be repeated.", metavar="DIR"),
]
RotatedNames = Annotated[
    list[str] | None,
    option("rotated", "Look only at names like this for rotated logs; may be repeated.", metavar="PATTERN"),
]


def rate(text: str, option: str) -> float:
    """Return the number in ``text``, greater than 0.

    Raises:
        UsageError: ``text`` is not such a number; the message names ``option``.

    >>> rate("0.5", "--rate")
    0.5
    """
    number = float(text) if re.fullmatch(r"\d{1,12}(\.\d{1,6})?", text.strip()) else 0.0
    if number == 0:
        raise UsageError(f"{option} {text!r} is not a number greater than 0; give lines a second, as in {option} 1000")
    return number
