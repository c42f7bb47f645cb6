"""A Kafka topic as the target, without brokers."""

from types import SimpleNamespace

import pytest

from producer import log_names
from producer.positions.memory import MemoryPositions
from producer.positions.position import Position
from producer.targets.kafka import KafkaTarget

_LOGS = 4096


def position(inode: int, path: str) -> Position:
    return Position(
        device=1, inode=inode, path=path, position=4, extent=4, fingerprint=b"", size=4, ctime_ns=0, birth_ns=0,
        complete=True,
    )  # fmt: skip


def test_a_lookup_of_rotated_logs_costs_the_same_however_many_logs_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = MemoryPositions()
    for number in range(_LOGS):
        positions.add(position(2 * number, f"/{number}.log"))
        positions.add(position(2 * number + 1, f"/{number}.log.1"))
    target = KafkaTarget(SimpleNamespace(positions=positions), 1, 1000, 1000)  # type: ignore[arg-type]
    calls: list[str] = []
    family = log_names.family
    monkeypatch.setattr(log_names, "family", lambda path: calls.append(path) or family(path))

    assert target.relatives("/7.log.2.gz") == [position(14, "/7.log"), position(15, "/7.log.1")]
    assert calls == ["/7.log.2.gz"]


def test_a_renamed_file_belongs_to_the_log_that_its_new_name_names() -> None:
    positions = MemoryPositions()
    target = KafkaTarget(SimpleNamespace(positions=positions), 1, 1000, 1000)  # type: ignore[arg-type]
    positions.add(position(1, "/a.log"))
    positions.add(position(1, "/b.log.1"))

    assert target.relatives("/a.log") == []
    assert target.relatives("/b.log") == target.find(1) == [position(1, "/b.log.1")]
