"""How the latency of each word is taken from the records of two topics."""

import pytest

from benchmarks.topic_to_topic.latencies import (
    by_second,
    check_totals,
    counted,
    falls_behind,
    latencies,
    percentile,
    steady_after,
)

_COUNTS = counted([(b"a", 1, 1010), (b"b", 1, 1020), (b"a", 3, 1050), (b"a", 2, 1060), (b"a", 4, 1090)])


def test_a_word_is_counted_by_the_first_count_of_at_least_its_ordinal() -> None:
    found = latencies([(b"a", 1000), (b"a", 1005), (b"b", 1007), (b"a", 1049), (b"a", 1050)], _COUNTS)

    assert list(found.milliseconds) == [10, 45, 13, 1, 40]
    assert list(found.sent) == [1000, 1005, 1007, 1049, 1050]
    assert found.totals == {b"a": 4, b"b": 1}


def test_a_lower_count_that_is_written_later_changes_nothing() -> None:
    assert list(_COUNTS[b"a"].counts) == [1, 3, 4]
    assert list(_COUNTS[b"a"].times) == [1010, 1050, 1090]


def test_a_word_without_its_count_has_no_latency() -> None:
    found = latencies([(b"b", 1000), (b"b", 1001), (b"c", 1002)], _COUNTS)

    assert list(found.milliseconds) == [20, -1, -1]


def test_a_clock_that_goes_back_gives_no_negative_latency() -> None:
    assert list(latencies([(b"b", 1021)], _COUNTS).milliseconds) == [0]


def test_the_highest_counts_must_be_the_totals() -> None:
    check_totals({b"a": 4, b"b": 1}, _COUNTS)
    with pytest.raises(RuntimeError, match="1 words are not counted right: a came 5 times and its last count is 4"):
        check_totals({b"a": 5, b"b": 1}, _COUNTS)
    with pytest.raises(RuntimeError, match="c came 2 times and its last count is 0"):
        check_totals({b"a": 4, b"b": 1, b"c": 2}, _COUNTS)
    with pytest.raises(RuntimeError, match="b came 0 times and its last count is 1"):
        check_totals({b"a": 4}, _COUNTS)


def test_percentiles() -> None:
    assert percentile(range(101), 50) == 50
    assert percentile(range(101), 95) == 95
    assert percentile([7], 95) == 7


def test_latencies_are_grouped_by_the_second_in_which_words_were_sent() -> None:
    sent = [990, 1000, 1999, 2000, 4500, 4600]

    assert by_second(sent, [1, 2, 3, 4, 5, -1], 1000) == [[1, 2, 3], [4], [], [5]]


def test_a_latency_is_steady_with_the_first_of_five_seconds_near_what_it_stays() -> None:
    start = [[9000], [5000], [100], [4000]]
    steady = [[value] for value in (140, 100, 110, 100, 90, 100, 100, 100)]

    assert steady_after(start + steady) == 4
    assert steady_after([[100]] * 8) == 0


def test_a_latency_that_never_stays_is_not_steady() -> None:
    assert steady_after([[100], [100], [9000]] * 7) is None
    assert steady_after([[], [], []]) is None
    assert steady_after([]) is None


@pytest.mark.parametrize(
    ("milliseconds", "behind"),
    [
        ([100] * 100, False),
        ([*range(0, 5000, 50)], True),
        ([*range(0, 500, 5)], False),  # it grows, but not to a second
        ([3000] * 100, False),  # slow, but it keeps up
        ([100] * 90 + [-1] * 10, True),
        ([], False),
    ],
)
def test_who_falls_behind(milliseconds: list[int], *, behind: bool) -> None:
    assert falls_behind(milliseconds) is behind
