"""Turns that a file can take while it is followed."""

import gzip

import pytest

from producer import compressed, follow
from tests.unit.watched import Watched


def test_a_file_emptied_before_any_of_it_was_handed_on_holds_nothing_up(watched: Watched) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"unfinished")
    watched.look()
    assert not watched.follower.caught_up()

    watched.write("a", b"")
    watched.look()

    assert watched.follower.caught_up()


def test_a_compressed_file_that_breaks_between_the_two_readings_is_a_failure_of_that_file(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.write("a.gz", gzip.compress(b"one\n"))
    readings = iter([[b"one\n"], compressed.BrokenError("cut short")])

    def blocks(*_: object) -> list[bytes]:
        reading = next(readings)
        if isinstance(reading, Exception):
            raise reading
        return reading

    monkeypatch.setattr(follow, "_blocks", blocks)
    watched.look()

    assert watched.follower.failures == [str(watched.path("a.gz"))]


def test_a_time_of_birth_unknown_before_is_no_other_birth(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(follow, "birth_ns", lambda _: 0)
        watched.write("a", b"a\n")
        watched.look()
    watched.append("a", b"b\n")
    watched.restart()

    assert watched.look() == {"a": 1, "b": 1}
