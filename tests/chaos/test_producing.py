"""A producer that dies at any of its requests to the broker puts each line into the topic once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.faults import KILLED, Faults, killed_at_points
from tests.chaos.growing_files import GrowingFiles
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import make_certificates
from tests.support.processes import run
from tests.support.rounds import chance
from tests.support.topics import lines_in

_FEWEST_POINTS = 10  # fewer would mean that the requests are not seen


class Producing:
    """Puts files into a topic, again and again."""

    def __init__(self, folder: Path, library: Path, broker: ProcessBroker) -> None:
        self.files = GrowingFiles(folder / "in")
        self._servers = broker.servers
        nothing = folder / "nothing"
        nothing.mkdir()
        self._faults = Faults(library, nothing, folder / "notes", int(broker.servers.rpartition(":")[2]))

    def produce(self, at: int = 0) -> int:
        """Run the command, and return its exit status."""
        arguments = (self.files.folder, "--to", f"kafka://{self._servers}/lines", "--settle", "0s", "--partitions", "2")
        ended = run(*arguments, name="wordcount-producer", env=self._faults.environment(at))
        assert ended.returncode in {0, KILLED}, ended.stderr
        return ended.returncode

    def check(self) -> None:
        """Send the rest, and check that each line was sent once."""
        assert self.produce() == 0
        assert {line.decode(): number for line, number in lines_in(self._servers, "lines").items()} == self.files.words


@pytest.fixture
def producing(tmp_path: Path, fault_library: Path) -> Iterator[Producing]:
    broker = ProcessBroker(tmp_path / "broker", make_certificates(tmp_path / "certificates"))
    broker.start()
    try:
        yield Producing(tmp_path, fault_library, broker)
    finally:
        broker.kill()


def test_killed_before_requests_and_again_at_the_restart(producing: Producing) -> None:
    moments = chance()
    producing.files.write()
    at = 0
    for at in killed_at_points(producing.produce):
        producing.produce(moments.randint(1, at))
        producing.check()
        producing.files.write()
    producing.check()
    assert at >= _FEWEST_POINTS
