"""``python -m benchmarks.steady SERVERS TOPIC FILE SECONDS``: send lines at a steady rate, some of them with a mark.

A mark is a word that no other line has. It is the time when it was sent, by the clock that all processes share.
"""

import sys
import time
from itertools import cycle
from pathlib import Path
from random import Random

from kafka import KafkaProducer

RATE = 1000  #: lines per second
MARKS = 10  #: marked lines per second
PREFIX = "sent:"  #: the beginning of a mark; the time in nanoseconds follows
_SEED = 20261123


def main() -> None:
    """Send the lines, each when it is due."""
    servers, topic, file, seconds = sys.argv[1:]
    random = Random(_SEED)
    lines = cycle(Path(file).read_bytes().splitlines())
    producer = KafkaProducer(bootstrap_servers=servers, allow_auto_create_topics=False)
    producer.partitions_for(topic)  # fetches the metadata now; the first line would wait for it
    lines_per_mark = RATE // MARKS
    started_at = time.monotonic()
    for number in range(int(seconds) * RATE):
        if number % lines_per_mark == 0:
            marked = number + random.randrange(lines_per_mark)  # out of step with the batches
        line = next(lines)
        time.sleep(max(0.0, started_at + number / RATE - time.monotonic()))
        if number == marked:
            line += f" {PREFIX}{time.monotonic_ns()}".encode()
        producer.send(topic, line)
    producer.flush()
    producer.close()


if __name__ == "__main__":
    main()
