"""The plots that the benchmarks draw."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from benchmarks.report.plot import Axis, plot, ticks
from benchmarks.results import Point, Series

_AXES = Axis("words per second", "{:,.0f}".format), "{:.0f} ms".format
_SVG = "{http://www.w3.org/2000/svg}"


def _drawn(*series: Series) -> ET.Element:
    return ET.fromstring(plot("Latency <p50>", *_AXES, series))


def _texts(root: ET.Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{_SVG}text")]


def test_a_plot_shows_its_title_axes_and_names() -> None:
    texts = _texts(_drawn(Series("p50", "one & all", [Point(1000, 30, 20, 40), Point(20_000, 60, 50, 70)])))

    assert {"Latency <p50>", "words per second", "one & all", "1,000", "20,000", "20 ms", "100 ms"} <= set(texts)


def test_a_higher_figure_stands_higher() -> None:
    root = _drawn(Series("p50", "a", [Point(1, 10, 10, 10), Point(10, 100, 100, 100)]))
    (left, low), (right, high) = [
        (float(circle.attrib["cx"]), float(circle.attrib["cy"])) for circle in root.iter(f"{_SVG}circle")
    ]

    assert left < right
    assert low > high


def test_what_could_not_keep_up_is_left_out() -> None:
    root = _drawn(
        Series("p50", "a", [Point(1, 10, 10, 10), Point(2, 9000, 9000, 9000, failed=True)]),
        Series("p50", "never", [Point(1, 9000, 9000, 9000, failed=True)]),
    )

    assert len(list(root.iter(f"{_SVG}circle"))) == 1
    assert "never" not in _texts(root)


def test_names_do_not_cover_each_other() -> None:
    root = _drawn(*(Series("p50", name, [Point(1, 10, 10, 10)]) for name in "abc"))
    heights = sorted(float(text.attrib["y"]) for text in root.iter(f"{_SVG}text") if text.text in set("abc"))

    assert all(upper + 16 <= lower for upper, lower in pairwise(heights))


def test_a_plot_without_points_can_be_drawn() -> None:
    assert "Latency <p50>" in _texts(_drawn())


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(10, 10, [10]), (1, 5, [1, 2, 5]), (0.3, 1.5, [0.2, 0.5, 1, 2]), (99, 100, [50, 100])]
)
def test_ticks(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)
