"""What the options of both commands have in common."""

from collections.abc import Callable
from typing import Any

import typer

from producer.common.arguments import LARGEST

#: What ``option`` takes for a whole number.
WHOLE_NUMBER = {"min": 1, "max": LARGEST, "metavar": "N"}


def option(name: str, text: str, *, parse: Callable[[str, str], Any] | None = None, **more: Any) -> Any:
    """Return an option that can also come from the environment, as ``WORDCOUNT_NAME``.

    Args:
        name: the option, without dashes.
        text: its help.
        parse: makes the value of a text; it is called with the text and the option's name, for its message.
        more: what else ``typer.Option`` takes.
    """
    flag = f"--{name}"
    if parse is not None:
        more["parser"] = lambda value: parse(value, flag) if isinstance(value, str) else value  # a default is a value
    return typer.Option(flag, help=text, envvar=f"WORDCOUNT_{name.upper().replace('-', '_')}", **more)
