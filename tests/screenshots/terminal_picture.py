"""What a terminal shows, as an SVG."""

import re
from io import StringIO
from itertools import groupby

import pyte
from rich.console import Console
from rich.style import Style
from rich.text import Text

_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # they would be loaded from elsewhere
_COLORS = {"brown": "yellow", "default": None}  # what pyte calls otherwise


def svg(screen: pyte.Screen, title: str) -> str:
    """Return a picture of a screen.

    Args:
        screen: the cells that the terminal shows.
        title: what stands above them.
    """
    console = Console(record=True, width=screen.columns, file=StringIO(), force_terminal=True, color_system="truecolor")
    for number in range(screen.lines):
        line = Text()
        cells = [screen.buffer[number][column] for column in range(screen.columns)]
        for style, same in groupby(cells, key=_style):
            line.append("".join(cell.data for cell in same), style)
        console.print(line, no_wrap=True, overflow="crop", crop=True)
    return _FONTS.sub("", console.export_svg(title=title))


def _style(cell: pyte.screens.Char) -> Style:
    return Style(
        color=_color(cell.fg), bgcolor=_color(cell.bg), bold=cell.bold, reverse=cell.reverse, underline=cell.underscore
    )


def _color(name: str) -> str | None:
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    return _COLORS.get(name, re.sub("^bright(?=[a-z])", "bright_", name))
