"""A position that is removed from the position topic is not known to the next producer either."""

from contextlib import closing
from pathlib import Path

from producer.follower import Follower, FollowerOptions
from producer.kafka.address import kafka_endpoint
from producer.kafka.client_config import Client
from producer.kafka.topic_options import TopicOptions
from producer.positions.position import Forgotten, PositionUpdate
from producer.targets.kafka import KafkaTarget
from tests.support.broker_settings import Broker
from tests.support.processes import PATIENCE
from tests.support.topics import lines_in


def test_it_publishes_a_file_again_whose_position_is_removed(broker: Broker, topic: str, tmp_path: Path) -> None:
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for file in files:
        file.write_text(f"{file.name}\n")
    with target(broker, topic) as first:
        Follower([str(tmp_path)], first, FollowerOptions(settle=0), warn=print).poll()
        (position,) = first.find(files[0].stat().st_ino)
        first.publish([], PositionUpdate(forgotten=(Forgotten(position.key),)))
        first.flush()
        assert first.find(position.inode) == []
    with target(broker, topic) as second:
        assert second.find(position.inode) == []
        Follower([str(tmp_path)], second, FollowerOptions(settle=0), warn=print).poll()

    assert lines_in(broker.servers, topic) == {b"a.txt": 2, b"b.txt": 1}


def target(broker: Broker, topic: str) -> closing[KafkaTarget]:
    options = TopicOptions(
        name="n", lines_per_record=1, partitions=None, replication=None, patience=PATIENCE, kafka_config=None
    )
    endpoint = kafka_endpoint(f"kafka://{broker.servers}/{topic}")
    return closing(KafkaTarget.open(endpoint, Client({}, {}, {}), options, print))
