"""A pattern that Java does not get done with is named, and one that is only slow is not."""

import pytest

from streaming.counting import pattern_watch
from streaming.counting.pattern_watch import PatternWatch, patterns_of
from streaming.counting.rules import LineTime, Windows, WordRule


class _Tasks:
    """Tasks that have read so many lines, and are at a pattern or not."""

    def __init__(self) -> None:
        self.lines: int | None = 1
        self.matches = True

    def progress(self) -> int | None:
        return self.lines

    def is_matching(self) -> bool:
        return self.matches


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(pattern_watch.time, "monotonic", lambda: now[0])
    return now


def polled(watch: PatternWatch, seconds: list[float], number: int) -> None:
    for _ in range(number):
        watch.poll()
        seconds[0] += 1


def test_it_names_the_patterns_once_until_lines_are_counted_again(seconds: list[float]) -> None:
    tasks, said = _Tasks(), list[str]()
    watch = PatternWatch({"--regex": "(a+)+$", "--match": "b"}, tasks, said.append)
    polled(watch, seconds, 30)
    assert said == []
    polled(watch, seconds, 100)
    assert len(said) == 1
    assert "no line was counted for 30 s" in said[0]
    assert "the pattern of --regex '(a+)+$' or --match 'b'" in said[0]
    tasks.lines = 2
    polled(watch, seconds, 100)
    assert len(said) == 2


def test_it_is_silent_while_lines_are_counted_or_nothing_is(seconds: list[float]) -> None:
    tasks, said = _Tasks(), list[str]()
    watch = PatternWatch({"--regex": "a"}, tasks, said.append)
    for number in range(100):
        tasks.lines = number // 20
        polled(watch, seconds, 1)
    tasks.lines = None
    polled(watch, seconds, 100)
    assert said == []


def test_it_is_silent_where_something_else_takes_the_time(seconds: list[float]) -> None:
    tasks, said = _Tasks(), list[str]()
    watch = PatternWatch({"--regex": "a"}, tasks, said.append)
    for number in range(100):
        tasks.matches = number % 3 > 0  # at a pattern now and then
        polled(watch, seconds, 1)
    assert said == []


def test_each_option_with_a_pattern_of_the_user_is_known() -> None:
    rule = WordRule(regex="a", match="b", not_match="c")
    windows = Windows(60, 60, LineTime("yyyy", "d"))
    expected = {"--regex": "a", "--match": "b", "--not-match": "c", "--time-regex": "d"}
    assert patterns_of(rule, windows) == expected
    assert patterns_of(WordRule(split="words"), Windows(60, 60, LineTime("iso"))) == {}
