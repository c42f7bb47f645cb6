"""Spark's connector to Kafka: fetched at first use, from where it is said, or given."""

from pathlib import Path

import pytest

from streaming.kafka.connector import COORDINATE, OLDER
from tests.support.broker_settings import Broker
from tests.support.processes import run

_FAILED = 1


@pytest.fixture
def source(broker: Broker, topic: str, tmp_path: Path) -> str:
    (tmp_path / "a.txt").write_bytes(b"to be or\nnot to be\n")
    address = f"kafka://{broker.servers}/{topic}"
    assert run(tmp_path / "a.txt", "--to", address, name="wordcount-producer").returncode == 0
    return address


def test_it_is_fetched_once_with_a_message_or_given_as_jars(source: str, tmp_path: Path) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    first = run("stream", source, "--once", "--top", "1", env=env)
    assert (first.returncode, first.stdout) == (0, "be: 2\n"), first.stderr
    jars = sorted((tmp_path / "cache").rglob("*.jar"))
    messages = f"wordcount: fetching Spark's connector to Kafka, {COORDINATE}, once (10 MB)\n"
    if jars[0].parent.name != COORDINATE.replace(":", "_"):
        messages += f"wordcount: {COORDINATE} is not there yet; fetching 4.2.0, which works, too\n"
    assert first.stderr == messages
    given = run(
        "stream", source, "--once", "--top", "1", "--jars", ",".join(map(str, jars)),
        env={"XDG_CACHE_HOME": str(tmp_path / "empty")},
    )  # fmt: skip
    assert (given.returncode, given.stdout, given.stderr) == (0, "be: 2\n", "")


def test_a_connector_that_cannot_be_fetched_is_reported_with_what_to_set(source: str, tmp_path: Path) -> None:
    (tmp_path / "ivy.xml").write_text(
        '<ivysettings><settings defaultResolver="none"/><resolvers>'
        '<filesystem name="none"><artifact pattern="/nowhere/[artifact].[ext]"/></filesystem></resolvers></ivysettings>'
    )
    result = run(
        "stream", source, "--once", "--conf", f"spark.jars.ivySettings={tmp_path}/ivy.xml",
        env={"XDG_CACHE_HOME": str(tmp_path / "cache")},
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (_FAILED, "")
    assert f"{COORDINATE} is not there yet" in result.stderr
    for part in (OLDER, "cannot be fetched", "--conf spark.jars.repositories=URL", "--jars"):
        assert part in result.stderr.splitlines()[-1]
