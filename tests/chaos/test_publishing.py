"""A producer that dies, loses power or finds the disk full at any of its system calls publishes each line once.

Each run of the tests takes a third of the calls; ``make chaos ROUNDS=1`` takes all.
"""

from itertools import takewhile
from pathlib import Path

import pytest

from tests.chaos.faults import KILLED, Faults, Kind, killed_at_points
from tests.chaos.growing_files import GrowingFiles
from tests.support.processes import run
from tests.support.reference import count
from tests.support.rounds import chance, points

_FEWEST_POINTS = 30  # fewer would mean that the calls are not seen


class Producer:
    """Publishes files into a directory, again and again."""

    def __init__(self, folder: Path, library: Path) -> None:
        self.files = GrowingFiles(folder / "in")
        self.target = folder / "disk"
        self.target.mkdir()
        self.faults = Faults(library, self.target, folder / "notes")

    def publish(self, at: int = 0, kind: Kind = "kill") -> int:
        """Run the command, and return its exit status; it says what went wrong in one line."""
        environment = self.faults.environment(at, kind)
        ended = run(
            self.files.folder, "--to", self.target, "--settle", "0s", name="wordcount-producer", env=environment
        )
        errors = ended.stderr.splitlines()
        assert (ended.returncode, len(errors)) in {(0, 0), (1, 1), (KILLED, 0)}, ended
        return ended.returncode

    def check(self) -> None:
        """Publish the rest, and check that each line was published once, and that nothing is left over."""
        assert self.publish() == 0
        assert count(*(path.read_bytes() for path in self.target.glob("chunk-*"))) == self.files.words
        assert not list(self.target.glob(".chunk-*"))


@pytest.fixture
def producer(tmp_path: Path, fault_library: Path) -> Producer:
    producer = Producer(tmp_path, fault_library)
    producer.files.write()
    producer.check()
    return producer


def test_killed_before_system_calls_and_again_at_the_restart(producer: Producer) -> None:
    moments = chance()
    producer.files.write()
    at = 0
    for at in killed_at_points(producer.publish):
        producer.publish(moments.randint(1, at))
        producer.check()
        producer.files.write()
    producer.check()
    assert at >= _FEWEST_POINTS


def test_without_power_before_system_calls(producer: Producer) -> None:
    changed = {}
    producer.files.write()
    at = 0
    for at in killed_at_points(producer.publish):
        changed[at] = producer.faults.cut_power()
        producer.check()
        producer.files.write()
    producer.check()
    assert at >= _FEWEST_POINTS
    assert any(changed.values())  # something was not synced yet


def test_a_disk_that_is_full_from_system_calls_on(producer: Producer) -> None:
    failed = 0
    for at in takewhile(lambda at: at < _FEWEST_POINTS, points()):
        producer.files.write()
        failed += producer.publish(at, "full")
        producer.check()
    assert failed
