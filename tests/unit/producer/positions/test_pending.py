"""Records on their way to the target are found as if they were stored."""

from dataclasses import replace

from producer.positions.memory import MemoryPositions
from producer.positions.pending import PendingPositions
from producer.positions.position import LostContent, Position

_LOG = Position(
    device=1, inode=10, path="/a.log", position=4, extent=4, fingerprint=b"", size=4, ctime_ns=0, birth_ns=0,
    complete=True,
)  # fmt: skip
_ROTATED = replace(_LOG, inode=11, path="/a.log.1")


def pending() -> PendingPositions:
    stored = MemoryPositions()
    stored.add(_LOG)
    stored.add(_ROTATED)
    return PendingPositions(stored)


def test_a_file_belongs_to_the_log_that_its_last_name_names() -> None:
    positions = pending()
    moved = [replace(_LOG, path="/a.log.2"), replace(_LOG, path="/b.log.1"), replace(_LOG, path="/a.log.3")]
    for position, of_a, of_b in [
        (moved[0], [_ROTATED, moved[0]], []),
        (moved[1], [_ROTATED], [moved[1]]),
        (moved[2], [_ROTATED, moved[2]], []),
        (replace(_LOG, path=""), [_ROTATED], []),
    ]:
        positions.add(position)
        assert positions.relatives("/a.log") == of_a
        assert positions.relatives("/b.log") == of_b
    positions.clear()
    assert positions.relatives("/a.log.7.gz") == [_LOG, _ROTATED]


def test_files_of_one_inode_on_two_devices_are_both_known_before_they_arrive() -> None:
    positions = pending()
    other, lost = replace(_LOG, device=8), LostContent.from_position(_LOG, 0, 1)
    positions.add(other)
    positions.add(lost)
    assert positions.find(_LOG.inode) == [_LOG, other]
    assert positions.lost_contents(_LOG.inode) == [lost]
    positions.clear()
    assert positions.find(_LOG.inode) == [_LOG]
    assert positions.lost_contents(_LOG.inode) == []


def test_a_lost_content_that_was_claimed_is_no_relative_any_more() -> None:
    positions = pending()
    lost = LostContent.from_position(_LOG, 0, 1)
    positions.add(lost)
    assert positions.relatives("/a.log") == [_LOG, _ROTATED, lost]
    positions.add(replace(lost, path=""))
    assert positions.relatives("/a.log") == [_LOG, _ROTATED]
