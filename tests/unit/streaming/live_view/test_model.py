"""What is on the board, without a terminal."""

from streaming.live_view.controls import Controls
from streaming.live_view.model import Before, Board, Progress
from streaming.spark.progress import Former, Totals

NOW = 1000.0
WIDTH, ROOM = 80, 10


def words(board: Board, now: float = NOW, room: int = ROOM, **chosen: object) -> list[tuple[str, int]]:
    """Return what is shown of words, and their counts."""
    controls = Controls(**chosen)  # type: ignore[arg-type]
    return [(row.word, row.total) for row in board.seen(now, controls, Progress(), WIDTH, room).rows]


def updated(board: Board, now: float = NOW, lines: int = 1, former: Former | None = None, **counts: int) -> Board:
    board.update(list(counts.items()), Totals(lines, sum(counts.values()), len(counts)), former or Former(), now)
    return board


def test_what_was_counted_before_is_there() -> None:
    board = Board(Before({"b": 9, "a": 3}, 12, 2), NOW)
    assert words(board) == [("b", 9), ("a", 3)]
    assert board.head(NOW, Progress()) == ["0 new lines (0/s)", "0 new of 12 words (0/s)", "2 distinct"]
    updated(board, a=10)
    assert words(board) == [("a", 10), ("b", 9)]
    assert board.head(NOW, Progress())[1].startswith("10 new of 22 words")


def test_as_many_words_as_there_is_room_for_or_as_are_chosen() -> None:
    board = updated(Board(Before(), NOW), a=1, b=2, c=3)
    assert words(board, room=2) == [("c", 3), ("b", 2)]
    assert words(board, rows=1) == [("c", 3)]
    assert len(Board(Before({f"w{number}": 1 for number in range(700)}, 700, 700), NOW, 600).rows) == 600


def test_by_rate_those_come_first_that_come_now_and_then_the_most_frequent() -> None:
    board = Board(Before({"old": 900, "older": 800}, 1700, 2), NOW - 100)
    updated(board, NOW - 1, fast=50, faster=60)
    assert words(board, by_rate=True) == [("faster", 60), ("fast", 50), ("old", 900), ("older", 800)]
    assert words(board, by_rate=True, room=3) == [("faster", 60), ("fast", 50), ("old", 900)]


def test_a_picture_that_is_held_changes_in_nothing_but_what_is_chosen() -> None:
    board = updated(Board(Before(), NOW), a=2, b=1)
    assert words(board, paused=True) == [("a", 2), ("b", 1)]
    updated(board, NOW + 1, a=3, b=9)
    held = board.seen(NOW + 2, Controls(paused=True), Progress(), WIDTH, ROOM)
    assert [(row.word, row.total, row.change) for row in held.rows] == [("a", 2, 2), ("b", 1, 1)]
    assert held.head[0].startswith("1 new lines")
    assert words(board, NOW + 2, paused=True, part="b") == [("b", 1)]
    assert words(board, NOW + 3) == [("b", 9), ("a", 3)]


def test_words_are_found_as_they_are_and_as_they_are_shown() -> None:
    board = updated(Board(Before(), NOW), **{"error": 3, "\x1b[31merror": 2, "warn": 9})
    assert words(board, part="err") == [("error", 3), ("\x1b[31merror", 2)]
    assert words(board, part="\\x1b") == [("\x1b[31merror", 2)]
    assert words(board, part="none") == []
    updated(board, NOW + 1, errors=7)
    assert ("errors", 7) in words(board, NOW + 5, part="err")


def test_the_rates_of_the_head_are_those_of_the_last_ten_seconds() -> None:
    board = Board(Before(), NOW)
    for second in range(1, 31):
        updated(board, NOW + second, lines=second, a=second)
        board.seen(NOW + second, Controls(), Progress(), WIDTH, ROOM)
    lines = sum(range(21, 31))
    assert board.head(NOW + 30, Progress())[0] == f"{sum(range(31))} new lines ({lines / 10:.0f}/s)"


def test_how_the_stream_gets_on() -> None:
    board = updated(Board(Before(), NOW), former=Former(1.25, 7), a=1)
    assert board.head(NOW, Progress())[3:] == ["lag 7 records", "batch 1.2 s"]
    assert board.head(NOW, Progress(1, 0.5))[3:] == ["lag 0.5 s", "lag 7 records", "batch 1.2 s", "1 file"]
    assert board.head(NOW, Progress(2000, 0.0))[-1] == "2,000 files"


def test_what_is_new_is_told_after_a_minute() -> None:
    board = updated(Board(Before(), NOW), a=1)
    assert board.seen(NOW + 59, Controls(), Progress(), WIDTH, ROOM).new == ["(after the first minute)"]
    updated(board, NOW + 61, b=1)
    assert board.seen(NOW + 65, Controls(), Progress(), WIDTH, ROOM).new == ["b"]
