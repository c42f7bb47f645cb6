"""Producer, broker and stream are killed and stopped, and the disk is filled, while logs grow and rotate: each line
counts once.
"""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.parts import Part
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import make_certificates
from tests.support.processes import wait_until
from tests.support.reference import parsed_file
from tests.support.rotating import WAYS, Log, by_hand
from tests.support.rounds import chance, rounds
from tests.support.small_disk import SmallDisk, small_disk
from tests.support.topics import make_topic, table, transactions

_ROUNDS = rounds(1)
pytestmark = pytest.mark.usefixtures("quick_starts")
_PATIENCE = 150.0  # for all parts to start again and catch up, on a busy machine
_MOST_FAULTS = 3  # in a round
_MEGABYTES = 64  # of the disk that is filled
_WORDS = 50
_LOGS = ("app.log", "web.log")


class System:
    """Logs, what counts them, and who meddles with it.

    Args:
        folder: where the logs are.
        disk: where the state and the counts are.
    """

    def __init__(self, folder: Path, disk: SmallDisk) -> None:
        self.parts: dict[str, Part | ProcessBroker] = {}
        self.folder, self.disk = folder, disk
        self._chance = chance()
        (folder / "logs").mkdir()
        self._logs = [Log(folder / "logs" / name, self._chance.choice(WAYS)) for name in _LOGS]
        self._written = Counter[str]()

    def add(self, role: str, name: str, *arguments: str | Path) -> None:
        self.parts[role] = Part(self.folder / f"{role}.log", self.disk.prefix, name, *arguments)

    def counts(self) -> dict[str, int]:
        """Return the counts that the stream has given."""
        file = self.disk.seen / "out" / "counts.txt"
        return parsed_file(file) if file.exists() else {}

    def round(self) -> None:
        """Let things happen while logs are written; then all parts run, and count everything."""
        if not self._written:  # what logs were rotated to before they are followed does not count
            self._start()
            for log in self._logs:
                self._append(log)
            self._wait()
        for _ in range(self._chance.randint(1, _MOST_FAULTS)):
            self._start()
            self._write(seconds=self._chance.uniform(0.2, 4))
            self._meddle()
        self._wait()

    def _meddle(self) -> None:
        """Kill a part, or stop it for a while, or leave no room on the disk for a while."""
        name = self._chance.choice([*self.parts, "disk"])
        if name != "disk" and self._chance.random() < 0.5:
            self.parts[name].kill()
            return
        begin, end = (
            (self.disk.fill, self.disk.free) if name == "disk" else (self.parts[name].pause, self.parts[name].resume)
        )
        begin()
        self._write(seconds=self._chance.uniform(0.2, 4))
        end()

    def _wait(self) -> None:
        """Wait until all is counted; parts that have ended are started again."""

        def has_counted_all() -> bool:
            self._start()
            return self.counts() == self._written

        try:
            wait_until(has_counted_all, "the counts", _PATIENCE, pause=0.2)
        except AssertionError as error:
            seen = self.counts()
            wrong = {word: (n, seen.get(word)) for word, n in self._written.items() if seen.get(word) != n}
            said = {role: _said(part) for role, part in self.parts.items()}
            raise AssertionError(f"{error}: written and counted {wrong}; {said}") from None

    def end(self) -> None:
        """Kill what runs."""
        for part in self.parts.values():
            part.resume()
            part.kill()
        for log in self._logs:
            log.close()

    def _start(self) -> None:
        for part in self.parts.values():
            if isinstance(part, Part):
                part.start()
            else:
                part.restore()

    def _write(self, seconds: float) -> None:
        """Write lines to the logs, and sometimes rotate one."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            log = self._chance.choice(self._logs)
            self._append(log)
            if self._chance.random() < 0.05:
                log.rotate(by_hand)
            time.sleep(0.05)

    def _append(self, log: Log) -> None:
        words = [f"word{self._chance.randrange(_WORDS)}" for _ in range(self._chance.randrange(1, 200))]
        log.write("".join(f"{word}\n" for word in words).encode())
        self._written.update(words)


def _said(part: Part | ProcessBroker) -> str:
    """Return what a failure shows of a part."""
    return part.said if isinstance(part, Part) else f"{transactions(part.servers)}; {part.log()[-5000:]}"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with small_disk(tmp_path / "disk", _MEGABYTES) as disk:
        system = System(tmp_path, disk)
        yield system
        system.end()


def test_logs_that_a_stream_follows(system: System) -> None:
    folder = system.folder
    system.add(
        "stream", "wordcount", "stream", folder / "logs" / "*.log", "--output", system.disk.folder / "out",
        "--trigger", "0s", "--settle", "1s", "--snapshot-interval", "1s",
    )  # fmt: skip
    for _ in range(_ROUNDS):
        system.round()


@pytest.mark.parametrize("trigger", ["0s", "realtime:5s"])
def test_logs_that_go_through_a_broker(system: System, trigger: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = system.folder
    broker = ProcessBroker(folder / "broker", make_certificates(folder / "certificates"))
    broker.start()
    make_topic(broker.servers, "lines", 2)
    make_topic(broker.servers, "counts", cleanup_policy="compact")
    lines, counts = (f"kafka://{broker.servers}/{name}" for name in ("lines", "counts"))
    system.parts["broker"] = broker
    system.add("producer", "wordcount-producer", folder / "logs" / "*.log", "--follow", "--to", lines)
    store = ("--state-store", "rocksdb") if trigger.startswith("realtime") else ()
    system.add(
        "stream", "wordcount", "stream", lines, "--output", counts, "--checkpoint", system.disk.folder / "state",
        "--trigger", trigger, *store,
    )  # fmt: skip
    monkeypatch.setattr(system, "counts", lambda: table(broker.servers, "counts"))
    for _ in range(_ROUNDS):
        system.round()
