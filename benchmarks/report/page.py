"""The page docs/benchmarks.md and its plots: what is quicker first, then every figure beside its peers."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from benchmarks.data import CHECKOUT
from benchmarks.report.plot import Axis, plot
from benchmarks.report.table import table, when, write_between_marks
from benchmarks.results import Point, Result, Series
from benchmarks.rows.bulk_peers import NOT_PREPARED, PREPARED, SECONDS
from benchmarks.rows.online import CORES, FIRST_ANSWER, P50, P95, STEADY
from benchmarks.topic_to_topic.systems import TRIGGERS, ours

_DOCS = CHECKOUT / "docs"
_PAGE = _DOCS / "benchmarks.md"
_ROWS = ("wordcount-online", "bulk-peers")
_SERVING = ("viewers", "page-latency", "slow-viewers")
_OURS = {PREPARED, NOT_PREPARED, *(ours(trigger) for trigger in TRIGGERS)}


class _Shown(NamedTuple):
    """How the figures of a plot are shown: a heading, its axis, how a figure is written, and the name of a drawing."""

    title: str
    x: Axis
    text: Callable[[float], str]
    drawing: str | None = None


def _rate(value: float) -> str:
    return f"{value:,.0f}"


def _size(value: float) -> str:
    return f"{value / 1e6:,.0f} MB" if value < 1e9 else f"{value / 1e9:.2g} GB"


def _milliseconds(value: float) -> str:
    return f"{value:,.0f} ms"


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


_RATE = Axis("words per second", _rate)
_SHOWN = {
    P50: _Shown("Topic to topic: the median latency", _RATE, _milliseconds, "latency-p50.svg"),
    P95: _Shown("Topic to topic: the 95th percentile", _RATE, _milliseconds, "latency-p95.svg"),
    SECONDS: _Shown("A whole text: the time", Axis("size of the text", _size), _seconds, "text-time.svg"),
    FIRST_ANSWER: _Shown("From the launch to the first count", _RATE, _seconds),
    STEADY: _Shown("From the launch to a steady latency", _RATE, _seconds),
    CORES: _Shown("Cores in use", _RATE, lambda value: f"{value:.2f}"),
}
_COMPARED = (P50, P95, SECONDS, FIRST_ANSWER, STEADY)  # less is better


def write_page(results: Mapping[str, Result]) -> None:
    """Write the plots, and the figures between the marks of the page."""
    mine, serving = ({name: results[name] for name in names if name in results} for names in (_ROWS, _SERVING))
    series = [one for result in mine.values() for one in result.series]
    if not series:
        return
    for name, shown in _SHOWN.items():
        chosen = [one for one in series if one.plot == name]
        if shown.drawing and chosen:
            (_DOCS / shown.drawing).write_text(plot(shown.title, shown.x, shown.text, chosen), "utf-8")
    parts = [figures(series)]
    if serving:
        parts.append(f"## The page of a stream\n\n{table(serving.values())}")
    write_between_marks(_PAGE, "\n".join([*parts, when(mine | serving)]))


def figures(series: Sequence[Series]) -> str:
    """Return the comparisons, plots and tables in Markdown."""
    lost, won = comparisons(series)
    parts = ["## Where another program is quicker", "", *(lost or ["Nowhere."]), ""]
    parts += ["## Where this one is", "", *(won or ["Nowhere."]), ""]
    for name, shown in _SHOWN.items():
        chosen = [one for one in series if one.plot == name]
        if not chosen:
            continue
        parts += [f"## {shown.title}", ""]
        if shown.drawing:
            parts += [f"![{shown.title}]({shown.drawing})", ""]
        parts += [*_table(chosen, shown), ""]
    return "\n".join(parts)


def comparisons(series: Sequence[Series]) -> tuple[list[str], list[str]]:
    """Return where a peer is quicker than the best of ours, the farthest first, and where none is, as list items."""
    lost: list[tuple[float, str]] = []
    won: list[tuple[float, str]] = []
    for name in _COMPARED:
        chosen = [one for one in series if one.plot == name]
        for at in sorted({point.at for one in chosen for point in one.points}):
            mine, theirs = (_best(chosen, at, own=own) for own in (True, False))
            if mine is None and theirs is None:
                continue
            times, text = _compare(_SHOWN[name], at, mine, theirs)
            (lost if times > 1 else won).append((times, text))
    lost.sort(key=lambda item: -item[0])
    won.sort(key=lambda item: item[0])
    return [text for _, text in lost], [text for _, text in won]


_Best = tuple[float, str]


def _best(series: Sequence[Series], at: float, *, own: bool) -> _Best | None:
    """Return the lowest figure at a place of ours or of the others, with the name that it belongs to."""
    found = [
        (point.middle, one.name)
        for one in series
        if (one.name in _OURS) == own
        for point in one.points
        if point.at == at and not point.failed
    ]
    return min(found, default=None)


def _compare(shown: _Shown, at: float, mine: _Best | None, theirs: _Best | None) -> tuple[float, str]:
    """Return how many times the peer's figure ours is, and the sentence that says it."""
    place = f"{shown.title}, {shown.x.text(at)}" + (f" {shown.x.name}" if shown.x is _RATE else "")
    if mine is None or theirs is None:
        alone = mine or theirs
        assert alone is not None
        sentence = f"- {place}: only {alone[1]} keeps up ({shown.text(alone[0])})."
        return (float("inf") if mine is None else 0.0), sentence
    times = mine[0] / theirs[0] if theirs[0] else float("inf") if mine[0] else 1.0
    first, second = (theirs, mine) if times > 1 else (mine, theirs)
    factor = f", {max(times, 1 / times):.1f} times less" if 0 < times < float("inf") else ""
    return times, f"- {place}: {first[1]} {shown.text(first[0])}, {second[1]} {shown.text(second[0])}{factor}."


def _table(series: Sequence[Series], shown: _Shown) -> list[str]:
    """Return a table with a row for each program and a column for each place."""
    places = sorted({point.at for one in series for point in one.points})
    rows = [[shown.x.name, *(shown.x.text(at) for at in places)]]
    for one in series:
        found = {point.at: point for point in one.points}
        rows.append([one.name, *(_cell(found.get(at), shown.text) for at in places)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    return [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]


def _cell(point: Point | None, text: Callable[[float], str]) -> str:
    """Return the median of a point with its spread."""
    if point is None:
        return "-"
    spread = f" ({text(point.low)} to {text(point.high)})" if point.low != point.high else ""
    return f"{text(point.middle)}{spread}" + (", falls behind" if point.failed else "")
