"""The page that is made from the results."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.report import page
from benchmarks.report.page import comparisons, figures
from benchmarks.results import Point, Result, Series, point

_SERIES = [
    Series("p50", "wordcount 0s", [point(1000, [200, 240, 220]), point(200_000, [400])]),
    Series("p50", "Pathway", [point(1000, [20, 22, 21]), point(200_000, [9000], failed=True)]),
    Series("p50", "Flink", [point(1000, [50])]),
    Series("seconds", "wordcount batch", [point(220_000_000, [10])]),
    Series("seconds", "mawk", [point(220_000_000, [20])]),
]


def test_the_farthest_behind_comes_first_and_the_best_peer_counts() -> None:
    lost, won = comparisons([*_SERIES, Series("seconds", "DuckDB", [point(2.2e9, [10])]),
                             Series("seconds", "wordcount batch", [point(2.2e9, [30])])])  # fmt: skip

    assert [text.partition(":")[0] for text in lost] == ["- Topic to topic", "- A whole text"]
    assert lost[0].endswith("1,000 words per second: Pathway 21 ms, wordcount 0s 220 ms, 10.5 times less.")
    assert lost[1].endswith("2.2 GB: DuckDB 10.0 s, wordcount batch 30.0 s, 3.0 times less.")
    assert [text for text in won if "only wordcount 0s keeps up (400 ms)" in text]
    assert [text for text in won if "220 MB: wordcount batch 10.0 s, mawk 20.0 s, 2.0 times less" in text]


def test_a_table_has_the_spread_and_says_who_falls_behind() -> None:
    text = figures(_SERIES)

    assert "| wordcount 0s     | 220 ms (200 ms to 240 ms) | 400 ms" in text
    assert "9,000 ms, falls behind" in text
    assert "| Flink            | 50 ms                     | -" in text
    assert "![Topic to topic: the median latency](latency-p50.svg)" in text


def test_results_are_read_as_they_were_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "FILE", tmp_path / "results.json")
    line = results.Line("work", "peer", "1 s; 2 s", "0.5x", "-", None)
    stored = {"row": Result("2026-11-28", "this one", [line], _SERIES, "a trial")}
    results.save(stored)

    assert results.load() == stored


def test_older_results_are_read() -> None:
    stored = {
        "day": "2026-11-23",
        "machine": "m",
        "lines": [asdict(results.Line("w", "p", "m", "r", "g", reached=True))],
    }
    assert results._result(json.loads(json.dumps(stored))).series == []


def test_the_page_shows_what_the_results_hold() -> None:
    text = page._PAGE.read_text("utf-8")
    held = {name: result for name, result in results.load().items() if name in page._ROWS}
    series = [one for result in held.values() for one in result.series]

    assert not series or figures(series) in text


def test_the_points_of_runs() -> None:
    assert point(1, [3, 1, 2]) == Point(1, 2, 1, 3)
