"""``python -m benchmarks.steady SERVERS TOPIC FILE SECONDS``: send lines at a steady rate, some with a mark.

A mark is a word that no other line has, and says when it was sent: by the clock that all processes of a machine share.
"""

import sys
import time
from itertools import cycle
from pathlib import Path
from random import Random

from kafka import KafkaProducer

RATE = 1000  #: lines a second
MARKS = 10  #: of them marked
PREFIX = "sent:"  #: what a mark begins with; what follows is the time in nanoseconds
_SEED = 20261123


def main() -> None:
    """Send the lines, each when it is due."""
    servers, topic, file, seconds = sys.argv[1:]
    random = Random(_SEED)
    lines = cycle(Path(file).read_bytes().splitlines())
    producer = KafkaProducer(bootstrap_servers=servers, allow_auto_create_topics=False)
    producer.partitions_for(topic)  # which asks the broker, once, for what the first line would else wait for
    apart = RATE // MARKS
    started_at = time.monotonic()
    for number in range(int(seconds) * RATE):
        if number % apart == 0:
            marked = number + random.randrange(apart)  # in no step with the batches
        line = next(lines)
        time.sleep(max(0.0, started_at + number / RATE - time.monotonic()))
        if number == marked:
            line += f" {PREFIX}{time.monotonic_ns()}".encode()
        producer.send(topic, line)
    producer.flush()
    producer.close()


if __name__ == "__main__":
    main()
