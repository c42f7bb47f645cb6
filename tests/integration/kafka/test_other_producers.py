"""Producers whose names differ though they read the same files: nothing is published twice without a word."""

import shutil
import socket
from collections.abc import Iterable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from producer.positions.position import Position
from producer.targets.other_producers import OtherProducers
from tests.support.broker_settings import Broker
from tests.support.in_process import InProcess
from tests.support.kafka_commands import delete_topic, numbered, produce
from tests.support.refusals import assert_refused
from tests.support.topics import lines_in, make_topic

FAILED = 1


@pytest.fixture
def produce_on(broker: Broker, topic: str, in_process: InProcess, monkeypatch: pytest.MonkeyPatch):
    def produce(host: str, *arguments: str | Path) -> CompletedProcess[str]:
        monkeypatch.setattr(socket, "gethostname", lambda: host)
        return in_process(*arguments, "--to", f"kafka://{broker.servers}/{topic}", name="wordcount-producer")

    return produce


def test_a_renamed_machine_is_told_its_former_name(broker: Broker, topic: str, tmp_path: Path, produce_on) -> None:
    expected = numbered(tmp_path / "a.txt", 10)
    assert produce_on("box-a.example.org", tmp_path / "a.txt").returncode == 0
    expected += numbered(tmp_path / "b.txt", 10)
    refused = produce_on("box-b", tmp_path)
    assert_refused(
        refused, f"{tmp_path}/a.txt was published to {topic}", "give --name box-a.example.org to continue it"
    )
    continued = produce_on("box-b", tmp_path, "--name", "box-a.example.org")
    assert (continued.returncode, continued.stderr) == (0, "")
    assert lines_in(broker.servers, topic) == expected


def test_a_name_given_publishes_the_lines_again_with_a_warning(
    broker: Broker, topic: str, tmp_path: Path, produce_on
) -> None:
    expected = numbered(tmp_path / "a.txt", 10)
    assert produce_on("box-a", tmp_path / "a.txt").returncode == 0
    again = produce_on("box-a", tmp_path / "a.txt", "--name", "other")
    assert again.returncode == 0
    assert again.stderr.count("\n") == 1
    assert "was published to" in again.stderr
    assert "by the producer 'box-a' too, so its lines are there twice" in again.stderr
    assert produce_on("box-a", tmp_path / "a.txt", "--name", "other").stderr == ""
    assert lines_in(broker.servers, topic) == expected + expected


def test_a_copy_on_another_machine_is_reported(broker: Broker, topic: str, tmp_path: Path, produce_on) -> None:
    expected = numbered(tmp_path / "a.txt", 10)
    assert produce_on("box-a", tmp_path / "a.txt").returncode == 0
    shutil.copy(tmp_path / "a.txt", tmp_path / "copy")  # another inode under the same path, as in another container
    (tmp_path / "copy").rename(tmp_path / "a.txt")
    result = produce_on("box-b", tmp_path / "a.txt")
    assert result.returncode == 0
    assert "by the producer 'box-a' too" in result.stderr
    assert lines_in(broker.servers, topic) == expected + expected


def test_other_files_and_topics_of_former_days_are_no_reason(
    broker: Broker, topic: str, tmp_path: Path, produce_on
) -> None:
    numbered(tmp_path / "a.txt", 10)
    assert produce_on("box-a", tmp_path / "a.txt").returncode == 0
    delete_topic(broker, topic)
    make_topic(broker.servers, topic)
    expected = numbered(tmp_path / "b.txt", 10)
    for host, name in (("box-b", "b.txt"), ("box-c", "a.txt")):
        result = produce_on(host, tmp_path / name)
        assert (result.returncode, result.stderr) == (0, "")
    assert lines_in(broker.servers, topic) == expected + numbered(tmp_path / "a.txt", 10)


def test_a_producer_that_begins_at_the_same_moment_is_reported(
    broker: Broker, topic: str, tmp_path: Path, produce_on, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = numbered(tmp_path / "a.txt", 10)
    first_look = OtherProducers.check

    def look_and_let_another_publish(others: OtherProducers, positions: Iterable[Position]) -> None:
        first_look(others, positions)
        assert produce(broker, topic, tmp_path / "a.txt", "--name", "box-a").stderr == ""

    monkeypatch.setattr(OtherProducers, "check", look_and_let_another_publish)
    result = produce_on("box-b", tmp_path / "a.txt")
    assert result.returncode == 0
    assert "by the producer 'box-a' too, so its lines are there twice" in result.stderr
    assert lines_in(broker.servers, topic) == expected + expected
