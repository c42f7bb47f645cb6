"""The commands with a broker, and what tests do at the broker themselves."""

import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from kafka import KafkaAdminClient, KafkaProducer

from tests.support.broker_settings import Broker
from tests.support.processes import run, wait_until
from tests.support.reference import parsed
from tests.support.topics import make_topic
from tests.support.warm import run_warm


def produce(broker: Broker, topic: str, *arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the producer to its end."""
    return run(*arguments, "--to", f"kafka://{broker.servers}/{topic}", name="wordcount-producer", **options)  # type: ignore[arg-type]


def send(broker: Broker, topic: str, records: Iterable[bytes], partitions: int = 1) -> None:
    """Send records as any producer may, without a transaction."""
    producer = KafkaProducer(bootstrap_servers=broker.servers, allow_auto_create_topics=False)
    sent = [producer.send(topic, record, partition=n % partitions) for n, record in enumerate(records)]
    producer.flush()
    assert all(future.succeeded() for future in sent)
    producer.close()


def publish(broker: Broker, topic: str, *arguments: str | Path) -> None:
    """Publish lines to a topic with the producer."""
    result = produce(broker, topic, *arguments)
    assert result.returncode == 0, result.stderr


def counted(broker: Broker, topic: str, *arguments: str | Path) -> dict[str, int]:
    """Return the counts of a topic that ``stream --once`` prints."""
    result = run_warm("stream", f"kafka://{broker.servers}/{topic}", "--once", *arguments)
    assert result.returncode == 0, result.stderr
    return parsed(result.stdout.splitlines())


def delete_topic(broker: Broker, topic: str) -> None:
    """Delete a topic."""
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    admin.delete_topics([topic])
    admin.close()


def recreate_topic(broker: Broker, topic: str) -> None:
    """Delete a topic and create another one of the same name."""
    delete_topic(broker, topic)
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    wait_until(lambda: admin.describe_topics([topic])[0]["error_code"] != 0, "the topic to be gone")
    admin.close()
    make_topic(broker.servers, topic)


def numbered(path: Path, count: int) -> Counter[bytes]:
    """Write lines, each another, and return how often each is to arrive."""
    lines = [b"line %d of %s" % (number, path.name.encode()) for number in range(count)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return Counter(lines)
