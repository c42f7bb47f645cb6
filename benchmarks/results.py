"""What was measured: lines of the table and points of the plots, kept in a file between runs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Line:
    """A line of the table; ``reached`` says whether the measurement reaches the ``goal``, None if there is none."""

    work: str
    peer: str
    measured: str
    ratio: str
    goal: str
    reached: bool | None


@dataclass(frozen=True)
class Point:
    """A figure of several runs: what it was measured at, the median, the lowest and the highest.

    ``failed`` says that it could not keep up; the figures then belong to no plot.
    """

    at: float
    middle: float
    low: float
    high: float
    failed: bool = False


@dataclass(frozen=True)
class Series:
    """The points of one plot that belong to one program."""

    plot: str
    name: str
    points: Sequence[Point]


class Measured(NamedTuple):
    """What a row gives: lines of the table, and points of plots."""

    lines: Sequence[Line]
    series: Sequence[Series] = ()


@dataclass(frozen=True)
class Result:
    """The result of one row.

    Attributes:
        day: such as 2026-11-23.
        machine: the machine with its versions.
        lines: its lines of the table.
        series: its points of the plots.
        note: what was measured with other options than the defaults, or while the machine did other work.
    """

    day: str
    machine: str
    lines: Sequence[Line]
    series: Sequence[Series] = ()
    note: str = ""


def point(at: float, values: Sequence[float], *, failed: bool = False) -> Point:
    """Return the point of a figure's values in several runs.

    >>> point(1000, [3.0, 1.0, 2.0])
    Point(at=1000, middle=2.0, low=1.0, high=3.0, failed=False)
    """
    return Point(at, median(values), min(values), max(values), failed)


def load() -> dict[str, Result]:
    """Return the last results, by the name of the row."""
    if not FILE.exists():
        return {}
    return {name: _result(result) for name, result in json.loads(FILE.read_text("utf-8")).items()}


def save(results: Mapping[str, Result]) -> None:
    """Write the results for later runs."""
    content = {name: asdict(result) for name, result in results.items()}
    FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _result(stored: Mapping[str, Any]) -> Result:
    series = [
        Series(one["plot"], one["name"], [Point(**values) for values in one["points"]])
        for one in stored.get("series", ())
    ]
    lines = [Line(**line) for line in stored["lines"]]
    return Result(stored["day"], stored["machine"], lines, series, stored.get("note", ""))
