"""Plots as SVG: lines through medians, with a bar from the lowest to the highest of the runs."""

from collections.abc import Callable, Iterable, Sequence
from math import floor, log10
from typing import NamedTuple
from xml.sax.saxutils import escape

from benchmarks.results import Point, Series

_WIDTH, _HEIGHT = 800, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 190, 40, 50
#: Of Okabe and Ito: told apart by colour-blind readers, on white and on black.
_COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999")
_LABEL_GAP = 16


class Axis(NamedTuple):
    """A logarithmic axis: its name, and how a value on it is written."""

    name: str
    text: Callable[[float], str]


def plot(title: str, x: Axis, text: Callable[[float], str], series: Sequence[Series]) -> str:
    """Return a plot with two logarithmic axes.

    A point that could not keep up is left out, and so is a series without any other.

    Args:
        title: the heading.
        x: the axis of ``Point.at``.
        text: how a figure is written.
        series: a line each, in the order of the colours.
    """
    kept = [(one.name, [point for point in one.points if not point.failed]) for one in series]
    lines = [(name, points) for name, points in kept if points]
    xs = _scale([point.at for _, points in lines for point in points], _LEFT, _WIDTH - _RIGHT)
    ys = _scale([value for _, points in lines for point in points for value in (point.low, point.high)],
                _HEIGHT - _BOTTOM, _TOP)  # fmt: skip
    parts = [_text(_LEFT, _TOP - 18, title, "start", bold=True), *_grid(x, text, xs, ys)]
    places = _apart([ys.place(points[-1].middle) for _, points in lines])
    for number, ((name, points), place) in enumerate(zip(lines, places, strict=True)):
        colour = _COLOURS[number % len(_COLOURS)]
        parts += _line(points, xs, ys, colour)
        parts.append(_text(_WIDTH - _RIGHT + 10, place + 4, name, "start", colour=colour))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}"'
        f' height="{_HEIGHT}" font-family="sans-serif" font-size="13">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def ticks(low: float, high: float) -> list[float]:
    """Return the values 1, 2 and 5 times a power of ten from the last at most ``low`` to the first at least ``high``.

    >>> ticks(3, 40)
    [2.0, 5.0, 10.0, 20.0, 50.0]
    """
    power = floor(log10(low))
    steps = [factor * 10.0**exponent for exponent in range(power, floor(log10(high)) + 2) for factor in (1, 2, 5)]
    start = max(step for step in steps if step <= low * (1 + 1e-9))
    end = min(step for step in steps if step >= high * (1 - 1e-9))
    return [step for step in steps if start <= step <= end]


class _Scale(NamedTuple):
    """Where values stand: the ticks, and the places of the first and the last of them."""

    ticks: Sequence[float]
    first: float
    last: float

    def place(self, value: float) -> float:
        low, high = log10(self.ticks[0]), log10(self.ticks[-1])
        share = (log10(max(value, self.ticks[0])) - low) / (high - low) if high > low else 0.5
        return self.first + share * (self.last - self.first)


def _scale(values: Sequence[float], first: float, last: float) -> _Scale:
    known = [max(value, 0.1) for value in values] or [1.0, 10.0]
    return _Scale(ticks(min(known), max(known)), first, last)


def _grid(x: Axis, text: Callable[[float], str], xs: _Scale, ys: _Scale) -> Iterable[str]:
    for value in xs.ticks:
        at = xs.place(value)
        yield _path(f"M{at:.1f} {_TOP}V{_HEIGHT - _BOTTOM}", "#dddddd", 1)
        yield _text(at, _HEIGHT - _BOTTOM + 18, x.text(value), "middle")
    for value in ys.ticks:
        at = ys.place(value)
        yield _path(f"M{_LEFT} {at:.1f}H{_WIDTH - _RIGHT}", "#dddddd", 1)
        yield _text(_LEFT - 8, at + 4, text(value), "end")
    yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, x.name, "middle")


def _line(points: Sequence[Point], xs: _Scale, ys: _Scale, colour: str) -> Iterable[str]:
    places = [(xs.place(point.at), ys.place(point.middle)) for point in points]
    yield _path("M" + "L".join(f"{at:.1f} {height:.1f}" for at, height in places), colour, 2)
    for point, (at, height) in zip(points, places, strict=True):
        yield _path(f"M{at:.1f} {ys.place(point.low):.1f}V{ys.place(point.high):.1f}", colour, 1)
        yield f'<circle cx="{at:.1f}" cy="{height:.1f}" r="3" fill="{colour}"/>'


def _apart(places: Sequence[float]) -> list[float]:
    """Return the places of labels, moved down where two would touch."""
    moved = list(places)
    last = 0.0
    for index in sorted(range(len(moved)), key=moved.__getitem__):
        last = moved[index] = max(moved[index], last + _LABEL_GAP)
    return moved


def _path(path: str, colour: str, width: int) -> str:
    return f'<path d="{path}" stroke="{colour}" stroke-width="{width}" fill="none"/>'


def _text(x: float, y: float, text: str, anchor: str, *, colour: str = "#333333", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'
