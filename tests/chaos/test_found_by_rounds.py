"""Steps on which rounds of the model once failed."""

from collections.abc import Iterator

import pytest

from tests.chaos.test_rounds import Rounds

_GIVEN = ["app.log", "web.log"]


@pytest.fixture
def rounds() -> Iterator[Rounds]:
    rounds = Rounds()
    yield rounds
    rounds.teardown()


def test_a_packed_log_is_renamed_and_unpacked_between_two_polls(rounds: Rounds) -> None:
    rounds.begin(inputs=_GIVEN, settle=0, full_scan_share=1e-12, chunk_lines=None, is_on_disk=False, is_archived=False)
    rounds.write_half(log="app.log", padding=3)
    rounds.replace(log="app.log", between="write")
    rounds.poll_meanwhile(step="rename", log="app.log")
    rounds.pack(log="app.log", place=0, suffix=".gz", between="crash")
    rounds.copy_and_truncate(log="app.log", between="crash")
    rounds.poll_meanwhile(step="rename", log="app.log")
    rounds.write(log="app.log", padding=100)
    rounds.unpack(log="app.log", place=0, between="poll")


def test_a_log_is_emptied_rotated_and_deleted_while_the_follower_dies(rounds: Rounds) -> None:
    rounds.begin(inputs=_GIVEN, settle=5, full_scan_share=1e-12, chunk_lines=1, is_on_disk=False, is_archived=False)
    rounds.write(log="web.log", padding=3)
    rounds.crash(steps=12)
    rounds.copy_and_truncate(log="web.log", between="write")
    rounds.link_and_unlink(log="web.log", between="restart")
    rounds.write_to_former(log="web.log", padding=0)
    rounds.crash(steps=8)
    rounds.delete(log="web.log", place=1)


def test_a_log_is_deleted_and_the_next_run_dies(rounds: Rounds) -> None:
    rounds.begin(
        inputs=["*.log"], settle=5, full_scan_share=float("inf"), chunk_lines=None, is_on_disk=False, is_archived=False
    )
    rounds.write(log="web.log", padding=600)
    rounds.poll()
    rounds.stop()
    rounds.write(log="web.log", padding=0)
    rounds.delete(log="web.log", place=0)
    rounds.crash(steps=7)


def test_rotated_files_are_renamed_where_only_a_search_finds_them(rounds: Rounds) -> None:
    rounds.begin(
        inputs=_GIVEN, settle=0, full_scan_share=float("inf"), chunk_lines=None, is_on_disk=False, is_archived=True
    )
    rounds.poll_meanwhile(log="app.log", step="write")
    rounds.poll()
    rounds.link_and_unlink(between="nothing", log="app.log")
    rounds.poll()
    rounds.crash(steps=0)
    rounds.link_and_unlink(between="write", log="app.log")


def test_a_rest_is_renamed_in_the_archive_before_a_stop_and_written_to_after_it(rounds: Rounds) -> None:
    rounds.begin(
        inputs=_GIVEN, settle=0, full_scan_share=float("inf"), chunk_lines=None, is_on_disk=False, is_archived=True
    )
    rounds.write(log="app.log", padding=0)
    rounds.poll()
    rounds.link_and_unlink(between="nothing", log="app.log")
    rounds.poll()
    rounds.poll_meanwhile(log="app.log", step="copy_and_truncate")
    rounds.stop()
    rounds.write_to_former(log="app.log", padding=0)


def test_a_log_that_followed_one_still_looked_for_is_rotated_into_the_archive_while_nothing_runs(
    rounds: Rounds,
) -> None:
    rounds.begin(inputs=_GIVEN, settle=0, full_scan_share=1e-12, chunk_lines=None, is_on_disk=False, is_archived=True)
    rounds.write(log="web.log", padding=0)
    rounds.poll()
    rounds.cut(log="web.log")
    rounds.poll()
    rounds.rename(log="web.log", between="write")
    rounds.poll()
    rounds.stop()
    rounds.write(log="web.log", padding=0)
    rounds.link_and_unlink(log="web.log", between="nothing")


def test_a_log_that_was_truncated_just_before_a_stop_is_looked_for_an_hour_later(rounds: Rounds) -> None:
    rounds.begin(inputs=_GIVEN, settle=0, full_scan_share=1e-12, chunk_lines=None, is_on_disk=False, is_archived=True)
    rounds.write(log="web.log", padding=0)
    rounds.poll()
    rounds.write(log="web.log", padding=0)
    rounds.copy_and_truncate(log="web.log", between="nothing")
    rounds.poll()
    rounds.stop()
    rounds.wait(3600)


def test_an_empty_log_of_a_glob_is_written_and_rotated_into_the_archive_while_nothing_runs(rounds: Rounds) -> None:
    rounds.begin(
        inputs=["*.log"], settle=0, full_scan_share=1e-12, chunk_lines=None, is_on_disk=False, is_archived=True
    )
    rounds.write_half(log="app.log", padding=0)
    rounds.rename(log="app.log", between="nothing")
    rounds.link_and_unlink(log="app.log", between="nothing")
    rounds.rename(log="app.log", between="nothing")
    rounds.pack(log="app.log", place=0, suffix=".zst", between="poll")
    rounds.link_and_unlink(log="app.log", between="write")
    rounds.pack(log="app.log", place=0, suffix=".bz2", between="restart")
    rounds.pack(log="app.log", place=0, suffix=".xz", between="nothing")
    rounds.rename(log="app.log", between="crash")
    rounds.pack(log="app.log", place=0, suffix=".xz", between="nothing")


def test_a_log_is_replaced_by_a_longer_one_twice_the_second_time_during_a_poll(rounds: Rounds) -> None:
    rounds.begin(inputs=_GIVEN, settle=0, full_scan_share=1e-12, chunk_lines=None, is_on_disk=False, is_archived=False)
    rounds.write_half(log="web.log", padding=0)
    rounds.poll_meanwhile(log="web.log", step="write")
    rounds.synchronise(log="web.log")
    rounds.poll()
    rounds.poll_meanwhile(log="web.log", step="write")


def test_a_log_is_rotated_into_the_archive_during_the_first_poll_of_a_run(rounds: Rounds) -> None:
    rounds.begin(inputs=_GIVEN, settle=0, full_scan_share=1e-12, chunk_lines=None, is_on_disk=False, is_archived=True)
    rounds.write_half(log="app.log", padding=0)
    rounds.rename(log="app.log", between="nothing")
    rounds.poll()
    rounds.stop()
    rounds.poll_meanwhile(log="app.log", step="rename")
    rounds.stop()
    rounds.write_to_former(log="app.log", padding=0)
