"""What is on its way to the target is known as if it had arrived."""

from dataclasses import replace

from producer.log_names import family
from producer.positions.pending import PendingPositions
from producer.positions.position import Position

_LOG = Position(
    device=1, inode=10, path="/a.log", position=4, extent=4, fingerprint=b"", size=4, ctime_ns=0, birth_ns=0,
    complete=True,
)  # fmt: skip
_ROTATED = replace(_LOG, inode=11, path="/a.log.1")


class _Target:
    def find(self, inode: int) -> list[Position]:
        return [one for one in (_LOG, _ROTATED) if one.inode == inode]

    def relatives(self, path: str) -> list[Position]:
        return [one for one in (_LOG, _ROTATED) if family(one.path) == family(path)]


def test_a_file_is_of_the_log_that_it_has_the_name_of_by_now() -> None:
    account = PendingPositions(_Target())
    moved = [replace(_LOG, path="/a.log.2"), replace(_LOG, path="/b.log.1"), replace(_LOG, path="/a.log.3")]
    for position, of_a, of_b in [
        (moved[0], [_ROTATED, moved[0]], []),
        (moved[1], [_ROTATED], [moved[1]]),
        (moved[2], [_ROTATED, moved[2]], []),
        (replace(_LOG, path=""), [_ROTATED], []),
    ]:
        account.add(position)
        assert account.relatives("/a.log") == of_a
        assert account.relatives("/b.log") == of_b
    account.clear()
    assert account.relatives("/a.log.7.gz") == [_LOG, _ROTATED]


def test_files_of_one_inode_on_two_devices_are_both_known_before_they_arrive() -> None:
    account = PendingPositions(_Target())
    other, lost = replace(_LOG, device=8), replace(_LOG, device=-1)
    account.add(other)
    account.add(lost)
    assert account.find(_LOG.inode) == ([_LOG, other], [lost])
    account.clear()
    assert account.find(_LOG.inode) == ([_LOG], [])
