"""A stream that dies, loses power or finds the disk full at any of its system calls, in Python or in Java, counts each
line once.
"""

from pathlib import Path

import pytest

from tests.chaos.faults import Faults, Kind
from tests.chaos.growing_files import GrowingFiles
from tests.support.processes import run
from tests.support.reference import parsed
from tests.support.rounds import chance, rounds

#: How many times it meets a fault; a round takes some 20 s.
_ROUNDS = rounds(2)
pytestmark = pytest.mark.usefixtures("quick_starts")
_FEWEST_POINTS = 100  # fewer would mean that the calls of Java are not seen


class Counting:
    """Counts files with a state, again and again."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.files = GrowingFiles(folder / "in")
        self.state = folder / "disk"
        self.state.mkdir()
        self.faults = Faults(library, self.state, folder / "notes")
        self.chance = chance()

    def count(self, at: int = 0, kind: Kind = "kill") -> bool:
        """Run the command, and return whether it has counted everything; otherwise it or its JVM met the fault."""
        arguments = (self.files.folder, "--once", "--checkpoint", self.state / "state", "--settle", "0s")
        ended = run("stream", *arguments, env=self.faults.environment(at, kind))
        assert (at and not ended.stdout) or ended.returncode == 0, ended.stderr
        if ended.returncode == 0:
            assert parsed(ended.stdout.splitlines()) == self.files.words
        return ended.returncode == 0


@pytest.fixture
def counting(tmp_path: Path, fault_library: Path) -> Counting:
    counting = Counting(tmp_path, fault_library)
    counting.files.write()
    assert counting.count()
    assert len(counting.faults.points()) > _FEWEST_POINTS
    return counting


def test_killed_before_a_system_call_and_again_at_the_restart(counting: Counting) -> None:
    for _ in range(_ROUNDS):
        calls = len(counting.faults.points())
        counting.files.write()
        counting.count(counting.chance.randint(1, calls))
        counting.count(counting.chance.randint(1, calls))
        assert counting.count()


def test_without_power_before_a_system_call(counting: Counting) -> None:
    lost = 0  # how often something was not synced yet; before some calls, all is
    for _ in range(10 * _ROUNDS):
        calls = len(counting.faults.points())
        counting.files.write()
        counting.count(counting.chance.randint(1, calls))
        lost += bool(counting.faults.cut_power())
        assert counting.count()
        if lost == _ROUNDS:
            break
    assert lost == _ROUNDS


def test_a_disk_that_is_full_from_a_system_call_on(counting: Counting) -> None:
    for _ in range(_ROUNDS):
        calls = len(counting.faults.points())
        counting.files.write()
        counting.count(counting.chance.randint(1, calls), "full")
        assert counting.count()
