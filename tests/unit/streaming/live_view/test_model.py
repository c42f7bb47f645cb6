"""What the live view shows, without a terminal."""

from streaming.live_counts.counts import CountedBefore, Counts, Progress
from streaming.live_view.controls import Controls
from streaming.live_view.layout import View
from streaming.live_view.model import Model, header
from streaming.spark.metrics import BatchTotals, PreviousBatch

NOW = 1000.0
WIDTH, TABLE_ROWS = 80, 10


class Shown:
    """A live view and what it shows."""

    def __init__(self, before: CountedBefore, now: float, most_rows: int | None = None) -> None:
        self.counts = Counts(before, now, most_rows)
        self.update = self.counts.update
        self._model = Model()

    def view(self, now: float, controls: Controls, progress: Progress, width: int, table_rows: int) -> View:
        return self._model.view(self.counts, now, controls, progress, width, table_rows)

    def header(self, now: float, progress: Progress) -> list[str]:
        return header(self.counts, now, progress)


def words(model: Shown, now: float = NOW, table_rows: int = TABLE_ROWS, **chosen: object) -> list[tuple[str, int]]:
    """Return what is shown of words, and their counts."""
    controls = Controls(**chosen)  # type: ignore[arg-type]
    return [(row.word, row.total) for row in model.view(now, controls, Progress(), WIDTH, table_rows).rows]


def updated(
    model: Shown, now: float = NOW, lines: int = 1, previous: PreviousBatch | None = None, **counts: int
) -> Shown:
    model.update(
        list(counts.items()), BatchTotals(lines, sum(counts.values()), len(counts)), previous or PreviousBatch(), now
    )
    return model


def test_words_counted_before_are_shown() -> None:
    model = Shown(CountedBefore({"b": 9, "a": 3}, 12, 2), NOW)
    assert words(model) == [("b", 9), ("a", 3)]
    assert model.header(NOW, Progress()) == ["0 new lines (0/s)", "0 new of 12 words (0/s)", "2 distinct"]
    updated(model, a=10)
    assert words(model) == [("a", 10), ("b", 9)]
    assert model.header(NOW, Progress())[1].startswith("10 new of 22 words")


def test_as_many_words_are_shown_as_fit_or_as_are_chosen() -> None:
    model = updated(Shown(CountedBefore(), NOW), a=1, b=2, c=3)
    assert words(model, table_rows=2) == [("c", 3), ("b", 2)]
    assert words(model, rows=1) == [("c", 3)]
    assert (
        len(Shown(CountedBefore({f"w{number}": 1 for number in range(700)}, 700, 700), NOW, 600).counts.top.rows) == 600
    )


def test_by_rate_the_words_of_now_come_before_the_most_frequent() -> None:
    model = Shown(CountedBefore({"old": 900, "older": 800}, 1700, 2), NOW - 100)
    updated(model, NOW - 1, fast=50, faster=60)
    assert words(model, by_rate=True) == [("faster", 60), ("fast", 50), ("old", 900), ("older", 800)]
    assert words(model, by_rate=True, table_rows=3) == [("faster", 60), ("fast", 50), ("old", 900)]


def test_a_paused_view_changes_only_by_what_is_chosen() -> None:
    model = updated(Shown(CountedBefore(), NOW), a=2, b=1)
    assert words(model, is_paused=True) == [("a", 2), ("b", 1)]
    updated(model, NOW + 1, a=3, b=9)
    paused = model.view(NOW + 2, Controls(is_paused=True), Progress(), WIDTH, TABLE_ROWS)
    assert [(row.word, row.total, row.last_minute) for row in paused.rows] == [("a", 2, 2), ("b", 1, 1)]
    assert paused.header[0].startswith("1 new lines")
    assert words(model, NOW + 2, is_paused=True, search="b") == [("b", 1)]
    assert words(model, NOW + 3) == [("b", 9), ("a", 3)]


def test_a_search_finds_words_as_they_are_and_as_they_are_shown() -> None:
    model = updated(Shown(CountedBefore(), NOW), **{"error": 3, "\x1b[31merror": 2, "warn": 9})
    assert words(model, search="err") == [("error", 3), ("\x1b[31merror", 2)]
    assert words(model, search="\\x1b") == [("\x1b[31merror", 2)]
    assert words(model, search="none") == []
    updated(model, NOW + 1, errors=7)
    assert ("errors", 7) in words(model, NOW + 5, search="err")


def test_the_rates_of_the_header_are_those_of_the_last_ten_seconds() -> None:
    model = Shown(CountedBefore(), NOW)
    for second in range(1, 31):
        updated(model, NOW + second, lines=second, a=second)
        model.view(NOW + second, Controls(), Progress(), WIDTH, TABLE_ROWS)
    lines = sum(range(21, 31))
    assert model.header(NOW + 30, Progress())[0] == f"{sum(range(31))} new lines ({lines / 10:.0f}/s)"


def test_the_header_shows_how_far_the_stream_is() -> None:
    model = updated(Shown(CountedBefore(), NOW), previous=PreviousBatch(1.25, 7), a=1)
    assert model.header(NOW, Progress())[3:] == ["lag 7 records", "batch 1.2 s"]
    assert model.header(NOW, Progress(1, 0.5))[3:] == ["lag 0.5 s", "lag 7 records", "batch 1.2 s", "1 file"]
    assert model.header(NOW, Progress(2000, 0.0))[-1] == "2,000 files"


def test_new_words_are_shown_after_the_first_minute() -> None:
    model = updated(Shown(CountedBefore(), NOW), a=1)
    assert model.view(NOW + 59, Controls(), Progress(), WIDTH, TABLE_ROWS).new == ["(after the first minute)"]
    updated(model, NOW + 61, b=1)
    assert model.view(NOW + 65, Controls(), Progress(), WIDTH, TABLE_ROWS).new == ["b"]
