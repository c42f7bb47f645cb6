"""How words come over time."""

import pytest

from streaming.live_counts import trends
from streaming.live_counts.trends import Trends

NOW = 1000.0  # the beginning of a bucket


def test_a_steady_word_has_its_rate_its_last_minute_and_its_counts_over_time() -> None:
    seen = Trends({}, is_complete=True)
    seen.update([], NOW - 600)
    for ago in range(300, 0, -5):
        seen.update([("steady", 300 - ago)], NOW - ago)

    assert seen.rate("steady", NOW - 0.1) == pytest.approx(1, rel=0.1)
    assert seen.last_minute("steady", NOW - 0.1) == 60
    assert seen.over_time("steady", NOW, 5) == seen.over_time("steady", NOW + 4.9, 5) == [55, 60, 60, 60, 60]
    assert seen.over_time("steady", NOW, 0) == []
    assert seen.last_minute("steady", NOW + 600) == seen.last_minute("none", NOW) == 0


def test_later_updates_do_not_change_a_copy() -> None:
    seen = Trends({}, is_complete=True)
    seen.update([], NOW - 600)
    seen.update([("a", 1)], NOW)
    copied = seen.copy()
    seen.update([("a", 3), ("b", 1)], NOW + 1)

    assert (copied.counts, copied.last_minute("a", NOW + 1), copied.new_words(NOW + 1, 9)) == ({"a": 1}, 1, ["a"])
    assert (seen.counts, seen.last_minute("a", NOW + 1), seen.new_words(NOW + 1, 9)) == (
        {"a": 3, "b": 1},
        3,
        ["a", "b"],
    )
    assert not seen.is_too_early(NOW)


def test_a_batch_counted_again_brings_nothing() -> None:
    seen = Trends({}, is_complete=True)
    for _ in range(2):
        seen.update([("a", 3)], NOW)

    assert seen.last_minute("a", NOW) == 3


def test_words_of_the_last_minute_that_were_not_counted_before_are_new() -> None:
    seen = Trends({"old": 7}, is_complete=True)
    seen.update([("old", 8), ("b", 1), ("a", 5)], NOW)
    assert seen.new_words(NOW + 59, 9) == ["a", "b"]
    seen.update([("b", 9), ("c", 1)], NOW + 30)
    assert seen.new_words(NOW + 59, 2) == ["b", "a"]
    seen.update([("b", 10)], NOW + 61)
    assert seen.new_words(NOW + 61, 9) == ["c"]


def test_no_word_is_new_if_not_all_counted_words_are_known() -> None:
    seen = Trends({"old": 7}, is_complete=False)
    seen.update([("unknown", 8)], NOW)
    assert seen.new_words(NOW, 9) == []
    seen.update([("unknown", 9)], NOW)
    assert seen.last_minute("unknown", NOW) == 1


def test_no_word_is_new_once_more_words_came_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "KNOWN_WORDS", 2)
    seen = Trends({"old": 1}, is_complete=True)
    seen.update([("a", 1), ("b", 1), ("c", 1)], NOW)
    assert seen.new_words(NOW, 9) == ["a", "b"]
    assert set(seen.counts) == {"old", "a"}


def test_words_of_the_minute_from_the_first_batch_are_not_new() -> None:
    seen = Trends({}, is_complete=True)
    assert seen.is_too_early(NOW)
    seen.update([("a", 1)], NOW + 1)
    assert seen.is_too_early(NOW + 60)
    seen.update([("b", 1)], NOW + 61)
    assert not seen.is_too_early(NOW + 61)
    assert seen.new_words(NOW + 61, 9) == ["b"]


def test_what_had_waited_for_the_first_batch_is_no_past_to_rise_from() -> None:
    seen = Trends({"old": 1}, is_complete=True)
    seen.update([("a", 5000), ("old", 5001)], NOW)
    assert seen.rising_words(NOW + 89, 9) == []
    counts = {"a": 5000, "old": 5001}
    for second in range(5, 180, 5):
        counts["a"] += 2 if second < 120 else 20
        counts["old"] += 2
        seen.update(counts.items(), NOW + second)
    assert [word for word, _ in seen.rising_words(NOW + 179, 9)] == ["a"]


def test_a_word_rises_against_its_own_past() -> None:
    seen = Trends({}, is_complete=True)
    seen.update([], NOW - 300)
    counts = {"rising": 0, "steady": 0, "rare": 0}
    for ago in range(295, -1, -5):
        counts["steady"] += 10
        counts["rising"] += 5 if ago >= 60 else 25
        counts["rare"] += ago == 0
        seen.update(counts.items(), NOW - ago)
    ((word, factor),) = seen.rising_words(NOW, 9)
    assert word == "rising"
    assert factor == pytest.approx(5, rel=0.15)


def test_no_word_rises_in_the_first_minute() -> None:
    seen = Trends({}, is_complete=True)
    seen.update([("a", 1000)], NOW + 60)
    assert seen.rising_words(NOW + 61, 9) == []


def test_a_full_bucket_keeps_the_most_frequent_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "BUCKET_WORDS", 2)
    seen = Trends({}, is_complete=True)
    seen.update([("a", 3), ("b", 2), ("c", 1)], NOW)
    seen.update([("d", 1)], NOW + 5)
    assert [seen.last_minute(word, NOW + 5) for word in "abcd"] == [3, 2, 0, 1]


def test_matching_words_come_by_count() -> None:
    seen = Trends({"error": 1, "errors": 3, "warn": 9}, is_complete=True)
    assert seen.matching_words(lambda word: "err" in word, 9) == ["errors", "error"]
    assert seen.matching_words(lambda word: "err" in word, 1) == ["errors"]


def test_a_word_is_new_for_a_minute_though_nothing_more_comes() -> None:
    seen = Trends({"old": 1}, is_complete=True)
    seen.update([("a", 1)], NOW)
    assert (seen.new_words(NOW + 60, 9), seen.new_words(NOW + 61, 9)) == (["a"], [])


def test_of_many_new_words_the_most_frequent_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "NEW_WORDS", 2)
    seen = Trends({"old": 1}, is_complete=True)
    seen.update([("a", 1), ("b", 3), ("c", 2)], NOW)
    seen.update([("d", 1)], NOW + 5)
    assert seen.new_words(NOW + 5, 9) == ["b", "c", "d"]


def test_a_full_bucket_keeps_the_words_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "BUCKET_WORDS", 1)
    seen = Trends({}, is_complete=True)
    seen.update([("a", 3), ("b", 2), ("c", 1)], NOW)
    seen.update([("a", 4)], NOW + 5, keep=["c", "none"])
    assert [seen.last_minute(word, NOW + 5) for word in "abc"] == [4, 0, 1]


def test_a_word_that_comes_back_rises_and_a_new_word_is_new() -> None:
    seen = Trends({"back": 7, "few": 1}, is_complete=True)
    seen.update([], NOW - 300)
    seen.update([("back", 67), ("few", 10), ("born", 60)], NOW - 10)
    assert [word for word, _ in seen.rising_words(NOW, 9)] == ["back"]
    assert seen.rising_words(NOW, 0) == []


def test_rising_compares_with_the_time_that_was_watched() -> None:
    seen = Trends({}, is_complete=True)
    seen.update([], NOW - 120)
    seen.update([("a", 20)], NOW - 90)
    seen.update([("a", 80)], NOW - 10)
    assert seen.rising_words(NOW, 9) == [("a", pytest.approx(60 / 20))]


def test_a_rate_is_that_of_the_last_seconds() -> None:
    seen = Trends({}, is_complete=True)
    seen.update([("a", 20)], NOW + 1)
    assert seen.rate("a", NOW + 1) == pytest.approx(20 / 6)  # what the first batch brings did not come within a moment
    assert seen.rate("a", NOW + 8) == pytest.approx(20 / 8)
    assert seen.recent_counts(NOW + 8) == {"a": 20}
    assert seen.recent_counts(NOW + 11) == {}


def test_a_batch_that_comes_after_the_time_was_read_is_of_no_minute_yet() -> None:
    seen = Trends({}, is_complete=True, keeps_hour=True)
    minute = NOW // 60 * 60
    seen.update([("a", 5)], minute + 60.01)
    assert sum(seen.hour("a", minute + 59.99)) == 0
    assert seen.hour("a", minute + 61)[-1] == 5


def test_only_the_buckets_of_five_minutes_are_kept() -> None:
    seen = Trends({}, is_complete=True)
    for step in range(200):
        seen.update([(f"w{step}", 1)], NOW + 5 * step)
    assert len(seen._buckets) <= 62
