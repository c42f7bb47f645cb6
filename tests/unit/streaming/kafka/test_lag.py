"""When a stream is said to fall behind its topics, and when to have caught up."""

from collections.abc import Iterable

import pytest

from streaming.kafka.lag import Lag

REMEDY = "do this"


def told(looks: Iterable[tuple[float, int]]) -> list[str]:
    messages: list[str] = []
    lag = Lag(messages.append, REMEDY)
    for now, behind in looks:
        lag.note(behind, now)
    return messages


def test_it_is_said_once_and_again_after_it_has_caught_up() -> None:
    grows = [(float(second), 1000 * second) for second in range(60)]
    again = [(100 + now, behind) for now, behind in grows]
    behind = f"falling behind: 20,000 records wait, 1,000 more each second; {REMEDY}"

    assert told([*grows, (61, 0), *again]) == [behind, "caught up with the topics", behind]


@pytest.mark.parametrize(
    "looks",
    [
        [(second, 1_000_000 - 1000 * second) for second in range(100)],  # a backlog that shrinks
        [(second, 500_000) for second in range(100)],  # one that stays
        [(second, 40_000 * (second % 3)) for second in range(100)],  # up and down
        [(second, 100 * second) for second in range(100)],  # too few to matter
        [(60 * look, behind) for look, behind in enumerate((11_000, 12_000, 20_000, 21_000))],  # four of one size
        [(0, 0), (60, 100_000)],  # too few looks
        [(second, 100_000 * second) for second in range(15)],  # too short
    ],
    ids=["shrinks", "stays", "varies", "few", "noise", "two looks", "short"],
)
def test_nothing_is_said_of_what_is_no_trend(looks: list[tuple[float, int]]) -> None:
    assert told(looks) == []


def test_checkpoints_that_are_far_apart_are_enough() -> None:
    assert told((60.0 * minute, 50_000 * minute) for minute in range(5)) != []
