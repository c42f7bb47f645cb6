"""How words come over time."""

import pytest

from streaming.live_view import trends
from streaming.live_view.trends import Trends

NOW = 1000.0  # the beginning of a bucket


def test_what_a_word_did_in_the_last_seconds_the_last_minute_and_before() -> None:
    seen = Trends({}, complete=True, now=NOW - 600)
    for ago in range(300, 0, -5):
        seen.update([("steady", 300 - ago)], NOW - ago)

    assert seen.rate("steady", NOW - 0.1) == pytest.approx(1, rel=0.1)
    assert seen.change("steady", NOW - 0.1) == 60
    assert seen.course("steady", NOW, 5) == seen.course("steady", NOW + 4.9, 5) == [55, 60, 60, 60, 60]
    assert seen.course("steady", NOW, 0) == []
    assert seen.change("steady", NOW + 600) == seen.change("none", NOW) == 0


def test_a_copy_is_what_it_was() -> None:
    seen = Trends({}, complete=True, now=NOW - 600)
    seen.update([("a", 1)], NOW)
    held = seen.copy()
    seen.update([("a", 3), ("b", 1)], NOW + 1)

    assert (held.counts, held.change("a", NOW + 1), held.new(NOW + 1, 9)) == ({"a": 1}, 1, ["a"])
    assert (seen.counts, seen.change("a", NOW + 1), seen.new(NOW + 1, 9)) == ({"a": 3, "b": 1}, 3, ["a", "b"])
    assert not seen.early(NOW)
    assert Trends({}, complete=True, now=NOW).early(NOW + 59)


def test_a_batch_counted_again_brings_nothing() -> None:
    seen = Trends({}, complete=True, now=NOW)
    for _ in range(2):
        seen.update([("a", 3)], NOW)

    assert seen.change("a", NOW) == 3


def test_new_words_are_those_of_the_last_minute_that_were_not_counted_before() -> None:
    seen = Trends({"old": 7}, complete=True, now=NOW)
    seen.update([("old", 8), ("b", 1), ("a", 5)], NOW)
    assert seen.new(NOW + 59, 9) == ["a", "b"]
    seen.update([("b", 9), ("c", 1)], NOW + 30)
    assert seen.new(NOW + 59, 2) == ["b", "a"]
    seen.update([("b", 10)], NOW + 61)
    assert seen.new(NOW + 61, 9) == ["c"]


def test_where_not_all_that_was_counted_is_known_no_word_is_said_to_be_new() -> None:
    seen = Trends({"old": 7}, complete=False, now=NOW)
    seen.update([("unknown", 8)], NOW)
    assert seen.new(NOW, 9) == []
    seen.update([("unknown", 9)], NOW)
    assert seen.change("unknown", NOW) == 1


def test_of_more_words_than_are_kept_none_is_said_to_be_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "_KNOWN_WORDS", 2)
    seen = Trends({"old": 1}, complete=True, now=NOW)
    seen.update([("a", 1), ("b", 1), ("c", 1)], NOW)
    assert seen.new(NOW, 9) == ["a", "b"]
    assert set(seen.counts) == {"old", "a"}


def test_what_is_there_at_the_beginning_is_not_new() -> None:
    seen = Trends({}, complete=True, now=NOW)
    seen.update([("a", 1)], NOW + 1)
    seen.update([("b", 1)], NOW + 61)
    assert seen.new(NOW + 61, 9) == ["b"]


def test_a_word_rises_against_its_own_past() -> None:
    seen = Trends({}, complete=True, now=NOW - 300)
    counts = {"rising": 0, "steady": 0, "rare": 0}
    for ago in range(295, -1, -5):
        counts["steady"] += 10
        counts["rising"] += 5 if ago >= 60 else 25
        counts["rare"] += ago == 0
        seen.update(counts.items(), NOW - ago)
    ((word, factor),) = seen.rising(NOW, 9)
    assert word == "rising"
    assert factor == pytest.approx(5, rel=0.15)


def test_nothing_rises_without_a_past() -> None:
    seen = Trends({}, complete=True, now=NOW)
    seen.update([("a", 1000)], NOW + 60)
    assert seen.rising(NOW + 61, 9) == []


def test_of_many_words_at_once_the_frequent_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "_BUCKET_WORDS", 2)
    seen = Trends({}, complete=True, now=NOW)
    seen.update([("a", 3), ("b", 2), ("c", 1)], NOW)
    seen.update([("d", 1)], NOW + 5)
    assert [seen.change(word, NOW + 5) for word in "abcd"] == [3, 2, 0, 1]


def test_words_with_something_in_them() -> None:
    seen = Trends({"error": 1, "errors": 3, "warn": 9}, complete=True, now=NOW)
    assert seen.holding(lambda word: "err" in word, 9) == ["errors", "error"]
    assert seen.holding(lambda word: "err" in word, 1) == ["errors"]


def test_a_word_is_new_for_a_minute_though_nothing_more_comes() -> None:
    seen = Trends({"old": 1}, complete=True, now=NOW)
    seen.update([("a", 1)], NOW)
    assert (seen.new(NOW + 60, 9), seen.new(NOW + 61, 9)) == (["a"], [])


def test_of_many_new_words_the_frequent_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "_NEW_WORDS", 2)
    seen = Trends({"old": 1}, complete=True, now=NOW)
    seen.update([("a", 1), ("b", 3), ("c", 2)], NOW)
    seen.update([("d", 1)], NOW + 5)
    assert seen.new(NOW + 5, 9) == ["b", "c", "d"]


def test_of_the_words_in_the_table_all_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "_BUCKET_WORDS", 1)
    seen = Trends({}, complete=True, now=NOW)
    seen.update([("a", 3), ("b", 2), ("c", 1)], NOW)
    seen.update([("a", 4)], NOW + 5, kept=["c", "none"])
    assert [seen.change(word, NOW + 5) for word in "abc"] == [4, 0, 1]


def test_a_word_that_was_silent_for_long_rises_and_a_new_one_is_new() -> None:
    seen = Trends({"back": 7, "few": 1}, complete=True, now=NOW - 300)
    seen.update([("back", 67), ("few", 10), ("born", 60)], NOW - 10)
    assert [word for word, _ in seen.rising(NOW, 9)] == ["back"]
    assert seen.rising(NOW, 0) == []


def test_the_past_is_as_long_as_it_was_watched() -> None:
    seen = Trends({}, complete=True, now=NOW - 120)
    seen.update([("a", 20)], NOW - 90)
    seen.update([("a", 80)], NOW - 10)
    assert seen.rising(NOW, 9) == [("a", pytest.approx(60 / 20))]


def test_a_rate_is_of_the_seconds_that_were_watched() -> None:
    seen = Trends({}, complete=True, now=NOW)
    seen.update([("a", 20)], NOW + 1)
    assert seen.rate("a", NOW + 2) == pytest.approx(10)
    assert seen.rate("a", NOW + 8) == pytest.approx(20 / 8)
    assert seen.rates(NOW + 8) == {"a": 20}
    assert seen.rates(NOW + 11) == {}


def test_memory_is_that_of_five_minutes() -> None:
    seen = Trends({}, complete=True, now=NOW)
    for step in range(200):
        seen.update([(f"w{step}", 1)], NOW + 5 * step)
    assert len(seen._buckets) <= 62
