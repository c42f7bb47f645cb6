"""A broker for a row, and the jars with which Spark reads it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.processes import Bench, say
from streaming.kafka.connector import connector
from streaming.spark.java import find_java
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import make_certificates


@contextmanager
def running_broker(bench: Bench) -> Iterator[ProcessBroker]:
    """Start a broker that keeps its data in the folder of the bench, and end it with the block."""
    folder = bench.folder / "broker"
    folder.mkdir()
    broker = ProcessBroker(folder, make_certificates(folder / "certificates"))
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


def connector_jars() -> str:
    """Return Spark's connector to Kafka for ``--jars``, as the cache of the started commands is empty."""
    return ",".join(map(str, connector(find_java(os.environ), None, {}, say)))
