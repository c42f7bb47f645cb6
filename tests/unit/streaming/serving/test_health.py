"""When a stream is well."""

from datetime import UTC, datetime

import pytest

from streaming.serving.health import problem
from streaming.serving.status import Said, Status, Vitals

NOW = 1000.0
WELL = Vitals(measured_at=NOW - 1, committed_at=NOW - 500, free_bytes=1 << 30)


def status(vitals: Vitals | None, **more: object) -> Status:
    return Status("app.log", state="running", vitals=vitals, patience=60.0, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "vitals",
    [
        WELL,
        WELL._replace(waiting_since=NOW - 59),
        WELL._replace(waiting_since=NOW - 300, committed_at=NOW - 59),
        WELL._replace(free_bytes=None),
    ],
)
def test_a_stream_is_well_while_batches_go_on_or_nothing_waits(vitals: Vitals) -> None:
    assert problem(status(vitals), NOW) is None


@pytest.mark.parametrize(
    ("vitals", "reason"),
    [
        (None, "Spark is starting"),
        (WELL._replace(waiting_since=NOW - 61), "nothing was committed for 61 s, though there is something to count"),
        (WELL._replace(measured_at=NOW - 61), "the stream has not answered for 61 s"),
        (WELL._replace(free_bytes=1 << 20), "the disk of the state is full"),
        (WELL._replace(away="kafka:9092 does not answer"), "kafka:9092 does not answer"),
    ],
)
def test_a_stream_that_does_not_go_on_says_why(vitals: Vitals | None, reason: str) -> None:
    assert problem(status(vitals), NOW) == reason


def test_a_stream_that_has_ended_is_not_well() -> None:
    ended = status(WELL, ended=Said(datetime.now(UTC), "stopped"))
    assert problem(ended, NOW) == "the stream has ended: stopped"
