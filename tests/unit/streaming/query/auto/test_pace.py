"""When a stream changes from real time to batches, and when it changes back."""

from collections.abc import Callable, Iterable

import pytest

from streaming.query.auto.pace import Look, Pace

HELD = 30_000  #: records per second that real time can read
Rate = Callable[[int], int]  #: how many records arrive in a second


def in_real_time(pace: Pace, start: int, seconds: int, rate: Rate, waiting: int = 0) -> int | None:
    """Let real time read as much as it can, and return in which second it falls behind."""
    read = 0
    for second in range(start, start + seconds):
        if pace.falls_behind(second, Look(read, waiting)):
            return second
        now = min(HELD, waiting + rate(second))
        read, waiting = read + now, waiting + rate(second) - now
    return None


def in_batches(pace: Pace, start: int, seconds: int, rate: Rate, waiting: int = 0) -> int | None:
    """Let batches read what has come, a third of a second late, and return in which second real time takes over."""
    read = 0
    for second in range(start, start + seconds):
        if pace.has_calmed(second, Look(read, waiting)):
            return second
        read, waiting = read + waiting + rate(second) * 2 // 3, rate(second) // 3
    return None


def steady(rate: int) -> Rate:
    return lambda _: rate


def behind() -> tuple[Pace, int]:
    """Return a pace at the change to batches, and the second of it."""
    pace = Pace(0)
    fell = in_real_time(pace, 0, 100, steady(100_000))
    assert fell is not None
    pace.change()
    return pace, fell


def test_real_time_that_cannot_hold_the_rate_falls_behind() -> None:
    pace = Pace(0)

    assert in_real_time(pace, 0, 100, steady(0)) is None
    assert in_real_time(pace, 100, 100, steady(100_000)) in range(112, 115)
    assert pace.held == pytest.approx(HELD)


@pytest.mark.parametrize(
    ("rate", "waiting"),
    [
        (steady(29_000), 0),
        (lambda second: 100_000 if second % 60 < 4 else 5_000, 0),  # bursts that it has read soon
        (steady(5_000), 140_000),  # a backlog of five seconds
        (lambda second: second % 2, 0),  # a record now and then
    ],
    ids=["as much as it can", "bursts", "backlog", "trickle"],
)
def test_real_time_that_keeps_up_goes_on(rate: Rate, waiting: int) -> None:
    assert in_real_time(Pace(0), 0, 300, rate, waiting) is None


def test_a_backlog_that_takes_long_is_left_to_batches() -> None:
    assert in_real_time(Pace(0), 0, 60, steady(5_000), 10_000_000) is not None


def test_a_launch_is_not_judged_at_once() -> None:
    assert in_real_time(Pace(0), 0, 30, steady(100_000)) is None


def looks(pace: Pace, seen: Iterable[Look]) -> list[bool]:
    return [pace.falls_behind(60 + second, look) for second, look in enumerate(seen)]


def test_brokers_that_are_away_are_no_reason_to_change() -> None:
    assert not any(looks(Pace(0), [Look(1000, 500_000)] * 60))


def test_records_that_are_large_may_wait_as_long_as_others() -> None:
    assert any(looks(Pace(0), (Look(3 * second, 200 + 7 * second) for second in range(60))))


def test_batches_end_once_all_is_read_and_the_rate_has_gone_down() -> None:
    pace, fell = behind()

    assert in_batches(pace, fell, 100, steady(5_000), 3_000_000) in range(fell + 30, fell + 33)
    assert pace.arriving == pytest.approx(5_000, rel=0.1)


@pytest.mark.parametrize(
    "rate",
    [
        steady(25_000),  # real time can read so many, but not much more
        steady(100_000),
        lambda second: 150_000 if second % 20 == 0 else 5_000,
    ],
    ids=["near", "far", "bursts"],
)
def test_batches_go_on_while_the_rate_is_too_high(rate: Rate) -> None:
    pace, fell = behind()

    assert in_batches(pace, fell, 600, rate) is None


def test_a_rate_that_real_time_could_not_hold_is_tried_again_much_later() -> None:
    pace, fell = behind()

    assert in_batches(pace, fell, 3600, steady(25_000)) in range(fell + 700, fell + 800)


def test_changes_are_no_more_than_two_in_forty_seconds() -> None:
    pace, now, changes = Pace(0), 0, [0]
    for rate in [steady(100_000), steady(100)] * 5:
        modes = (in_real_time, in_batches)
        found = modes[len(changes) % 2 - 1](pace, now, 10_000, rate)
        assert found is not None
        pace.change()
        changes.append(now := found)

    assert min(later - earlier for earlier, later in zip(changes, changes[2:], strict=False)) >= 40
